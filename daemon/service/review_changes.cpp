#include "daemon/service/review_changes.hpp"

#include <boost/json.hpp>

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

void record_event(
    Context& context,
    ReviewId review,
    const Actor& actor,
    std::string_view what,
    const Details& details,
    TimePoint now
) {
    context.are_reviews_changed = true;
    store::Reviews{context.database}.record(
        {review, now, actor.who, actor.from, std::string{what}, to_json(details)}
    );
}

std::vector<review::PastStep> past_steps(Context& context, const store::Review& review) {
    if (!review.id) {
        return {};
    }
    store::Outbox outbox{context.database};
    store::DeliveryFilter filter;
    filter.review = review.id;
    filter.limit = 10'000;
    std::vector<review::PastStep> past;
    for (const store::Delivery& delivery : outbox.list(filter)) {
        for (const store::Reminder& reminder : outbox.reminders(delivery.id)) {
            const auto step = review::find_step(reminder.key.step);
            const bool is_ours = reminder.key.review == review.id
                                 && reminder.key.occurrence == review.occurrence
                                 && !reminder.is_cancelled;
            if (step && is_ours) {
                past.push_back({*step, reminder.key.repeat, reminder.day});
            }
        }
    }
    return past;
}

void set_next_step(Context& context, store::Review& review, TimePoint now) {
    review.next_step.reset();
    if (!is_open(review.state) || !review.owner) {
        return;
    }
    const PersonProfile& owner = context.people->owner(review.owner);
    const std::vector<review::PastStep> past = past_steps(context, review);
    const review::StepSubject subject{review.due, to_life(review.state), std::nullopt, past};
    const review::ReminderTimes times = reminder_times(context, review.owner);
    const Date today = owner.today(now);
    if (!review::steps_due(subject, times, owner.calendar, today).empty()) {
        review.next_step = today;
        return;
    }
    review.next_step = review::next_step_day(subject, times, owner.calendar, today);
}

} // namespace reviewd::service
