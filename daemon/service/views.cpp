#include "daemon/service/views.hpp"

#include "daemon/service/account_story.hpp"
#include "daemon/service/agreement.hpp"
#include "daemon/service/digest_maker.hpp"
#include "daemon/service/lost_channels.hpp"
#include "daemon/service/named_review.hpp"
#include "daemon/service/owners.hpp"
#include "daemon/service/people_links.hpp"
#include "daemon/service/silence.hpp"
#include "daemon/store/outbox_health.hpp"
#include "daemon/store/portfolio.hpp"
#include "daemon/store/rules_versions.hpp"
#include "scoring/base/text.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

namespace reviewd::service {
namespace {

ScoreView to_view(const Context& context, AccountStory story, store::Account account, Date as_of) {
    ScoreView view;
    view.account = std::move(account);
    view.as_of = as_of;
    view.kept = std::move(story.kept);
    view.facts = std::move(story.facts);
    view.ledger = std::move(story.ledger);
    view.cadence = std::move(story.cadence);
    view.heading.account = view.account.name;
    view.heading.level = story.level;
    view.heading.as_of = as_of;
    view.heading.currency = context.settings().company.money();
    if (view.kept) {
        view.heading.since = view.kept->level_since;
        view.heading.rules_version = fmt::format("v{}", view.kept->rules_version.value);
    }
    auto set = store::Overrides{context.database}.open_of(story.id);
    const bool is_of_day = set && set->until >= as_of && set->since <= as_of;
    if (is_of_day && !find_level(context.rules(), set->level)) {
        view.heading.remarks.push_back(fmt::format(
            "set to {} by {} until {}, but the rules have no such level: the score decides",
            set->level,
            set->who,
            engine::full_date(set->until)
        ));
    } else if (is_of_day) {
        view.heading.remarks.push_back(fmt::format(
            "set to {} by {} until {}: {} (by the rules: {})",
            set->level,
            set->who,
            engine::full_date(set->until),
            set->because,
            context.rules().levels.at(view.ledger.score.level).name
        ));
        view.heading.is_level_set = true;
        view.override_in_force = std::move(set);
    }
    for (const config::Question& question : context.configuration.agenda->questions) {
        view.heading.asked.push_back(question.id);
    }
    return view;
}

/// A score of another day than today: what is kept now says nothing of that day.
void forget_today(ScoreView& view) {
    view.heading.since.reset();
    view.heading.remarks.clear();
    view.heading.is_level_set = false;
    view.override_in_force.reset();
}

/// Nothing: everybody. @errors as find_owner
Result<std::optional<PersonId>> whose(const Context& context, const std::string& owner) {
    if (owner.empty()) {
        return std::optional<PersonId>{};
    }
    const Result<PersonId> person = find_owner(context, owner);
    return person.has_value() ? Result<std::optional<PersonId>>{*person} : person.error();
}

using DueDay = store::Reviews::DueDay;

/// Those of a list that are due by then, each on its owner's day.
void keep_due(
    const Context& context, std::vector<DueDay>& reviews, std::optional<Date> until, TimePoint now
) {
    std::erase_if(reviews, [&](const DueDay& review) {
        return review.due > until.value_or(context.people->owner(review.owner).today(now));
    });
}

/// What somebody stands in for is wanted today, or was by its latest day.
void add_stood_in(
    const Context& context,
    std::vector<DueDay>& reviews,
    std::optional<PersonId> whose,
    std::optional<Date> until,
    TimePoint now
) {
    std::set<ReviewId> listed;
    for (const DueDay& review : reviews) {
        listed.insert(review.review);
    }
    for (const StoodIn& one : stood_in_reviews(context, now)) {
        const store::Review& review = one.review;
        const bool is_theirs = !whose || *whose == review.owner || *whose == one.by.person;
        const Date today = context.people->owner(review.owner).today(now);
        const DueDay wanted{review.id, review.owner, std::min(review.latest, today)};
        if (is_theirs && listed.count(review.id) == 0 && wanted.due <= until.value_or(today)) {
            reviews.push_back(wanted);
        }
    }
    std::sort(reviews.begin(), reviews.end(), [](const DueDay& a, const DueDay& b) {
        return std::pair{a.due, a.review} < std::pair{b.due, b.review};
    });
}

std::vector<ReviewId> ids_of(const std::vector<DueDay>& reviews) {
    std::vector<ReviewId> ids;
    for (const DueDay& review : reviews) {
        ids.push_back(review.review);
    }
    return ids;
}

int days_after(Date day, Date today) {
    return static_cast<int>(std::max<std::int64_t>((today - day).count(), 0));
}

/// Whether it was a call that failed after which nothing is said, and no wish.
bool waits_for_try(const Context& context, ReviewId review) {
    const Silence silence = silence_of(store::Reviews{context.database}.events(review));
    return silence.is_next_try && !silence.is_disowned;
}

ReviewRow to_row(const Context& context, store::Review review, TimePoint now) {
    ReviewRow row;
    store::Portfolio portfolio{context.database, context.rules().schema};
    row.account = portfolio.account(review.account).value_or(store::Account{});
    if (const auto score = store::Scores{context.database}.find(review.account)) {
        row.points = score->points;
        row.is_judged = score->is_judged;
    }
    const PersonProfile& owner = context.people->owner(review.owner);
    const Date today = owner.today(now);
    row.stand_in = stand_in_of(context, review, today);
    const Date wanted_by = row.stand_in ? std::min(review.due, review.latest) : review.due;
    row.days_late = is_open(review.state) ? days_after(wanted_by, today) : 0;
    row.is_due_on_working_day = owner.calendar.is_working(review.due);
    if (const auto agreed = agreement_of(review, owner.zone)) {
        row.appointment_local = text_of(*agreed);
    }
    if (review.quiet_until && (!is_open(review.state) || *review.quiet_until <= owner.today(now))) {
        review.quiet_until.reset(); // that is over
    }
    if (review.quiet_until && waits_for_try(context, review.id)) {
        row.next_try = review.quiet_until;
    }
    row.review = std::move(review);
    return row;
}

std::vector<OfferLine> offers_of(
    const Context& context,
    const Storyteller& stories,
    const AccountStory& story,
    const std::string& language
) {
    std::vector<OfferLine> lines;
    for (const std::string& key : story.offers) {
        OfferLine line{key, stories.product_name(key, language), {}};
        for (const rules::Product& product : context.rules().products) {
            if (product.key == key) {
                line.sets_apart = in_language(product.sets_apart, language);
            }
        }
        lines.push_back(std::move(line));
    }
    return lines;
}

std::string name_of_owner(const Context& context, const std::string& key) {
    store::Portfolio portfolio{context.database, context.rules().schema};
    const auto person = portfolio.find_person(key);
    return person ? person->name : key == nobodys ? "nobody" : key;
}

/// The last handover of the history; absent when the owner is another one by now.
std::optional<HandoverLine> handover_of(
    const Context& context, const std::vector<store::ReviewEvent>& history, PersonId owner
) {
    const auto last = std::find_if(history.rbegin(), history.rend(), [](const auto& event) {
        return event.what == "reassigned";
    });
    boost::system::error_code problem;
    const boost::json::value details =
        last == history.rend() ? nullptr : boost::json::parse(last->details, problem);
    if (problem || !details.is_object()) {
        return std::nullopt;
    }
    const auto text = [&](std::string_view name) {
        const boost::json::value* const found = details.get_object().if_contains(name);
        return found != nullptr && found->is_string() ? std::string{found->get_string()}
                                                      : std::string{};
    };
    HandoverLine line{
        text("from"),
        {},
        text("to"),
        {},
        context.company_day(last->at),
        last->who,
        text("because")};
    if (line.to != key_of_owner(context, owner)) {
        return std::nullopt;
    }
    line.from_name = name_of_owner(context, line.from);
    line.to_name = name_of_owner(context, line.to);
    return line;
}

std::vector<SourceView> sources_of(const Context& context, TimePoint now) {
    std::vector<SourceView> views;
    store::Sources sources{context.database};
    for (const config::SourceSettings& settings : context.settings().sources) {
        SourceView view{store::Source{}, settings, false, std::nullopt};
        view.source.name = settings.name;
        view.source.table = settings.table;
        if (std::optional<store::Source> source = sources.find(settings.name)) {
            view.source = std::move(*source);
            view.unknown = store::UnknownKeyNotes{context.database}.find(view.source.id);
        }
        view.is_stale = is_stale(settings, view.source.last_success, context.people->zone(), now);
        if (settings.every) {
            view.next = view.source.last_attempt.value_or(now) + *settings.every;
        }
        views.push_back(std::move(view));
    }
    return views;
}

/// A contact that somebody else has in the owner's place is one of today, or overdue.
void count_stood_in(const Context& context, store::Health& health, TimePoint now) {
    const Date today = context.company_day(now);
    for (const StoodIn& one : stood_in_reviews(context, now)) {
        const bool is_due_today = one.review.due == today;
        if (one.by.is_late && one.review.due >= today) {
            ++health.reviews_overdue;
            health.reviews_due_today -= is_due_today ? 1 : 0;
        } else if (one.review.due > today) {
            ++health.reviews_due_today;
        }
    }
}

} // namespace

Result<ScoreView> Views::score(const std::string& account, std::optional<Date> as_of, TimePoint now)
    const {
    store::Portfolio portfolio{context_.database, context_.rules().schema};
    Result<store::Account> found = portfolio.find_account(account);
    if (!found.has_value()) {
        return found.error();
    }
    const Date today = context_.company_day(now);
    const Date day = as_of.value_or(today);
    if (day > today) {
        return fail(
            ErrorCode::usage,
            fmt::format(
                "a score is as of a past day or of today, {}; what will be known on {} nobody knows",
                to_string(today),
                to_string(day)
            )
        );
    }
    const auto level = day == today ? Storyteller::Level::in_force : Storyteller::Level::raw;
    const std::array ids{found->id};
    std::vector<AccountStory> stories = Storyteller{context_, day, level}.tell(ids);
    if (stories.empty()) {
        return fail(
            ErrorCode::not_found,
            fmt::format("the account `{}` is not active", escape_controls(found->name))
        );
    }
    ScoreView view = to_view(context_, std::move(stories.front()), std::move(*found), day);
    if (day != today) {
        forget_today(view);
    }
    return view;
}

Result<ScoreHistoryView> Views::score_history(const std::string& account, int limit) const {
    store::Portfolio portfolio{context_.database, context_.rules().schema};
    Result<store::Account> found = portfolio.find_account(account);
    if (!found.has_value()) {
        return found.error();
    }
    ScoreHistoryView view;
    view.changes = store::Scores{context_.database}.history(found->id, limit);
    view.overrides = store::Overrides{context_.database}.history(found->id);
    view.account = std::move(*found);
    return view;
}

std::vector<AccountId> Views::highest(int limit) const {
    return store::Scores{context_.database}.highest(std::max(limit, 1));
}

std::vector<ScoreView> Views::scores(std::span<const AccountId> accounts, TimePoint now) const {
    const Date today = context_.company_day(now);
    store::Portfolio portfolio{context_.database, context_.rules().schema};
    Storyteller stories{context_, today};
    std::vector<ScoreView> views;
    for (const AccountId id : accounts) {
        const std::array ids{id};
        for (AccountStory& story : stories.tell(ids)) {
            store::Account account = portfolio.account(story.id).value_or(store::Account{});
            views.push_back(to_view(context_, std::move(story), std::move(account), today));
        }
    }
    return views;
}

Result<std::vector<ReviewId>> Views::due(
    const std::string& owner, std::optional<Date> until, TimePoint now
) const {
    const auto person = whose(context_, owner);
    if (!person.has_value()) {
        return person.error();
    }
    // Nobody's day is more than one ahead of the company's.
    const Date last = until.value_or(context_.company_day(now) + std::chrono::days{1});
    auto reviews = store::Reviews{context_.database}.due_days_until(*person, last);
    keep_due(context_, reviews, until, now);
    add_stood_in(context_, reviews, *person, until, now);
    return ids_of(reviews);
}

std::vector<ReviewRow> Views::rows(std::span<const ReviewId> reviews, TimePoint now) const {
    std::vector<ReviewRow> rows;
    for (const ReviewId id : reviews) {
        std::optional<store::Review> review = store::Reviews{context_.database}.find(id);
        if (review && is_open(review->state)) {
            rows.push_back(to_row(context_, *std::move(review), now));
        }
    }
    return rows;
}

Result<std::vector<PromiseRow>> Views::promises_due(
    const std::string& owner, std::optional<Date> until, TimePoint now
) const {
    const auto person = whose(context_, owner);
    if (!person.has_value()) {
        return person.error();
    }
    const Date last = until.value_or(context_.company_day(now) + std::chrono::days{1});
    store::Portfolio portfolio{context_.database, context_.rules().schema};
    std::vector<PromiseRow> rows;
    for (store::Promise& promise : store::Outcomes{context_.database}.promises_due(*person, last)) {
        store::Account account = portfolio.account(promise.account).value();
        const Date today = context_.people->owner(account.owner).today(now);
        if (*promise.due <= until.value_or(today)) {
            rows.push_back({std::move(promise), std::move(account)});
        }
    }
    return rows;
}

Result<std::vector<ReviewId>> Views::plan(const std::string& owner) const {
    const auto person = whose(context_, owner);
    if (!person.has_value()) {
        return person.error();
    }
    return ids_of(store::Reviews{context_.database}.due_days_until(*person, last_date));
}

Result<ReviewId> Views::find_review(const std::string& text) const {
    return find_named_review(context_, text);
}

std::optional<ReviewId> Views::open_review(AccountId account) const {
    const auto open = store::Reviews{context_.database}.open_of(account);
    return open ? std::optional{open->id} : std::nullopt;
}

Result<ReviewView> Views::review(const std::string& text, TimePoint now) const {
    const Result<ReviewId> id = find_review(text);
    return id.has_value() ? review(*id, now) : Result<ReviewView>{id.error()};
}

Result<ReviewView> Views::review(ReviewId id, TimePoint now) const {
    store::Reviews reviews{context_.database};
    store::Outcomes outcomes{context_.database};
    ReviewView view;
    const std::optional<store::Review> found = reviews.find(id);
    if (!found) {
        return fail(ErrorCode::not_found, fmt::format("there is no review {}", id.value));
    }
    view.row = to_row(context_, *found, now);
    const store::Review& review = view.row.review;
    const PersonProfile& owner = context_.people->owner(review.owner);
    const std::string& language = owner.language;
    const Date today = context_.company_day(now);
    Storyteller stories{context_, today};
    const std::array ids{review.account};
    bool has_story = false;
    for (AccountStory& story : stories.tell(ids)) {
        for (const AskedQuestion& asked : stories.questions(story, language)) {
            view.agenda.push_back(
                {asked.question->id, asked.question->topic, asked.text, asked.would_change_level}
            );
        }
        view.offers = offers_of(context_, stories, story, language);
        view.tips = stories.tips(story, language);
        for (const OpenTicket& ticket : stories.open_tickets(story)) {
            view.tickets.push_back({ticket.key, ticket.title, ticket.fix, ticket.opened});
        }
        view.sheet = make_call_sheet(context_, stories, &story, review, owner);
        has_story = true;
        view.score = to_view(context_, std::move(story), view.row.account, today);
    }
    if (!has_story) {
        view.sheet = make_call_sheet(context_, stories, nullptr, review, owner);
    }
    store::Portfolio portfolio{context_.database, context_.rules().schema};
    view.contacts = portfolio.contacts(review.account);
    view.last = reviews.last_held(review.account);
    if (view.last && view.last->id != review.id) {
        view.last_answers = outcomes.answers(view.last->id);
    }
    view.promises = outcomes.open_promises(review.account);
    view.attempts = outcomes.attempts(review.id);
    view.answers = outcomes.answers(review.id);
    view.history = reviews.events(review.id);
    view.handover = handover_of(context_, view.history, review.owner);
    view.invitation = in_language(context_.configuration.agenda->invitation, language);
    view.free_review = in_language(context_.configuration.agenda->free_review, language);
    return view;
}

Result<store::Account> Views::find_account(const std::string& account) const {
    return store::Portfolio{context_.database, context_.rules().schema}.find_account(account);
}

Result<PersonId> Views::find_person(const std::string& person) const {
    store::Portfolio portfolio{context_.database, context_.rules().schema};
    const Result<store::Person> found = portfolio.match_person(person);
    return found.has_value() ? Result<PersonId>{found->id} : Result<PersonId>{found.error()};
}

Result<Owner> Views::find_giver(const std::string& owner) const {
    return service::find_giver(context_, owner);
}

std::string Views::name_of(const std::string& person) const {
    const auto found =
        store::Portfolio{context_.database, context_.rules().schema}.find_person(person);
    return found ? found->name : std::string{};
}

Result<std::vector<store::TrailEntry>> Views::trail(const store::TrailFilter& filter) const {
    store::Audit audit{context_.database};
    std::vector<store::TrailEntry> trail = audit.trail(filter);
    if (!trail.empty() || filter.who.empty()) {
        return trail;
    }
    std::vector<std::string> known = audit.everybody();
    for (const PersonProfile& profile : context_.people->all()) {
        known.push_back(profile.key);
    }
    if (std::find(known.begin(), known.end(), filter.who) != known.end()) {
        return trail;
    }
    const std::string hint = did_you_mean(filter.who, known);
    return fail(
        ErrorCode::not_found,
        fmt::format(
            "nobody called `{}` did anything; {}",
            escape_controls(filter.who),
            hint.empty() ? "the audit has users of this machine, and people by their key" : hint
        )
    );
}

Result<Report> Views::report(std::optional<Date> from, std::optional<Date> to, TimePoint now)
    const {
    return make_report(context_, from, to, now);
}

StatusView Views::status(Shares shares, TimePoint now, const store::Health* counted) const {
    StatusView status;
    const Date today = context_.company_day(now);
    status.health =
        counted != nullptr ? *counted : store::read_health(context_.database, today, now);
    count_stood_in(context_, status.health, now);
    status.sources = sources_of(context_, now);
    const auto& by_level = status.health.levels;
    for (const rules::Level& level : context_.rules().levels) {
        const auto found = by_level.find(level.name);
        status.levels.emplace_back(level.name, found == by_level.end() ? 0 : found->second);
    }
    if (shares != Shares::leave_out && columns_.are_current(today)) {
        status.known = count_known(context_, columns_);
    } else if (shares == Shares::count) {
        status.known = read_known(context_, today);
    }
    status.paused = dispatcher_.paused(now);
    status.imports_held = imports_held();
    status.levels_held = rescorer_.held() ? rescorer_.held() : rescorer_.held_before();
    status.late = scheduler_.late();
    status.lost_zones = context_.people->lost_zones();
    status.lost_regions = context_.people->lost_regions();
    status.lost_channels = service::lost_channels(context_.settings(), status.health.deliveries);
    status.lost_links = service::lost_links(*context_.people);
    status.lost_languages = context_.people->lost_languages(*context_.templates);
    status.restored = context_.restored;
    status.last_backup = store::read_last_backup(context_.database);
    status.last_drill = store::read_last_drill(context_.database);
    if (const auto active = store::RulesVersions{context_.database}.active()) {
        status.rules_version = fmt::format("v{}", active->id.value);
        status.rules_drift = rules_.drift();
        status.rules_dropped = rules_.passed_over();
    }
    status.rules_settings = context_.settings().rules;
    status.rules_waiting = rules_.waiting_now();
    status.overrides_idle = find_idle_overrides(context_, context_.rules());
    return status;
}

store::UnknownReferences Views::unknown_references(std::string_view source) const {
    const std::optional<store::Source> known = store::Sources{context_.database}.find(source);
    return known ? store::UnknownKeyNotes{context_.database}.find(known->id)
                 : store::UnknownReferences{};
}

std::vector<store::Import> Views::imports_held() const {
    return store::Imports{context_.database}.held();
}

std::vector<PersonView> Views::people(TimePoint now) const {
    store::Portfolio portfolio{context_.database, context_.rules().schema};
    std::map<PersonId, std::int64_t> accounts;
    for (const store::Portfolio::OwnerCount& count : portfolio.accounts_by_owner()) {
        accounts[count.owner] = count.accounts;
    }
    std::map<PersonId, std::pair<std::int64_t, std::int64_t>> reviews;
    for (const store::DayLoad& load :
         store::Reviews{context_.database}.load(first_date, last_date)) {
        const Date today = context_.people->owner(load.owner).today(now);
        reviews[load.owner].first += load.reviews;
        reviews[load.owner].second += load.due < today ? load.reviews : 0;
    }
    for (const StoodIn& one : stood_in_reviews(context_, now)) {
        const Date today = context_.people->owner(one.review.owner).today(now);
        reviews[one.review.owner].second += one.by.is_late && one.review.due >= today ? 1 : 0;
    }
    std::vector<PersonView> views;
    for (const PersonProfile& profile : context_.people->all()) {
        const auto& [open, overdue] = reviews[profile.id];
        views.push_back({profile, accounts[profile.id], open, overdue});
    }
    return views;
}

Result<PersonId> Views::person(std::string_view key) const {
    const PersonProfile* found = context_.people->find(key);
    if (found == nullptr) {
        std::vector<std::string> keys;
        for (const PersonProfile& profile : context_.people->all()) {
            keys.push_back(profile.key);
        }
        const std::string hint = did_you_mean(key, keys);
        return fail(
            ErrorCode::not_found,
            fmt::format(
                "there is no person `{}`; {}",
                escape_controls(key),
                hint.empty() ? "people are named by their key" : hint
            )
        );
    }
    return found->id;
}

std::vector<store::Delivery> Views::deliveries(const store::DeliveryFilter& filter) const {
    return store::Outbox{context_.database}.list(filter);
}

Result<DeliveryView> Views::delivery(DeliveryId id) const {
    store::Outbox outbox{context_.database};
    std::optional<store::Delivery> found = outbox.find(id);
    if (!found) {
        return fail(
            ErrorCode::not_found,
            fmt::format(
                "there is no delivery {}; `reviewctl outbox list` shows those that there are",
                id.value
            )
        );
    }
    DeliveryView view;
    view.person_key = context_.people->owner(found->person).key;
    view.reminders = outbox.reminders(id);
    view.attempts = outbox.attempts(id);
    view.delivery = std::move(*found);
    return view;
}

} // namespace reviewd::service
