#include "daemon/service/review_changes.hpp"

#include "daemon/service/occasion_follower.hpp"
#include "daemon/store/occasions.hpp"
#include "daemon/store/outcomes.hpp"
#include "daemon/store/owner_plans.hpp"
#include "daemon/store/scores.hpp"

#include <boost/json.hpp>

#include <algorithm>

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
    const RouteSubject subject{
        kept ? kept->level : review.level, review::name(step), kinds_of(context, review), &person};
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

std::vector<review::PastStep> past_steps(Context& context, const store::Review& review) {
    if (!review.id) {
        return {};
    }
    store::Outbox outbox{context.database};
    std::vector<review::PastStep> past;
    for (const store::Reminder& reminder : outbox.reminders_of(review.id, review.occurrence)) {
        if (const auto step = review::find_step(reminder.key.step)) {
            past.push_back({*step, reminder.key.repeat, reminder.day});
        }
    }
    return past;
}

namespace {

/// Who is told of an occasion on a day on which the owner is away; null when the trigger does not
/// say so, or nobody is there.
const PersonProfile* stand_in(
    const Context& context, PersonId owner, const rules::Trigger* trigger, Date day
) {
    if (trigger == nullptr || trigger->when_away.empty()
        || !context.people->owner(owner).is_away(day)) {
        return nullptr;
    }
    const PersonProfile* const person = trigger->when_away == "manager"
                                            ? context.people->manager_there(owner, day)
                                            : context.people->acting_for(owner, day);
    return person == nullptr || person->id == owner ? nullptr : person;
}

review::Calling to_calling(
    const Context& context,
    const store::Review& review,
    const rules::Trigger& trigger,
    const store::Occasion& occasion,
    Date today
) {
    const PersonProfile& owner = context.people->owner(review.owner);
    const Date from = std::max(
        review::contact_from(times_of(trigger), days_of(trigger, occasion), owner.calendar),
        occasion.noticed
    );
    // A weekend before the leave is no day on which the owner could do anything.
    Date day = from;
    while (!owner.is_away(day) && day < owner.calendar.next_working(from)) {
        day += std::chrono::days{1};
    }
    const bool is_away = owner.is_away(day)
                         && stand_in(context, owner.id, &trigger, std::max(day, today)) != nullptr;
    const auto number = static_cast<int>(occasion.id);
    return is_away ? review::Calling{number, day, review::Hearer::stand_in}
                   : review::Calling{number, from, review::Hearer::owner};
}

} // namespace

SteppedReview::SteppedReview(Context& context, const store::Review& review, Date today)
    : past(past_steps(context, review)) {
    subject.due = review.due;
    subject.state = to_life(review.state);
    subject.quiet_until = review.quiet_until;
    if (review.reasons != "[]" && !review.reasons.empty()) {
        for (const store::Occasion& occasion :
             store::Occasions{context.database}.live(review.account)) {
            const rules::Trigger* trigger = find_trigger(context.rules(), occasion.trigger);
            if (trigger != nullptr && occasion.state == store::OccasionState::open) {
                callings.push_back(to_calling(context, review, *trigger, occasion, today));
            }
        }
    }
    if (review.id) {
        const auto attempts = store::Outcomes{context.database}.attempts(review.id);
        if (!attempts.empty()) {
            subject.last_attempt = attempts.back().day;
        }
    }
    subject.past = past;
    subject.callings = callings;
}

const PersonProfile* hearer_of(
    const Context& context, const store::Review& review, int occasion, Date today
) {
    for (const store::Occasion& one : store::Occasions{context.database}.live(review.account)) {
        if (one.id == occasion) {
            const rules::Trigger* const trigger = find_trigger(context.rules(), one.trigger);
            if (const PersonProfile* other = stand_in(context, review.owner, trigger, today)) {
                return other;
            }
        }
    }
    return context.people->find(review.owner);
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

} // namespace reviewd::service
