// Planning, freezing and what people do. Sending and recovery are in outbox_sending.cpp.
#include "daemon/store/outbox.hpp"

#include "daemon/store/internal/delivery_rows.hpp"
#include "daemon/store/internal/implementation.hpp"
#include "scoring/base/assert.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <set>
#include <string>
#include <utility>

namespace reviewd::store {
namespace {

struct KnownReminder {
    ReminderId id; ///< none: not known yet
    bool is_cancelled = false;
};

KnownReminder find_reminder(Database& database, const std::string& key) {
    Query query{database, "SELECT id, is_cancelled FROM reminders WHERE key = ?1"};
    query.bind(key);
    return query.step() ? KnownReminder{query->id<ReminderId>(0), query->boolean(1)}
                        : KnownReminder{};
}

void add_reminder(
    Database& database, const ReminderPlan& reminder, const std::string& key, DeliveryId delivery
) {
    const ReminderKey& parts = reminder.key;
    Query{
        database,
        "INSERT INTO reminders (key, review_id, occurrence, step, repeat, person_id, channel, day,"
        " delivery_id) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"}
        .bind(
            key,
            parts.review,
            parts.occurrence,
            parts.step,
            parts.repeat,
            parts.person.value,
            parts.channel,
            reminder.day,
            delivery
        )
        .run();
}

void revive_reminder(Database& database, ReminderId reminder, Date day, DeliveryId delivery) {
    Query{
        database, "UPDATE reminders SET is_cancelled = 0, day = ?2, delivery_id = ?3 WHERE id = ?1"}
        .bind(reminder, day, delivery)
        .run();
}

constexpr std::string_view reminder_columns =
    "SELECT id, review_id, occurrence, step, repeat, person_id, channel, day, delivery_id,"
    " is_cancelled FROM reminders WHERE ";

std::vector<Reminder> read_reminders(Query& query) {
    std::vector<Reminder> reminders;
    while (query.step()) {
        ReminderKey key{
            query->id<ReviewId>(1),
            query->small_integer(2),
            query->text(3),
            query->small_integer(4),
            query->id<PersonId>(5),
            query->text(6)};
        reminders.push_back(
            {query->id<ReminderId>(0),
             std::move(key),
             query->date(7),
             query->id<DeliveryId>(8),
             query->boolean(9)}
        );
    }
    return reminders;
}

bool has_reminders(Database& database, DeliveryId delivery) {
    Query query{
        database, "SELECT 1 FROM reminders WHERE delivery_id = ?1 AND is_cancelled = 0 LIMIT 1"};
    query.bind(delivery);
    return query.step();
}

bool was_attempted(Database& database, DeliveryId delivery) {
    // What a person sends again goes out under the key of a message that was tried.
    Query query{
        database,
        "SELECT last_attempt > 0 OR requeued_from IS NOT NULL FROM deliveries WHERE id = ?1"};
    query.bind(delivery);
    return query.step() && query->boolean(0);
}

/// After some of its reminders were cancelled.
void settle_remains(
    Database& database, DeliveryId id, Outbox::Ending ending, std::string_view reason, TimePoint now
) {
    const Delivery delivery = require_without_message(database, id).value();
    if (!has_reminders(database, id)) {
        const bool is_replaced =
            ending == Outbox::Ending::superseded && delivery.state == DeliveryState::ready;
        const DeliveryMove move{
            is_replaced ? DeliveryState::superseded : DeliveryState::cancelled, reason};
        move_delivery(database, delivery, move, now).value();
    } else if (is_frozen(database, id) && !was_attempted(database, id)) {
        unfreeze(database, delivery, now);
    } else if (is_frozen(database, id) && is_surely_unread(database, id)) {
        plan_anew(database, delivery, now);
    }
}

Result<void> require_state(
    const Delivery& delivery, std::initializer_list<DeliveryState> states, std::string_view verb
) {
    for (const DeliveryState state : states) {
        if (delivery.state == state) {
            return {};
        }
    }
    return fail(
        ErrorCode::conflict,
        fmt::format(
            "delivery {} is {} and cannot be {}", delivery.id.value, name(delivery.state), verb
        )
    );
}

Result<DeliveryId> requeue(
    Database& database, const Delivery& old, std::optional<TimePoint> expires_at, TimePoint now
) {
    Query again{database, "SELECT id FROM deliveries WHERE requeued_from = ?1"};
    again.bind(old.id);
    if (again.step()) {
        return fail(
            ErrorCode::conflict,
            fmt::format(
                "delivery {} was retried already, as delivery {}", old.id.value, again->integer(0)
            )
        );
    }
    // Receivers know the message by its key and drop what they have: the key goes where it goes.
    Query{database, "UPDATE deliveries SET key = key || '-' || id WHERE id = ?1"}.bind(old.id).run(
    );
    Query insert{
        database,
        "INSERT INTO deliveries (key, channel, person_id, digest, state, not_before_ms,"
        " expires_at_ms, next_at_ms, is_frozen, reason, created_ms, changed_ms, requeued_from,"
        " kind, content)"
        " SELECT ?4, channel, person_id, '', iif(is_frozen, 'ready',"
        " 'planned'), ?2, ?3, iif(is_frozen, ?2, NULL), is_frozen, 'retried by hand', ?2, ?2, id,"
        " kind, content FROM deliveries WHERE id = ?1 RETURNING id"};
    insert.bind(old.id, now, expires_at, old.key);
    REVIEWD_ASSERT(insert.step());
    const auto made = insert->id<DeliveryId>(0);
    insert.reset();
    Query{
        database,
        "INSERT INTO messages SELECT ?2, address, recipient_name, language, subject, body_text,"
        " html, payload, message_id, thread_id, date_ms, calendar, links FROM messages"
        " WHERE delivery_id = ?1"}
        .bind(old.id, made)
        .run();
    Query{
        database,
        "UPDATE reminders SET delivery_id = ?2 WHERE delivery_id = ?1 AND is_cancelled = 0"}
        .bind(old.id, made)
        .run();
    return made;
}

} // namespace

std::optional<DeliveryId> Outbox::plan(
    const DeliveryPlan& plan, std::span<const ReminderPlan> reminders, TimePoint now
) {
    require_transaction(database_);
    std::optional<DeliveryId> delivery;
    for (const ReminderPlan& reminder : reminders) {
        REVIEWD_ASSERT(reminder.key.person == plan.person && reminder.key.channel == plan.channel);
        const std::string key = to_string(reminder.key);
        const KnownReminder known = find_reminder(database_, key);
        if (known.id && !known.is_cancelled) {
            continue;
        }
        if (!delivery) {
            delivery = find_or_make_delivery(database_, plan, now);
        }
        if (known.id) {
            revive_reminder(database_, known.id, reminder.day, *delivery);
        } else {
            add_reminder(database_, reminder, key, *delivery);
        }
    }
    return delivery;
}

int Outbox::cancel_review(ReviewId review, Ending ending, std::string_view reason, TimePoint now) {
    require_transaction(database_);
    std::set<DeliveryId> touched;
    std::vector<ReminderId> cancelled;
    {
        Query query{
            database_,
            "SELECT r.id, r.delivery_id FROM reminders AS r CROSS JOIN deliveries AS d"
            " ON d.id = r.delivery_id WHERE r.review_id = ?1 AND r.is_cancelled = 0"
            " AND (d.state IN ('planned', 'held') OR d.state IN ('ready', 'wait'))"};
        query.bind(review);
        while (query.step()) {
            cancelled.push_back(query->id<ReminderId>(0));
            touched.insert(query->id<DeliveryId>(1));
        }
    }
    for (const ReminderId reminder : cancelled) {
        Query{database_, "UPDATE reminders SET is_cancelled = 1 WHERE id = ?1"}.bind(reminder).run(
        );
    }
    for (const DeliveryId delivery : touched) {
        settle_remains(database_, delivery, ending, reason, now);
    }
    return static_cast<int>(cancelled.size());
}

std::vector<Delivery> Outbox::due_for_freezing(TimePoint now, std::string_view channel, int limit) {
    static const std::string sql =
        std::string{bare_delivery_columns}
        + "INDEXED BY deliveries_planned WHERE d.state = 'planned' AND d.channel = ?3"
          " AND d.not_before_ms <= ?1 ORDER BY d.not_before_ms, d.id LIMIT ?2";
    std::vector<Delivery> deliveries;
    Query query{database_, sql};
    query.bind(now, limit, channel);
    while (query.step()) {
        deliveries.push_back(read_delivery(query));
    }
    return deliveries;
}

std::vector<Reminder> Outbox::reminders(DeliveryId delivery) {
    static const std::string sql =
        std::string{reminder_columns} + "delivery_id = ?1 AND is_cancelled = 0 ORDER BY id";
    Query query{database_, sql};
    query.bind(delivery);
    return read_reminders(query);
}

std::vector<Reminder> Outbox::reminders_of(ReviewId review, int occurrence) {
    static const std::string sql =
        std::string{reminder_columns}
        + "review_id = ?1 AND is_cancelled = 0"
          " AND (occurrence = ?2 OR step IN ('trigger', 'promise', 'deadline'))";
    Query query{database_, sql};
    query.bind(review, occurrence);
    // A handful: SQLite would set up a sorter for them.
    std::vector<Reminder> reminders = read_reminders(query);
    std::sort(reminders.begin(), reminders.end(), [](const Reminder& a, const Reminder& b) {
        return std::pair{a.delivery, a.id} < std::pair{b.delivery, b.id};
    });
    return reminders;
}

Result<void> Outbox::freeze(
    DeliveryId delivery, const FrozenMessage& message, std::string_view reason, TimePoint now
) {
    require_transaction(database_);
    const int frozen =
        Query{
            database_,
            "UPDATE deliveries SET state = 'ready', is_frozen = 1, next_at_ms = not_before_ms,"
            " reason = ?3, changed_ms = ?2 WHERE id = ?1 AND state = 'planned'"}
            .bind(delivery, now, reason)
            .run();
    if (frozen == 0) {
        const Result<Delivery> kept = require_without_message(database_, delivery);
        return kept.has_error() ? kept.error()
                                : require_state(*kept, {DeliveryState::planned}, "frozen");
    }
    Query{
        database_,
        "INSERT INTO messages (delivery_id, address, recipient_name, language, subject, body_text,"
        " html, payload, message_id, thread_id, date_ms, calendar, links)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)"}
        .bind(
            delivery,
            message.address,
            message.recipient_name,
            message.language,
            message.subject,
            message.text,
            message.html,
            message.payload,
            message.message_id,
            message.thread_id,
            message.date,
            message.calendar,
            grants_text(message.links)
        )
        .run();
    return {};
}

Result<void> Outbox::give_up(DeliveryId delivery, std::string_view reason, TimePoint now) {
    require_transaction(database_);
    const Result<Delivery> kept = require_without_message(database_, delivery);
    if (kept.has_error()) {
        return kept.error();
    }
    using enum DeliveryState;
    if (Result<void> may = require_state(*kept, {planned, ready, wait}, "given up");
        may.has_error()) {
        return may;
    }
    return move_delivery(database_, *kept, {.to = expired, .reason = reason}, now);
}

std::optional<Delivery> Outbox::find(DeliveryId id) {
    Result<Delivery> delivery = require_delivery(database_, id);
    return delivery.has_value() ? std::optional{*std::move(delivery)} : std::nullopt;
}

namespace {

/// Of these there are few, however many deliveries there have been: they are found by their state.
bool is_rare(DeliveryState state) {
    return state == DeliveryState::held || state == DeliveryState::sending
           || state == DeliveryState::wait || state == DeliveryState::uncertain
           || state == DeliveryState::failed;
}

} // namespace

std::vector<Delivery> Outbox::list(const DeliveryFilter& filter) {
    const bool is_by_state = filter.state && is_rare(*filter.state) && !filter.channel;
    std::string sql{is_by_state ? every_channel : ""};
    sql +=
        "SELECT d.id, d.key, d.channel, d.person_id, d.state, d.phase,"
        " d.not_before_ms, d.expires_at_ms, d.next_at_ms, d.held_until_ms, d.reason,"
        " d.attempts, d.created_ms, d.changed_ms, d.requeued_from, d.kind, '', d.digest, NULL, NULL,"
        " (SELECT count(*) FROM delivery_attempts AS a WHERE a.delivery_id = d.id"
        " AND a.phase = 'commit' AND a.outcome IN ('uncertain', 'interrupted'))"
        " FROM deliveries AS d";
    sql += is_by_state ? " INDEXED BY deliveries_by_channel WHERE d.channel IN"
                         " (SELECT name FROM channels WHERE name IS NOT NULL) AND d.id > ?1"
                       : " WHERE d.id > ?1";
    sql += filter.state ? " AND d.state = ?3" : "";
    sql += filter.channel ? " AND d.channel = ?4" : "";
    sql += filter.person ? " AND d.person_id = ?5" : "";
    sql += filter.review ? " AND d.id IN (SELECT delivery_id FROM reminders WHERE review_id = ?6)"
                         : "";
    sql += " ORDER BY d.id LIMIT ?2";
    std::vector<Delivery> deliveries;
    Query query{database_, sql};
    query->bind(1, filter.after.value);
    query->bind(2, filter.limit);
    if (filter.state) {
        query->bind(3, name(*filter.state));
    }
    if (filter.channel) {
        query->bind(4, *filter.channel);
    }
    if (filter.person) {
        query->bind(5, filter.person->value);
    }
    if (filter.review) {
        query->bind(6, *filter.review);
    }
    while (query.step()) {
        deliveries.push_back(read_delivery(query));
        deliveries.back().uncertain = query->small_integer(20);
    }
    return deliveries;
}

std::vector<DeliveryAttempt> Outbox::attempts(DeliveryId delivery) {
    std::vector<DeliveryAttempt> attempts;
    Query query{
        database_,
        "SELECT number, phase, started_ms, ended_ms, outcome, reason, code, enhanced_code, reply"
        " FROM delivery_attempts WHERE delivery_id = ?1 ORDER BY number"};
    query.bind(delivery);
    while (query.step()) {
        attempts.push_back(DeliveryAttempt{
            query->small_integer(0),
            query->text_view(1) == name(SendPhase::begin) ? SendPhase::begin : SendPhase::commit,
            query->time(2),
            query->optional_time(3),
            query->text(4),
            query->text(5),
            query->small_integer(6),
            query->text(7),
            query->text(8)});
    }
    return attempts;
}

Result<void> Outbox::hold(
    DeliveryId delivery, std::string_view reason, std::optional<TimePoint> until, TimePoint now
) {
    const Result<Delivery> kept = require_without_message(database_, delivery);
    if (kept.has_error()) {
        return kept.error();
    }
    using enum DeliveryState;
    if (Result<void> may = require_state(*kept, {planned, ready, wait}, "held"); may.has_error()) {
        return may;
    }
    return move_delivery(
        database_, *kept, {.to = held, .reason = reason, .held_until = until}, now
    );
}

Result<void> Outbox::release(DeliveryId delivery, TimePoint now) {
    const Result<Delivery> kept = require_without_message(database_, delivery);
    if (kept.has_error()) {
        return kept.error();
    }
    using enum DeliveryState;
    if (Result<void> may = require_state(*kept, {held}, "released"); may.has_error()) {
        return may;
    }
    if (is_frozen(database_, delivery)) {
        return move_delivery(
            database_, *kept, {.to = ready, .reason = "released", .next_at = now}, now
        );
    }
    return move_delivery(database_, *kept, {.to = planned, .reason = "released"}, now);
}

Result<DeliveryId> Outbox::retry(
    DeliveryId delivery, std::optional<TimePoint> expires_at, TimePoint now
) {
    require_transaction(database_);
    const Result<Delivery> kept = require_without_message(database_, delivery);
    if (kept.has_error()) {
        return kept.error();
    }
    using enum DeliveryState;
    if (Result<void> may = require_state(*kept, {wait, failed, expired}, "retried");
        may.has_error()) {
        return may.error();
    }
    if (kept->state != wait) {
        return requeue(database_, *kept, expires_at, now);
    }
    Query{database_, "UPDATE deliveries SET next_at_ms = ?2, changed_ms = ?2 WHERE id = ?1"}
        .bind(delivery, now)
        .run();
    return delivery;
}

void Outbox::hurry_misconfigured(std::string_view channel, TimePoint now) {
    require_transaction(database_);
    Query{
        database_,
        "UPDATE deliveries SET next_at_ms = ?2, changed_ms = ?2"
        " WHERE channel = ?1 AND state = 'wait' AND next_at_ms > ?2"
        " AND EXISTS (SELECT 1 FROM delivery_attempts AS attempt"
        " WHERE attempt.delivery_id = deliveries.id AND attempt.number = deliveries.last_attempt"
        " AND attempt.outcome = 'misconfigured')"}
        .bind(channel, now)
        .run();
}

Result<void> Outbox::cancel(DeliveryId delivery, std::string_view reason, TimePoint now) {
    const Result<Delivery> kept = require_without_message(database_, delivery);
    if (kept.has_error()) {
        return kept.error();
    }
    Result<void> moved =
        move_delivery(database_, *kept, {.to = DeliveryState::cancelled, .reason = reason}, now);
    if (moved.has_value()) {
        Query{database_, "UPDATE reminders SET is_cancelled = 1 WHERE delivery_id = ?1"}
            .bind(delivery)
            .run();
    }
    return moved;
}

} // namespace reviewd::store
