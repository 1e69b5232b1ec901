#include "daemon/review/steps.hpp"

#include "scoring/base/assert.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

namespace reviewd::review {
namespace {

using std::chrono::days;

constexpr std::array<std::string_view, 8> step_names{
    "invite", "ahead", "on-day", "overdue", "escalation", "trigger", "promise", "deadline"};

Date offset(Date due, const Period& period, const Calendar& calendar) {
    return period.unit == Period::Unit::working_days ? calendar.add_working_days(due, period.count)
                                                     : add(due, period);
}

bool is_after(const DueStep& step, Step other, int repeat) {
    return std::pair{step.step, step.repeat} > std::pair{other, repeat};
}

/// The owner's steps from the first one on, while `take` says so.
template <class Take>
void walk_owner_steps(
    const StepSubject& review, const ReminderTimes& times, const Calendar& calendar, Take take
) {
    const bool is_to_invite = times.invite_days > 0 && review.state == State::planned;
    if (is_to_invite
        && !take({Step::invite, 0, calendar.add_working_days(review.due, -times.invite_days)})) {
        return;
    }
    if (times.ahead_days > 0
        && !take({Step::ahead, 0, calendar.add_working_days(review.due, -times.ahead_days)})) {
        return;
    }
    if (!take({Step::on_day, 0, review.due}) || times.overdue.empty()) {
        return;
    }
    Date day = review.due;
    int repeat = 1;
    for (std::size_t i = 0; i + 1 < times.overdue.size(); ++i, ++repeat) {
        day = offset(review.due, times.overdue[i], calendar);
        if (!take({Step::overdue, repeat, day})) {
            return;
        }
    }
    for (;; ++repeat) {
        day = std::max(offset(day, times.overdue.back(), calendar), day + days{1});
        if (!take({Step::overdue, repeat, day})) {
            return;
        }
    }
}

/// The owner's row of steps; managers and callings have their own.
bool is_in_row(Step step) {
    return step < Step::escalation;
}

const PastStep* latest_of_owner(std::span<const PastStep> past) {
    const PastStep* latest = nullptr;
    for (const PastStep& step : past) {
        if (is_in_row(step.step) && step.hearer == Hearer::owner
            && (latest == nullptr
                || std::pair{step.step, step.repeat} > std::pair{latest->step, latest->repeat})) {
            latest = &step;
        }
    }
    return latest;
}

/// What the manager at that stage was told; null: nothing yet.
const PastStep* escalation_at(std::span<const PastStep> past, int stage) {
    const auto found = std::find_if(past.begin(), past.end(), [&](const PastStep& step) {
        return step.step == Step::escalation && step.repeat == stage
               && step.hearer != Hearer::former;
    });
    return found == past.end() ? nullptr : &*found;
}

/// The day on which the owner was first told that the review is due or overdue.
std::optional<Date> first_told_late(const StepSubject& review) {
    std::optional<Date> first;
    for (const PastStep& step : review.past) {
        if (is_in_row(step.step) && step.hearer == Hearer::owner && step.day >= review.due) {
            first = std::min(first.value_or(step.day), step.day);
        }
    }
    return first;
}

/// The next manager's step, once the owner and the manager below have been written to.
std::optional<DueStep> next_manager(
    const StepSubject& review, const ReminderTimes& times, const Calendar& calendar
) {
    if (times.escalate_days <= 0 || times.managers <= 0) {
        return std::nullopt;
    }
    const std::optional<Date> told = first_told_late(review);
    int stage = 1;
    const PastStep* below = nullptr;
    while (const PastStep* next = escalation_at(review.past, stage)) {
        below = next;
        ++stage;
    }
    if (!told || stage > times.managers) {
        return std::nullopt;
    }
    const Date planned = calendar.add_working_days(review.due, stage * times.escalate_days);
    // Whoever got it late has as much time for it as anybody.
    const bool is_handed_over =
        std::any_of(review.past.begin(), review.past.end(), [&](const PastStep& step) {
            return step.hearer == Hearer::former && step.day >= review.due;
        });
    const Date heard = calendar.add_working_days(*told, is_handed_over ? times.escalate_days : 1);
    const Date spaced =
        below == nullptr ? heard : calendar.add_working_days(below->day, times.escalate_days);
    return DueStep{Step::escalation, stage, std::max({planned, heard, spaced})};
}

/// The manager who is told that somebody did not call in the owner's place.
std::optional<DueStep> next_for_missed_call(const StepSubject& review, const ReminderTimes& times) {
    const std::optional<MissedCall>& missed = review.missed_call;
    const bool is_agreed = review.state == State::appointment; // they did speak with each other
    if (!missed || is_agreed || times.escalate_days <= 0 || missed->stage > times.managers
        || escalation_at(review.past, missed->stage) != nullptr) {
        return std::nullopt;
    }
    return DueStep{Step::escalation, missed->stage, missed->from, Hearer::stand_in};
}

/// The next one above an owner who is there.
std::optional<DueStep> next_escalation(
    const StepSubject& review, const ReminderTimes& times, const Calendar& calendar
) {
    std::optional<DueStep> step = next_manager(review, times, calendar);
    if (step && review.last_attempt) { // until the next try the review is in somebody's hands
        const Date tried = std::max(*review.last_attempt, review.next_try.value_or(Date::min()));
        step->scheduled_for =
            std::max(step->scheduled_for, calendar.add_working_days(tried, times.escalate_days));
    }
    return step;
}

/// The callings that one hearer was not told yet: of those with the first day the latest number.
std::optional<DueStep> next_calling(
    const StepSubject& review, const Calendar& calendar, Hearer hearer
) {
    std::optional<DueStep> next;
    for (const Calling& calling : review.callings) {
        if (calling.hearer != hearer || is_said(calling, review.past)) {
            continue;
        }
        const Date day = hearer == Hearer::owner ? calendar.next_working(calling.day) : calling.day;
        const bool is_sooner = !next || day < next->scheduled_for;
        if (is_sooner || (day == next->scheduled_for && calling.number > next->repeat)) {
            next = DueStep{calling.step, calling.number, day, hearer};
        }
    }
    return next;
}

bool is_silent(const StepSubject& review, Date today) {
    return !is_open(review.state) || (review.quiet_until && today < *review.quiet_until);
}

/// Whether a message with a promise in it, or with the other sort of calling, had this one, too.
bool is_said_beside(const Calling& calling, const PastStep& step) {
    if (calling.step == Step::deadline) { // what came up on that very day names it
        return step.step == Step::trigger && step.repeat == calling.number
               && step.day >= calling.day;
    }
    if (calling.step == Step::promise) { // known long before its day
        return step.step != Step::escalation && step.day >= calling.day;
    }
    return step.step == Step::promise && step.day > calling.day;
}

} // namespace

bool is_said(const Calling& calling, std::span<const PastStep> past) {
    return std::any_of(past.begin(), past.end(), [&](const PastStep& step) {
        if (step.hearer == Hearer::former) {
            return false;
        }
        // What the owner knows does not help whoever has to call in their place.
        const bool is_for_stand_in = calling.hearer == Hearer::stand_in;
        if (is_for_stand_in && (step.hearer == Hearer::owner || step.day < calling.day)) {
            return false;
        }
        if (calling.step == Step::promise && step.hearer != Hearer::owner) {
            return false;
        }
        if (step.step == calling.step) {
            // One that came up later on the same day was not in that message.
            return step.repeat == calling.number
                   || (step.repeat > calling.number && step.day >= calling.day);
        }
        return is_said_beside(calling, step) || (is_in_row(step.step) && step.day >= calling.day);
    });
}

std::vector<DueStep> steps_due(
    const StepSubject& review, const ReminderTimes& times, const Calendar& calendar, Date today
) {
    if (!is_open(review.state)) {
        return {};
    }
    std::vector<DueStep> due;
    const auto come_up = [&](Hearer hearer) -> std::optional<DueStep> {
        std::optional<DueStep> calling = next_calling(review, calendar, hearer);
        return calling && calling->scheduled_for <= today ? calling : std::nullopt;
    };
    if (const std::optional<DueStep> calling = come_up(Hearer::stand_in)) {
        due.push_back(*calling);
    }
    const std::optional<DueStep> calling = come_up(Hearer::owner);
    if (is_silent(review, today)) {
        if (calling) {
            due.push_back(*calling);
        }
        return due;
    }
    const PastStep* past = latest_of_owner(review.past);
    int pending = 0;
    std::optional<DueStep> latest;
    walk_owner_steps(review, times, calendar, [&](const DueStep& step) {
        if (step.scheduled_for > today) {
            return false;
        }
        if (past == nullptr || is_after(step, past->step, past->repeat)) {
            latest = step;
            ++pending;
        }
        return true;
    });
    if (latest) {
        due.push_back(*latest);
    } else if (calling) {
        due.push_back(*calling);
    }
    const auto has_come = [&](const std::optional<DueStep>& step) {
        return step && step->scheduled_for <= today;
    };
    const std::optional<DueStep> missed = next_for_missed_call(review, times);
    const std::optional<DueStep> escalation = next_escalation(review, times, calendar);
    if (has_come(missed)) {
        due.push_back(*missed);
    } else if (has_come(escalation) && pending <= 1) {
        due.push_back(*escalation);
    }
    return due;
}

bool is_told_too_early(
    const StepSubject& review, const ReminderTimes& times, const Calendar& calendar, Date today
) {
    const PastStep* const latest = latest_of_owner(review.past);
    if (latest == nullptr) {
        return false;
    }
    if (latest->step >= Step::on_day) {
        return review.due > today;
    }
    // The first step that it would have: where that is still to come, none of them was due.
    std::optional<Date> first;
    walk_owner_steps(review, times, calendar, [&](const DueStep& step) {
        const bool is_told =
            std::any_of(review.past.begin(), review.past.end(), [&](const PastStep& past) {
                return past.hearer == Hearer::owner && past.step == step.step;
            });
        first = is_told ? std::optional{step.scheduled_for} : std::nullopt;
        return !is_told && !is_after(step, latest->step, latest->repeat);
    });
    return first && *first > today;
}

std::optional<Date> next_step_day(
    const StepSubject& review, const ReminderTimes& times, const Calendar& calendar, Date today
) {
    if (!is_open(review.state)) {
        return std::nullopt;
    }
    std::optional<Date> next;
    for (const Hearer hearer : {Hearer::owner, Hearer::stand_in}) {
        if (const auto calling = next_calling(review, calendar, hearer)) {
            const Date day = std::max(calling->scheduled_for, today + days{1});
            next = std::min(next.value_or(day), day);
        }
    }
    if (review.quiet_until && *review.quiet_until > today) {
        return std::min(next.value_or(*review.quiet_until), *review.quiet_until);
    }
    walk_owner_steps(review, times, calendar, [&](const DueStep& step) {
        if (step.scheduled_for <= today) {
            return true;
        }
        next = std::min(next.value_or(step.scheduled_for), step.scheduled_for);
        return false;
    });
    for (const auto& step :
         {next_for_missed_call(review, times), next_escalation(review, times, calendar)}) {
        if (step) {
            const Date day = std::max(step->scheduled_for, today + days{1});
            next = std::min(next.value_or(day), day);
        }
    }
    return next;
}

std::string_view name(Step step) {
    return step_names[static_cast<std::size_t>(step)];
}

std::optional<Step> find_step(std::string_view name) {
    for (std::size_t i = 0; i < step_names.size(); ++i) {
        if (step_names[i] == name) {
            return static_cast<Step>(i);
        }
    }
    return std::nullopt;
}

} // namespace reviewd::review
