// Reviews carry the day of their next step, under an index; so a look costs as much as there is to
// do, and with nothing to do the planner sleeps until the first morning on or after the earliest of
// those days.

#include "daemon/service/reminder_planner.hpp"

#include "daemon/service/digest_days.hpp"
#include "daemon/service/review_changes.hpp"
#include "daemon/store/outbox.hpp"
#include "daemon/store/transaction.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace reviewd::service {
namespace {

using std::chrono::days;

constexpr int page_reviews = 1000;

/// Whether this is the time to write to a person: their morning has come, and nothing went today.
bool is_morning(Context& context, const PersonProfile& person, TimePoint now) {
    return person.is_reminded_at(now) && last_digest_day(context, person) != person.today(now);
}

/// What one owner's steps put into the outbox.
class Batch {
public:
    Batch(Context& context, TimePoint now) : context_(context), now_(now) {}

    /// @returns whether the person can be reached at all
    bool add(
        const store::Review& review, const review::DueStep& step, const PersonProfile& person
    ) {
        // The morning itself, not this moment: whoever goes on after a crash finds it due at once.
        const Date person_today = person.today(now_);
        const TimePoint when = is_morning(context_, person, now_)
                                   ? person.zone.moment(person_today, person.remind_at)
                                   : person.next_morning(now_, person_today);
        for (const std::string& channel : person.channels) {
            const store::ReminderKey key{
                review.id,
                review.occurrence,
                std::string{review::name(step.step)},
                step.repeat,
                person.id,
                channel};
            const Date today = context_.people->owner(review.owner).today(now_);
            deliveries_[{person.id, channel}].reminders.push_back({key, today});
            deliveries_[{person.id, channel}].when = when;
        }
        return !person.channels.empty();
    }

    void write() {
        store::Outbox outbox{context_.database};
        for (const auto& [to, delivery] : deliveries_) {
            const PersonProfile& person = context_.people->owner(to.first);
            store::DeliveryPlan plan;
            plan.person = to.first;
            plan.channel = to.second;
            plan.digest = to_string(person.today(delivery.when));
            plan.not_before = delivery.when;
            plan.expires_at = delivery.when + context_.settings().retry.give_up_after;
            outbox.plan(plan, delivery.reminders, now_);
        }
    }

private:
    struct Planned {
        TimePoint when{};
        std::vector<store::ReminderPlan> reminders;
    };

    Context& context_;
    TimePoint now_;
    std::map<std::pair<PersonId, std::string>, Planned> deliveries_;
};

/// Whom a step is for; null when there is nobody.
const PersonProfile* recipient_of(
    const Context& context, const store::Review& review, const review::DueStep& step, Date today
) {
    if (step.step == review::Step::trigger) {
        return hearer_of(context, review, step.repeat, today);
    }
    if (step.step != review::Step::escalation) {
        return context.people->find(review.owner);
    }
    const auto managers = context.people->managers_of(review.owner);
    const auto stage = static_cast<std::size_t>(step.repeat);
    return stage >= 1 && stage <= managers.size() ? managers[stage - 1] : nullptr;
}

/// What is due now: while the owner is on leave, only what others hear in their place.
std::vector<review::DueStep> due_steps(
    Context& context, const store::Review& review, const PersonProfile& owner, Date today
) {
    const SteppedReview stepped{context, review, today};
    const auto times = reminder_times(context, review.owner);
    std::vector<review::DueStep> due =
        review::steps_due(stepped.subject, times, owner.calendar, today);
    if (owner.is_away(today)) {
        std::erase_if(due, [](const review::DueStep& step) {
            return step.hearer == review::Hearer::owner;
        });
    }
    return due;
}

/// Plans the due steps of one review. @returns whether somebody could be reached
bool plan_steps(Context& context, const store::Review& review, Batch& batch, TimePoint now) {
    const PersonProfile& owner = context.people->owner(review.owner);
    const Date today = owner.today(now);
    bool is_reached = true;
    for (const review::DueStep& step : due_steps(context, review, owner, today)) {
        const PersonProfile* person = recipient_of(context, review, step, today);
        is_reached = person != nullptr && batch.add(review, step, *person) && is_reached;
    }
    return is_reached;
}

/// Whether somebody who stands in for an owner on leave can be told of the review now.
bool is_heard_elsewhere(Context& context, const store::Review& review, TimePoint now) {
    const PersonProfile& owner = context.people->owner(review.owner);
    const Date today = owner.today(now);
    const auto due = due_steps(context, review, owner, today);
    return std::any_of(due.begin(), due.end(), [&](const review::DueStep& step) {
        const PersonProfile* person = recipient_of(context, review, step, today);
        return person != nullptr && is_morning(context, *person, now);
    });
}

/// The day on which a review is looked at again of which something is due already: the owner is on
/// leave, or nobody could be reached.
Date next_look_at(
    Context& context, const store::Review& review, const PersonProfile& owner, Date today
) {
    const Date working = owner.calendar.next_working(today + days{1});
    const SteppedReview stepped{context, review, today};
    const auto times = reminder_times(context, review.owner);
    const auto next = review::next_step_day(stepped.subject, times, owner.calendar, today);
    return std::min(next.value_or(working), working);
}

} // namespace

ReminderPlanner::ReminderPlanner(Context& context) : context_(context) {}

Result<bool> ReminderPlanner::step(TimePoint now) {
    if (waiting_.empty()) {
        if (is_looked_through_ && (!next_look_ || now < *next_look_)) {
            return false;
        }
        look(now);
    }
    if (waiting_.empty()) {
        return false;
    }
    const auto first = waiting_.begin();
    const Result<void> reminded = remind(first->first, first->second, now);
    if (!reminded.has_value()) {
        return reminded.error();
    }
    waiting_.erase(first);
    is_looked_through_ = is_looked_through_ && !waiting_.empty();
    return true;
}

void ReminderPlanner::look(TimePoint now) {
    store::Reviews reviews{context_.database};
    std::map<PersonId, bool> is_ready;
    Date after = Date::min();
    ReviewId last;
    // A day is at most one ahead of the company's anywhere on earth.
    const Date until = context_.company_day(now) + days{2};
    for (;;) {
        const auto page = reviews.with_step_until(until, page_reviews, after, last);
        for (const store::Review& review : page) {
            const PersonProfile& owner = context_.people->owner(review.owner);
            const auto [ready, is_new] = is_ready.try_emplace(review.owner, false);
            if (is_new) {
                ready->second = is_morning(context_, owner, now);
            }
            const bool has_come = *review.next_step <= owner.today(now);
            const bool is_away = has_come && !ready->second && owner.is_away(owner.today(now));
            if ((has_come && ready->second)
                || (is_away && is_heard_elsewhere(context_, review, now))) {
                waiting_[review.owner].push_back(review.id);
            }
        }
        if (static_cast<int>(page.size()) < page_reviews) {
            break;
        }
        after = *page.back().next_step;
        last = page.back().id;
    }
    next_look_.reset();
    is_looked_through_ = true;
    const std::optional<Date> earliest = reviews.earliest_step();
    if (!earliest) {
        return;
    }
    for (const PersonProfile& person : context_.people->all()) {
        const TimePoint morning = person.next_morning(now, *earliest);
        next_look_ = std::min(next_look_.value_or(morning), morning);
    }
}

Result<void> ReminderPlanner::remind(
    PersonId owner, const std::vector<ReviewId>& ids, TimePoint now
) {
    bool is_everybody_reached = true;
    const auto work = [&]() -> Result<void> {
        is_everybody_reached = true;
        store::Reviews reviews{context_.database};
        Batch batch{context_, now};
        std::vector<store::Review> reminded;
        for (const ReviewId id : ids) {
            std::optional<store::Review> review = reviews.find(id);
            if (review && is_open(review->state) && review->owner == owner) {
                is_everybody_reached =
                    plan_steps(context_, *review, batch, now) && is_everybody_reached;
                reminded.push_back(std::move(*review));
            }
        }
        batch.write();
        const PersonProfile& profile = context_.people->owner(owner);
        for (store::Review& review : reminded) {
            set_next_step(context_, review, now);
            const Date today = profile.today(now);
            if (review.next_step && *review.next_step <= today) {
                review.next_step = next_look_at(context_, review, profile, today);
            }
            const Result<void> updated = reviews.update(review);
            if (!updated.has_value()) {
                return updated;
            }
        }
        return {};
    };
    const Result<void> written = store::write(context_.database, work);
    if (written.has_value() && !is_everybody_reached) {
        context_.note(
            Notice::Severity::warning,
            "reminder.unreachable",
            fmt::format(
                "reviews of `{}` are due, but no channel reaches them: set `channels:` for the "
                "person or for all",
                context_.people->owner(owner).key
            )
        );
    }
    return written;
}

} // namespace reviewd::service
