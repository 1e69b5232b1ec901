#include "daemon/store/reviews.hpp"

#include "daemon/store/internal/account_ranges.hpp"
#include "daemon/store/internal/implementation.hpp"
#include "daemon/store/internal/next_id.hpp"
#include "scoring/base/assert.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace reviewd::store {
namespace {

constexpr std::array<std::string_view, 7> review_state_names{
    "planned", "invited", "appointment", "done", "missed", "skipped", "cancelled"};

constexpr std::string_view review_columns =
    "SELECT r.id, r.account_id, r.owner_id, r.state, r.occurrence, r.version, r.kind, r.earliest,"
    " r.target, r.due, r.latest, r.level, r.cadence, r.reasons, r.next_step, r.created_ms,"
    " r.held_on, r.closed_at_ms, r.appointment_ms, r.note, r.quiet_until,"
    " r.is_chosen, r.pulled_from FROM reviews AS r ";

// The partial indexes serve a query that repeats their condition.
constexpr std::string_view is_open_now =
    "(r.state IN ('planned', 'invited') OR r.state = 'appointment')";

/// Of more accounts nobody asks which they were.
constexpr std::size_t most_noted = 20'000;

void note_written(Connection& connection, AccountId account) {
    std::set<AccountId>& noted = connection.implementation().reviewed;
    if (noted.size() < most_noted) {
        noted.insert(account);
    }
}

std::string select_review(std::string_view rest) {
    return std::string{review_columns}
           + fmt::format(fmt::runtime(rest), fmt::arg("open", is_open_now));
}

Review read_review(const Query& query) {
    Review review;
    review.id = query->id<ReviewId>(0);
    review.account = query->id<AccountId>(1);
    review.owner = query->id<PersonId>(2);
    review.state = find_review_state(query->text_view(3)).value();
    review.occurrence = query->small_integer(4);
    review.version = query->small_integer(5);
    review.kind = query->text(6);
    review.earliest = query->date(7);
    review.target = query->date(8);
    review.due = query->date(9);
    review.latest = query->date(10);
    review.level = query->text(11);
    review.cadence = query->text(12);
    review.reasons = query->text(13);
    review.next_step = query->optional_date(14);
    review.created = query->time(15);
    review.held_on = query->optional_date(16);
    review.closed_at = query->optional_time(17);
    review.appointment = query->optional_time(18);
    review.note = query->text(19);
    review.quiet_until = query->optional_date(20);
    review.is_chosen = query->boolean(21);
    review.pulled_from = query->optional_date(22);
    return review;
}

std::vector<Review> read_all(Query& query) {
    std::vector<Review> reviews;
    while (query.step()) {
        reviews.push_back(read_review(query));
    }
    return reviews;
}

/// @param sql select_review() with ?1
std::vector<Review> read_of(Connection& connection, const std::string& sql, PersonId owner) {
    Query query{connection, sql};
    query.bind(owner);
    return read_all(query);
}

/// Parameters ?2 … ?22 of insert and update.
void bind_members(Query& query, const Review& review) {
    const std::string reasons = review.reasons.empty() ? "[]" : review.reasons;
    int index = 1;
    query->bind(++index, review.owner);
    query->bind(++index, name(review.state));
    query->bind(++index, review.occurrence);
    query->bind(++index, review.version);
    query->bind(++index, review.kind);
    query->bind(++index, review.earliest);
    query->bind(++index, review.target);
    query->bind(++index, review.due);
    query->bind(++index, review.latest);
    query->bind(++index, review.level);
    query->bind(++index, review.cadence);
    query->bind(++index, reasons);
    query->bind(++index, review.next_step);
    query->bind(++index, review.created);
    query->bind(++index, review.held_on);
    query->bind(++index, review.closed_at);
    query->bind(++index, review.appointment);
    query->bind(++index, review.note);
    query->bind(++index, review.quiet_until);
    query->bind(++index, review.is_chosen);
    query->bind(++index, review.pulled_from);
}

constexpr std::string_view update_members =
    "UPDATE reviews SET owner_id = ?2, state = ?3, occurrence = ?4, version = ?5 + 1, kind = ?6,"
    " earliest = ?7, target = ?8, due = ?9, latest = ?10, level = ?11, cadence = ?12,"
    " reasons = ?13, next_step = ?14, created_ms = ?15, held_on = ?16, closed_at_ms = ?17,"
    " appointment_ms = ?18, note = ?19, quiet_until = ?20,"
    " is_chosen = ?21, pulled_from = ?22 WHERE id = ?1";

/// Of a review that stays with its owner, in its state and on its day: what else stands in indexes
/// is not touched, which is most of what a write costs.
constexpr std::string_view update_in_place =
    "UPDATE reviews SET occurrence = ?3, version = ?4 + 1, kind = ?5, earliest = ?6, target = ?7,"
    " level = ?8, cadence = ?9, reasons = ?10, next_step = ?11, appointment_ms = ?12, note = ?13,"
    " quiet_until = ?14, is_chosen = ?15, pulled_from = ?19 WHERE id = ?1 AND version = ?4"
    " AND (owner_id, state, due, latest) IS (?2, ?16, ?17, ?18)"
    " AND (state IN ('planned', 'invited') OR state = 'appointment')";

/// @returns whether the review was one that such an update does for
bool try_in_place(Connection& connection, const Review& review) {
    Query query{connection, update_in_place};
    const std::string reasons = review.reasons.empty() ? "[]" : review.reasons;
    query.bind(
        review.id,
        review.owner,
        review.occurrence,
        review.version,
        review.kind,
        review.earliest,
        review.target,
        review.level,
        review.cadence,
        reasons,
        review.next_step,
        review.appointment,
        review.note,
        review.quiet_until,
        review.is_chosen,
        name(review.state),
        review.due,
        review.latest,
        review.pulled_from
    );
    return query.run() == 1;
}

Error explain_refusal(Reviews& reviews, const Review& wanted) {
    const std::optional<Review> kept = reviews.find(wanted.id);
    if (!kept) {
        return fail(ErrorCode::not_found, fmt::format("there is no review {}", wanted.id.value));
    }
    if (kept->version != wanted.version) {
        return fail(
            ErrorCode::conflict,
            fmt::format(
                "review {} was changed meanwhile (version {}, expected {}); look again",
                wanted.id.value,
                kept->version,
                wanted.version
            )
        );
    }
    return fail(
        ErrorCode::conflict,
        fmt::format("review {} is {} already", wanted.id.value, name(kept->state))
    );
}

} // namespace

bool is_open(ReviewState state) noexcept {
    return state == ReviewState::planned || state == ReviewState::invited
           || state == ReviewState::appointment;
}

std::string_view name(ReviewState state) noexcept {
    return review_state_names[static_cast<std::size_t>(state)];
}

std::optional<ReviewState> find_review_state(std::string_view text) noexcept {
    for (std::size_t index = 0; index < review_state_names.size(); ++index) {
        if (review_state_names[index] == text) {
            return static_cast<ReviewState>(index);
        }
    }
    return std::nullopt;
}

std::optional<Review> Reviews::find(ReviewId id) {
    static const std::string sql = select_review("WHERE r.id = ?1");
    Query query{connection_, sql};
    query.bind(id);
    return query.step() ? std::optional{read_review(query)} : std::nullopt;
}

std::optional<Review> Reviews::open_of(AccountId account) {
    static const std::string sql = select_review("WHERE r.account_id = ?1 AND {open}");
    Query query{connection_, sql};
    query.bind(account);
    return query.step() ? std::optional{read_review(query)} : std::nullopt;
}

std::vector<Review> Reviews::open_of(std::span<const AccountId> accounts) {
    std::vector<Review> reviews;
    reviews.reserve(accounts.size());
    static const std::string sql =
        select_review("INDEXED BY reviews_open WHERE r.account_id BETWEEN ?1 AND ?2 AND {open}"
                      " ORDER BY r.account_id");
    read_account_ranges(accounts, [&](AccountId first, AccountId last) {
        Query query{connection_, sql};
        query.bind(first, last);
        while (query.step()) {
            const auto account = query->id<AccountId>(1);
            if (std::binary_search(accounts.begin(), accounts.end(), account)) {
                reviews.push_back(read_review(query));
            }
        }
    });
    return reviews;
}

std::vector<DaysHeld> Reviews::days_held(std::span<const AccountId> accounts) {
    std::vector<DaysHeld> held;
    const auto read = [&](AccountId first, AccountId last) {
        Query query{
            connection_,
            "SELECT account_id, held_on FROM reviews INDEXED BY reviews_done"
            " WHERE account_id BETWEEN ?1 AND ?2"
            " AND state = 'done' ORDER BY account_id, held_on"};
        query.bind(first, last);
        while (query.step()) {
            const auto account = query->id<AccountId>(0);
            if (!std::binary_search(accounts.begin(), accounts.end(), account)) {
                continue;
            }
            if (held.empty() || held.back().account != account) {
                held.push_back({account, {}});
            }
            held.back().days.push_back(query->date(1));
        }
    };
    read_account_ranges(accounts, read);
    return held;
}

std::vector<Review> Reviews::list(const ReviewFilter& filter) {
    // One statement for each combination: a parameter in the place of a condition would hide the
    // indexes from SQLite.
    std::string conditions = "WHERE 1 = 1";
    if (filter.which == ReviewFilter::Which::open) {
        conditions += " AND {open}";
    } else if (filter.which == ReviewFilter::Which::closed) {
        conditions += " AND NOT {open}";
    }
    if (filter.owner) {
        conditions += " AND r.owner_id IS ?3";
    }
    if (filter.account) {
        conditions += " AND r.account_id = ?4";
    }
    if (filter.due_until) {
        conditions += " AND r.due <= ?5";
    }
    const std::string sql = select_review(conditions + " ORDER BY r.due, r.id LIMIT ?6");
    Query query{connection_, sql};

    if (filter.owner) {
        query->bind(3, *filter.owner);
    }
    if (filter.account) {
        query->bind(4, *filter.account);
    }
    if (filter.due_until) {
        query->bind(5, *filter.due_until);
    }
    query->bind(6, filter.limit);
    return read_all(query);
}

std::vector<PlannedReview> Reviews::planned_of(PersonId owner) {
    static const std::string sql = fmt::format(
        "SELECT r.id, r.account_id, r.state, r.earliest, r.target, r.due, r.latest, r.level,"
        " r.is_chosen, coalesce(s.points, 0) FROM reviews AS r INDEXED BY reviews_by_owner"
        " LEFT JOIN account_scores AS s ON s.account_id = r.account_id"
        " WHERE r.owner_id IS ?1 AND {} ORDER BY r.due, r.id",
        is_open_now
    );
    std::vector<PlannedReview> reviews;
    Query query{connection_, sql};
    query.bind(owner);
    while (query.step()) {
        reviews.push_back(
            {query->id<ReviewId>(0),
             query->id<AccountId>(1),
             find_review_state(query->text_view(2)).value(),
             query->date(3),
             query->date(4),
             query->date(5),
             query->date(6),
             query->text(7),
             query->boolean(8),
             query->integer(9)}
        );
    }
    return reviews;
}

std::vector<Date> Reviews::due_days(PersonId owner, Date first, Date today) {
    // The index tells it but for what was due before today.
    static const std::string sql = fmt::format(
        "SELECT r.due FROM reviews AS r INDEXED BY reviews_by_owner WHERE r.owner_id IS ?1"
        " AND r.due >= ?2 AND (r.due >= ?3 OR r.earliest > r.due) AND {}",
        is_open_now
    );
    std::vector<Date> days;
    Query query{connection_, sql};
    query.bind(owner, first, today);
    while (query.step()) {
        days.push_back(query->date(0));
    }
    return days;
}

std::vector<Reviews::DueDay> Reviews::due_days_until(std::optional<PersonId> owner, Date until) {
    const std::string sql = fmt::format(
        "SELECT r.id, r.owner_id, r.due FROM reviews AS r INDEXED BY reviews_by_owner"
        " WHERE {} AND r.due <= ?1{} ORDER BY r.due, r.id",
        is_open_now,
        owner ? " AND r.owner_id IS ?2" : ""
    );
    std::vector<DueDay> days;
    Query query{connection_, sql};
    query->bind(1, until);
    if (owner) {
        query->bind(2, *owner);
    }
    while (query.step()) {
        days.push_back({query->id<ReviewId>(0), query->id<PersonId>(1), query->date(2)});
    }
    return days;
}

std::vector<ReviewId> Reviews::open_ids(PersonId owner, const DueDays& due) {
    static const std::string sql = fmt::format(
        "SELECT r.id FROM reviews AS r INDEXED BY reviews_by_owner"
        " WHERE r.owner_id IS ?1 AND {} AND r.due BETWEEN ?2 AND ?3"
        " AND (?5 IS NULL OR r.quiet_until IS NULL OR r.quiet_until <= ?5)"
        " ORDER BY r.due, r.id LIMIT ?4",
        is_open_now
    );
    Query query{connection_, sql};
    query.bind(owner, due.from, due.until, ReviewFilter{}.limit, due.told_on);
    std::vector<ReviewId> ids;
    while (query.step()) {
        ids.push_back(query->id<ReviewId>(0));
    }
    return ids;
}

std::optional<TimePoint> Reviews::last_missed_at(AccountId account) {
    Query query{
        connection_,
        "SELECT max(closed_at_ms) FROM reviews INDEXED BY reviews_by_account"
        " WHERE account_id = ?1 AND state = 'missed'"};
    query.bind(account);
    return query.step() ? query->optional_time(0) : std::nullopt;
}

std::optional<Date> Reviews::last_held_on(AccountId account) {
    Query query{
        connection_,
        "SELECT max(held_on) FROM reviews INDEXED BY reviews_done"
        " WHERE account_id = ?1 AND state = 'done'"};
    query.bind(account);
    return query.step() ? query->optional_date(0) : std::nullopt;
}

std::optional<Review> Reviews::last_held(AccountId account) {
    static const std::string sql = select_review(
        "INDEXED BY reviews_done"
        " WHERE r.account_id = ?1 AND r.state = 'done' ORDER BY r.held_on DESC, r.id DESC LIMIT 1"
    );
    Query query{connection_, sql};
    query.bind(account);
    return query.step() ? std::optional{read_review(query)} : std::nullopt;
}

std::vector<Reviews::StepDay> Reviews::step_days(
    Date until, int limit, Date after_day, ReviewId after
) {
    // The rest of the day, then the days after it: one comparison of both would begin at the day's
    // first review for each page, and a million may be due on one day.
    static const std::string sql = fmt::format(
        "SELECT r.id, r.owner_id, r.next_step FROM reviews AS r INDEXED BY reviews_by_step WHERE {}"
        " AND r.next_step IS NOT NULL AND ",
        is_open_now
    );
    static const std::string same_day =
        sql + "r.next_step = ?1 AND r.id > ?2 ORDER BY r.id LIMIT ?3";
    static const std::string later =
        sql + "r.next_step > ?1 AND r.next_step <= ?2 ORDER BY r.next_step, r.id LIMIT ?3";
    std::vector<StepDay> days;
    const auto read = [&days](Query& query) {
        while (query.step()) {
            days.push_back({query->id<ReviewId>(0), query->id<PersonId>(1), query->date(2)});
        }
    };
    if (after_day <= until) {
        Query query{connection_, same_day};
        query.bind(after_day, after.value, limit);
        read(query);
    }
    const int left = limit - static_cast<int>(days.size());
    if (left > 0) {
        Query query{connection_, later};
        query.bind(after_day, until, left);
        read(query);
    }
    return days;
}

std::optional<Date> Reviews::earliest_step() {
    static const std::string sql = fmt::format(
        "SELECT min(r.next_step) FROM reviews AS r INDEXED BY reviews_by_step WHERE {}"
        " AND r.next_step IS NOT NULL",
        is_open_now
    );
    Query query{connection_, sql};
    return query.step() ? query->optional_date(0) : std::nullopt;
}

std::vector<AccountId> Reviews::accounts_without_review(AccountId after, int limit) {
    static const std::string sql = fmt::format(
        "SELECT a.id FROM accounts AS a CROSS JOIN sources AS s ON s.id = a.source_id"
        " AND a.generation <= s.generation WHERE a.id > ?1 AND a.retired IS NULL AND NOT EXISTS"
        " (SELECT 1 FROM reviews AS r WHERE r.account_id = a.id AND {}) ORDER BY a.id LIMIT ?2",
        is_open_now
    );
    std::vector<AccountId> accounts;
    Query query{connection_, sql};
    query.bind(after.value, limit);
    while (query.step()) {
        accounts.push_back(query->id<AccountId>(0));
    }
    return accounts;
}

std::optional<AccountId> Reviews::last_account_with_open() {
    static const std::string sql = fmt::format(
        "SELECT r.account_id FROM reviews AS r INDEXED BY reviews_open WHERE {}"
        " ORDER BY r.account_id DESC LIMIT 1",
        is_open_now
    );
    Query query{connection_, sql};
    return query.step() ? std::optional{query->id<AccountId>(0)} : std::nullopt;
}

std::vector<Review> Reviews::of_inactive_accounts(const AccountRange& range, int limit) {
    static const std::string sql =
        select_review("INDEXED BY reviews_open CROSS JOIN accounts AS a ON a.id = r.account_id"
                      " WHERE r.account_id > ?1 AND r.account_id <= ?2 AND {open}"
                      " AND a.retired IS NOT NULL ORDER BY r.account_id LIMIT ?3");
    Query query{connection_, sql};
    query.bind(range.after.value, range.until.value, limit);
    return read_all(query);
}

std::vector<Review> Reviews::with_former_owner(const AccountRange& range, int limit) {
    static const std::string sql =
        select_review("INDEXED BY reviews_open CROSS JOIN accounts AS a ON a.id = r.account_id"
                      " WHERE r.account_id > ?1 AND r.account_id <= ?2 AND {open}"
                      " AND a.owner_id IS NOT r.owner_id ORDER BY r.account_id LIMIT ?3");
    Query query{connection_, sql};
    query.bind(range.after.value, range.until.value, limit);
    return read_all(query);
}

std::vector<Review> Reviews::appointed(PersonId owner) {
    static const std::string sql =
        select_review("WHERE {open} AND r.owner_id IS ?1 AND r.state = 'appointment'"
                      " AND r.appointment_ms IS NOT NULL ORDER BY r.id");
    return read_of(connection_, sql, owner);
}

std::vector<Review> Reviews::beyond_latest() {
    static const std::string sql =
        select_review("WHERE {open} AND r.due > r.latest ORDER BY r.owner_id, r.due, r.id");
    Query query{connection_, sql};
    return read_all(query);
}

std::vector<Review> Reviews::beyond_latest_of(PersonId owner) {
    static const std::string sql =
        select_review("WHERE {open} AND r.due > r.latest AND r.owner_id IS ?1 ORDER BY r.due, r.id"
        );
    return read_of(connection_, sql, owner);
}

std::vector<Review> Reviews::with_reasons(PersonId owner) {
    static const std::string sql =
        select_review("WHERE {open} AND r.owner_id IS ?1 AND r.reasons <> '[]' ORDER BY r.due, r.id"
        );
    return read_of(connection_, sql, owner);
}

std::vector<DayLoad> Reviews::load(Date first, Date last) {
    static const std::string sql = fmt::format(
        "SELECT r.owner_id, r.due, count(*) FROM reviews AS r WHERE {}"
        " AND r.due BETWEEN ?1 AND ?2 GROUP BY r.owner_id, r.due",
        is_open_now
    );
    std::vector<DayLoad> loads;
    Query query{connection_, sql};
    query.bind(first, last);
    while (query.step()) {
        loads.push_back({query->id<PersonId>(0), query->date(1), query->small_integer(2)});
    }
    return loads;
}

Result<ReviewId> Reviews::insert(const Review& review) {
    require_transaction(connection_);
    if (is_open(review.state) && open_of(review.account)) {
        return fail(
            ErrorCode::conflict,
            fmt::format("account {} has an open review already", review.account.value)
        );
    }
    static const std::string sql =
        "INSERT INTO reviews (account_id, owner_id, state, occurrence, version, kind, earliest,"
        " target, due, latest, level, cadence, reasons, next_step, created_ms, held_on,"
        " closed_at_ms, appointment_ms, note, quiet_until, is_chosen, pulled_from, id) VALUES (?1, ?2,"
        " ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22,"
        " "
        + next_id("reviews") + ")";
    Query query{connection_, sql};
    query->bind(1, review.account);
    bind_members(query, review);
    const ReviewId made{query.insert()};
    note_written(connection_, review.account);
    return made;
}

std::optional<std::set<AccountId>> Reviews::take_written() {
    std::set<AccountId> written = std::exchange(connection_.implementation().reviewed, {});
    return written.size() < most_noted ? std::optional{std::move(written)} : std::nullopt;
}

Result<void> Reviews::update(const Review& review) {
    require_transaction(connection_);
    if (is_open(review.state) && try_in_place(connection_, review)) {
        note_written(connection_, review.account);
        return {};
    }
    static const std::string sql =
        std::string{update_members}
        + " AND version = ?5"
          " AND (state IN ('planned', 'invited') OR state = 'appointment')";
    Query query{connection_, sql};
    query->bind(1, review.id);
    bind_members(query, review);
    if (query.run() == 0) {
        return explain_refusal(*this, review);
    }
    note_written(connection_, review.account);
    return {};
}

std::vector<Reviews::Moment> Reviews::appointment_moments() {
    std::vector<Moment> moments;
    Query query{
        connection_,
        "SELECT id, owner_id, due, appointment_ms FROM reviews"
        " WHERE appointment_ms IS NOT NULL"};
    while (query.step()) {
        moments.push_back(
            {query->id<ReviewId>(0),
             query->id<PersonId>(1),
             query->date(2),
             query->optional_time(3).value()}
        );
    }
    return moments;
}

void Reviews::forget_moment(ReviewId review) {
    require_transaction(connection_);
    Query query{connection_, "UPDATE reviews SET appointment_ms = NULL WHERE id = ?1"};
    query->bind(1, review);
    query.run();
}

Result<void> Reviews::reopen(const Review& review) {
    require_transaction(connection_);
    REVIEWD_ASSERT(is_open(review.state));
    if (open_of(review.account)) {
        return fail(
            ErrorCode::conflict,
            fmt::format(
                "account {} has an open review; review {} cannot be opened again",
                review.account.value,
                review.id.value
            )
        );
    }
    static const std::string sql =
        std::string{update_members} + " AND version = ?5 AND account_id = ?23";
    Query query{connection_, sql};
    query->bind(1, review.id);
    bind_members(query, review);
    query->bind(23, review.account);
    if (query.run() == 0) {
        return explain_refusal(*this, review);
    }
    note_written(connection_, review.account);
    return {};
}

void Reviews::record(const ReviewEvent& event) {
    require_transaction(connection_);
    Query{
        connection_,
        "INSERT INTO review_events (review_id, at_ms, who, origin, what, details)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6)"}
        .bind(
            event.review,
            event.at,
            event.who,
            event.from,
            event.what,
            event.details.empty() ? "{}" : event.details
        )
        .run();
}

std::vector<ReviewEvent> Reviews::events(ReviewId review) {
    std::vector<ReviewEvent> events;
    Query query{
        connection_,
        "SELECT review_id, at_ms, who, origin, what, details FROM review_events"
        " WHERE review_id = ?1 ORDER BY id"};
    query.bind(review);
    while (query.step()) {
        events.push_back(
            {query->id<ReviewId>(0),
             query->time(1),
             query->text(2),
             query->text(3),
             query->text(4),
             query->text(5)}
        );
    }
    return events;
}

} // namespace reviewd::store
