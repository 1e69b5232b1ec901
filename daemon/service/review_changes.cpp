#include "daemon/service/review_changes.hpp"

#include "daemon/service/occasion_follower.hpp"
#include "daemon/service/recipients.hpp"
#include "daemon/service/silence.hpp"
#include "daemon/service/standing_in.hpp"
#include "daemon/store/occasions.hpp"
#include "daemon/store/outcomes.hpp"
#include "daemon/store/owner_plans.hpp"
#include "daemon/store/scores.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <span>

namespace reviewd::service {

std::string to_json(const Details& details) {
    boost::json::object object;
    for (const auto& [key, value] : details) {
        object[key] = value;
    }
    return boost::json::serialize(object);
}

review::State to_life(store::ReviewState state) {
    return static_cast<review::State>(state);
}

store::ReviewState to_store(review::State state) {
    return static_cast<store::ReviewState>(state);
}

static_assert(
    static_cast<int>(store::ReviewState::cancelled) == static_cast<int>(review::State::cancelled)
    && static_cast<int>(store::ReviewState::done) == static_cast<int>(review::State::done)
);

review::ReminderTimes reminder_times(const Context& context, PersonId owner) {
    const config::ReminderSettings& reminders = context.settings().reminders;
    return {
        reminders.invite_days,
        reminders.ahead_days,
        reminders.overdue,
        reminders.escalate_days,
        static_cast<int>(context.people->managers_of(owner).size())};
}

namespace {

/// The review's kind, and those of what happened and is a reason for it.
std::vector<std::string> kinds_of(const Context& context, const store::Review& review) {
    std::vector<std::string> kinds{review.kind};
    if (has_routes_of_kinds(context.settings())) {
        for (const store::Occasion& live :
             store::Occasions{context.database}.live(review.account)) {
            const rules::Trigger* trigger = find_trigger(context.rules(), live.trigger);
            if (trigger != nullptr && !trigger->kind.empty()) {
                kinds.push_back(trigger->kind);
            }
        }
    }
    return kinds;
}

} // namespace

Routing routing_of(
    const Context& context,
    const store::Review& review,
    review::Step step,
    const PersonProfile& person
) {
    const auto kept = store::Scores{context.database}.find(review.account);
    // The last day to call is told as it was told that there is something to call for.
    const review::Step routed = step == review::Step::deadline ? review::Step::trigger : step;
    const RouteSubject subject{
        kept ? kept->level : review.level,
        review::name(routed),
        kinds_of(context, review),
        &person};
    return route(subject, context.settings(), *context.people);
}

void record_event(
    Context& context,
    ReviewId review,
    const Actor& actor,
    std::string_view what,
    const Details& details,
    TimePoint now
) {
    context.are_reviews_changed = true;
    touch_plan(context, review);
    store::Reviews{context.database}.record(
        {review, now, actor.who, actor.from, std::string{what}, to_json(details)}
    );
}

void touch_plan(Context& context, ReviewId review) {
    context.are_plans_touched = true;
    store::OwnerPlans{context.database}.touch_owner_of(review);
}

namespace {

/// The last day on which the review got another owner, if any, by the clock of the one it has.
std::optional<Date> last_reassigned(const Context& context, const store::Review& review) {
    std::optional<Date> day;
    for (const store::ReviewEvent& event : store::Reviews{context.database}.events(review.id)) {
        if (event.what == "reassigned") {
            day = context.people->owner(review.owner).today(event.at);
        }
    }
    return day;
}

/// Whether it told a manager who stands at the same stage above the present owner.
bool is_told_manager(
    const Context& context, const store::Review& review, const store::ReminderKey& key
) {
    return key.step == review::name(review::Step::escalation)
           && may_receive(context, review, {review::Step::escalation, key.repeat}, key.person, {});
}

/// Of its present occurrence; none of a review that is still to be inserted.
std::vector<store::Reminder> reminders_of(const Context& context, const store::Review& review) {
    return review.id ? store::Outbox{context.database}.reminders_of(review.id, review.occurrence)
                     : std::vector<store::Reminder>{};
}

std::vector<review::PastStep> past_steps(
    const Context& context, const store::Review& review, std::span<const store::Reminder> reminders
) {
    const auto is_others = [&](const store::Reminder& reminder) {
        return reminder.key.person != review.owner
               || reminder.key.step == review::name(review::Step::escalation);
    };
    // Mostly all went to the owner, and nobody has to read the history.
    const std::optional<Date> reassigned =
        std::any_of(reminders.begin(), reminders.end(), is_others)
            ? last_reassigned(context, review)
            : std::nullopt;
    std::vector<review::PastStep> past;
    for (const store::Reminder& reminder : reminders) {
        if (const auto step = review::find_step(reminder.key.step)) {
            past.push_back({*step, reminder.key.repeat, reminder.day});
            if (is_others(reminder)) {
                const bool is_before = reassigned && reminder.day <= *reassigned;
                past.back().hearer = is_before && !is_told_manager(context, review, reminder.key)
                                         ? review::Hearer::former
                                         : review::Hearer::stand_in;
            }
        }
    }
    return past;
}

} // namespace

std::vector<review::PastStep> past_steps(const Context& context, const store::Review& review) {
    return past_steps(context, review, reminders_of(context, review));
}

namespace {

using std::chrono::days;

/// A review, what its people were told of it, and the day on which that is looked at.
struct ToldReview {
    const store::Review& review;
    std::span<const store::Reminder> reminders;
    std::span<const review::PastStep> past;
    std::optional<Date> last_attempt;
    Date today;
};

/// Whether the person was told of the occasion, or of a later one that came with it.
bool is_told(std::span<const store::Reminder> reminders, PersonId person, int occasion, Date from) {
    return std::any_of(reminders.begin(), reminders.end(), [&](const store::Reminder& reminder) {
        const store::ReminderKey& key = reminder.key;
        const bool has_it =
            key.repeat == occasion || (key.repeat > occasion && reminder.day >= from);
        const bool names_it = key.step == review::name(review::Step::trigger)
                              || key.step == review::name(review::Step::deadline);
        return key.person == person && names_it && has_it;
    });
}

/// Whether the person was told that the occasion has a last day, or of the occasion on it. Once is
/// enough, wherever that day has moved since: its key is said.
bool is_told_of_deadline(
    std::span<const store::Reminder> reminders, PersonId person, int occasion, Date last
) {
    return std::any_of(reminders.begin(), reminders.end(), [&](const store::Reminder& reminder) {
        const store::ReminderKey& key = reminder.key;
        const bool is_on_it =
            key.step == review::name(review::Step::trigger) && reminder.day >= last;
        const bool is_said = key.step == review::name(review::Step::deadline) || is_on_it;
        return key.person == person && key.repeat == occasion && is_said;
    });
}

/// Of the days from `from` on, on which the owner is away, the first one with somebody in their
/// place who was not told yet: whoever was may go on leave, too.
std::optional<Date> untold_from(
    Context& context,
    const ToldReview& told,
    const rules::Trigger& trigger,
    const store::Occasion& occasion,
    Date from
) {
    const PersonProfile& owner = context.people->owner(told.review.owner);
    const auto number = static_cast<int>(occasion.id);
    for (Date day = from; owner.is_away(day) && day <= from + longest_leave; day += days{1}) {
        const PersonProfile* const person = stand_in(*context.people, owner, &trigger, day);
        if (person != nullptr && !is_told(told.reminders, person->id, number, occasion.noticed)) {
            return day;
        }
    }
    return std::nullopt;
}

/// Owners are told of what they promised, on the last working day on which they can keep it.
void add_promises(
    std::vector<review::Calling>& callings, Context& context, const store::Review& review
) {
    const PersonProfile& owner = context.people->owner(review.owner);
    for (const store::Promise& promise : promises_ahead(context, review)) {
        callings.push_back(
            {static_cast<int>(promise.id),
             owner.calendar.previous_working(*promise.due),
             review::Hearer::owner,
             review::Step::promise}
        );
    }
}

/// Whoever stands in on the last day to call hears of it on that day. A morning that was missed is
/// made good within some days; what is over for longer is in every list.
void add_deadline(
    std::vector<review::Calling>& callings,
    Context& context,
    const ToldReview& told,
    const rules::Trigger& trigger,
    const store::Occasion& occasion
) {
    constexpr days made_good{3};
    const PersonProfile& owner = context.people->owner(told.review.owner);
    const Date last = contact_window(*context.people, owner, trigger, occasion).latest;
    const PersonProfile* const person = stand_in(*context.people, owner, &trigger, last);
    if (person == nullptr || last + made_good < told.today) {
        return;
    }
    const auto number = static_cast<int>(occasion.id);
    if (!is_told_of_deadline(told.reminders, person->id, number, last)) {
        callings.push_back({number, last, review::Hearer::stand_in, review::Step::deadline});
    }
}

/// The day on which the person was first told of the occasion, if they were.
std::optional<Date> first_told(
    std::span<const store::Reminder> reminders, PersonId person, int occasion, Date from
) {
    std::optional<Date> first;
    for (const store::Reminder& reminder : reminders) {
        if (is_told({&reminder, 1}, person, occasion, from)) {
            first = std::min(first.value_or(reminder.day), reminder.day);
        }
    }
    return first;
}

/// Whoever was told in the owner's place and did not call by the last day: as many working days of
/// theirs later as any review has until a manager hears of it, counted from that day, from when
/// they heard of it, or from their last try. Once the owner is back, the review is theirs again.
std::optional<review::MissedCall> missed_call(
    Context& context, const ToldReview& told, const store::Occasion& occasion
) {
    const rules::Trigger* const trigger = find_trigger(context.rules(), occasion.trigger);
    const int escalate_days = context.settings().reminders.escalate_days;
    if (trigger == nullptr || trigger->when_away.empty() || escalate_days <= 0
        || occasion.state != store::OccasionState::open) {
        return std::nullopt;
    }
    const People& people = *context.people;
    const PersonProfile& owner = people.owner(told.review.owner);
    const Date last = contact_window(people, owner, *trigger, occasion).latest;
    const PersonProfile* const person = stand_in(people, owner, trigger, last);
    if (person == nullptr) {
        return std::nullopt;
    }
    const auto heard =
        first_told(told.reminders, person->id, static_cast<int>(occasion.id), occasion.noticed);
    const auto managers = people.managers_of(told.review.owner);
    const auto above = std::find_if(managers.begin(), managers.end(), [&](const auto* manager) {
        return manager->id != person->id;
    });
    if (!heard || above == managers.end()) {
        return std::nullopt;
    }
    const Date begin = std::max({last, *heard, told.last_attempt.value_or(last)});
    const Date from = person->calendar.add_working_days(begin, escalate_days);
    if (!owner.is_away(std::max(from, told.today))) {
        return std::nullopt;
    }
    return review::MissedCall{static_cast<int>(above - managers.begin()) + 1, from};
}

/// Who is to be told of the occasion from when on: the owner, and whoever stands in for them.
void add_callings(
    std::vector<review::Calling>& callings,
    Context& context,
    const ToldReview& told,
    const store::Occasion& occasion
) {
    const rules::Trigger* const trigger = find_trigger(context.rules(), occasion.trigger);
    if (trigger == nullptr || occasion.state != store::OccasionState::open) {
        return;
    }
    const PersonProfile& owner = context.people->owner(told.review.owner);
    const auto number = static_cast<int>(occasion.id);
    callings.push_back(calling_of_owner(owner, *trigger, occasion));
    if (trigger->when_away.empty()) {
        return;
    }
    const bool is_heard = review::is_said(callings.back(), told.past);
    const auto from =
        stood_in_from(*context.people, owner, *trigger, occasion, is_heard, told.today);
    const auto untold =
        from ? untold_from(context, told, *trigger, occasion, std::max(*from, told.today)) : from;
    if (untold) {
        callings.push_back({number, *untold, review::Hearer::stand_in});
    }
    if (from) {
        add_deadline(callings, context, told, *trigger, occasion);
    }
}

std::optional<Date> next_try_of(const Context& context, const store::Review& review) {
    if (!review.quiet_until) {
        return std::nullopt;
    }
    const Silence silence = silence_of(store::Reviews{context.database}.events(review.id));
    return silence.is_next_try ? silence.until : std::nullopt;
}

} // namespace

SteppedReview::SteppedReview(Context& context, const store::Review& review, Date today) {
    const std::vector<store::Reminder> reminders = reminders_of(context, review);
    past = past_steps(context, review, reminders);
    subject.due = review.due;
    subject.state = to_life(review.state);
    subject.quiet_until = review.quiet_until;
    if (review.id) {
        const auto attempts = store::Outcomes{context.database}.attempts(review.id);
        if (!attempts.empty()) {
            subject.last_attempt = attempts.back().day;
            subject.next_try = next_try_of(context, review);
        }
    }
    if (review.reasons != "[]" && !review.reasons.empty()) {
        const ToldReview told{review, reminders, past, subject.last_attempt, today};
        for (const store::Occasion& occasion :
             store::Occasions{context.database}.live(review.account)) {
            add_callings(callings, context, told, occasion);
            const auto missed = missed_call(context, told, occasion);
            if (missed && (!subject.missed_call || missed->from < subject.missed_call->from)) {
                subject.missed_call = missed;
            }
        }
    }
    add_promises(callings, context, review);
    subject.past = past;
    subject.callings = callings;
}

std::vector<store::Promise> promises_ahead(const Context& context, const store::Review& review) {
    const Date planned = context.people->owner(review.owner).today(review.created);
    auto promises = store::Outcomes{context.database}.open_promises(review.account);
    std::erase_if(promises, [&](const store::Promise& promise) {
        return !promise.due || *promise.due <= planned;
    });
    return promises;
}

const PersonProfile* hearer_of(
    const Context& context, const store::Review& review, int occasion, Date today
) {
    for (const store::Occasion& one : store::Occasions{context.database}.live(review.account)) {
        if (one.id == occasion) {
            const rules::Trigger* const trigger = find_trigger(context.rules(), one.trigger);
            const PersonProfile& owner = context.people->owner(review.owner);
            if (const auto* const other = stand_in(*context.people, owner, trigger, today)) {
                return other;
            }
        }
    }
    return context.people->find(review.owner);
}

Result<void> keep_promises(
    Context& context,
    AccountId account,
    const std::vector<std::int64_t>& kept,
    Date day,
    ReviewId in
) {
    store::Outcomes outcomes{context.database};
    std::set<std::int64_t> open;
    for (const store::Promise& promise : outcomes.open_promises(account)) {
        open.insert(promise.id);
    }
    for (const std::int64_t promise : kept) {
        if (open.count(promise) == 0) {
            return fail(
                ErrorCode::not_found,
                fmt::format(
                    "the account has no open promise {}; {}",
                    promise,
                    open.empty() ? "it has none" : fmt::format("open: {}", fmt::join(open, ", "))
                )
            );
        }
        outcomes.keep_promise(promise, day, in);
    }
    return {};
}

void set_next_step(Context& context, store::Review& review, TimePoint now) {
    review.next_step.reset();
    if (!is_open(review.state) || !review.owner) {
        return;
    }
    const PersonProfile& owner = context.people->owner(review.owner);
    const Date today = owner.today(now);
    const SteppedReview stepped{context, review, today};
    const review::ReminderTimes times = reminder_times(context, review.owner);
    if (!review::steps_due(stepped.subject, times, owner.calendar, today).empty()) {
        review.next_step = today;
        return;
    }
    review.next_step = review::next_step_day(stepped.subject, times, owner.calendar, today);
}

bool renew_next_step(Context& context, store::Review& review, TimePoint now) {
    const std::optional<Date> before = review.next_step;
    set_next_step(context, review, now);
    const bool is_another = review.next_step != before;
    context.are_reviews_changed = context.are_reviews_changed || is_another;
    return is_another;
}

bool begins_anew(Context& context, const store::Review& review, Date due, Date today) {
    if (review.due < today) {
        return true;
    }
    const std::vector<review::PastStep> past = past_steps(context, review);
    return review::is_told_too_early(
        {due, to_life(review.state), {}, past},
        reminder_times(context, review.owner),
        context.people->owner(review.owner).calendar,
        today
    );
}

} // namespace reviewd::service
