#pragma once

#include "daemon/review/calendar.hpp"
#include "daemon/review/life.hpp"
#include "scoring/base/period.hpp"

#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace reviewd::review {

/// The stages at which somebody is reminded of a review, in order.
enum class Step {
    invite,     ///< time to invite the customer
    ahead,      ///< due in a few days
    on_day,     ///< due today
    overdue,    ///< repeated, ever more rarely
    escalation, ///< to a manager; repeat n goes n managers up
    trigger,    ///< something happened that wants contact; repeat is the occasion's number
    promise,    ///< the day of something promised has come; repeat is the promise's number
    deadline,   ///< who stands in has to call by this day; repeat is the occasion's number
};

/// When the steps of a review happen, relative to its due day.
struct ReminderTimes {
    int invite_days = 10; ///< working days before; 0: no such step
    int ahead_days = 2;   ///< working days before; 0: no such step
    /// Days after the due day, rising; the last entry is the distance at which it goes on: 1, 3, 7
    /// days and 1 week make +1, +3, +7, +14, +21 … Empty: no such step.
    std::vector<Period> overdue;
    int escalate_days = 5; ///< working days after; one more manager per further so many. 0: never
    int managers = 100;    ///< how many there are above the owner; no step goes beyond the last
};

/// Who is told that something happened.
enum class Hearer {
    owner,
    stand_in, ///< somebody in the owner's place, while they are away
    /// Only of what was: somebody of the time when the review was another owner's. A manager who is
    /// at the same stage above the present owner is none of them.
    former,
};

/// A step that was planned for this occurrence of the review, whatever became of its delivery.
struct PastStep {
    Step step = Step::invite;
    int repeat = 0;
    Date day{}; ///< civil day on which it was planned
    Hearer hearer = Hearer::owner;
};

/// Something that happened and wants contact: said once to each who hears it, as soon as its day
/// has come. What a stand-in heard is not said to the owner again.
struct Calling {
    int number = 0; ///< of the occasion or the promise, at least 1
    Date day{};     ///< from which day on contact is wanted; of a stand-in, by them
    Hearer hearer = Hearer::owner;
    Step step = Step::trigger; ///< or promise, for owners only, or deadline, for who stands in
};

/// Whether one of the steps told its hearer of the calling.
[[nodiscard]] bool is_said(const Calling& calling, std::span<const PastStep> past);

/// Whoever stood in for the owner did not call by the last day.
struct MissedCall {
    int stage = 1; ///< of the manager who is told: the first who is not the one who stood in
    Date from{};   ///< the day from which on they may be; failed calls count
};

/// A review as the steps see it.
struct StepSubject {
    Date due{};
    State state = State::planned;
    std::optional<Date> quiet_until; ///< snoozed: no step before this day
    std::span<const PastStep> past;
    std::span<const Calling> callings{};
    /// A failed call is work: no manager soon after it, nor after the next try that it brought.
    std::optional<Date> last_attempt{};
    std::optional<Date> next_try{}; ///< of the last attempt, unless another day was chosen since
    std::optional<MissedCall> missed_call{};
};

struct DueStep {
    Step step = Step::invite;
    int repeat = 0;       ///< overdue and escalation from 1, callings a number; others 0
    Date scheduled_for{}; ///< the day it was meant for; earlier than today after an interruption
    Hearer hearer = Hearer::owner; ///< who heard of it, or was to, whoever is told now
    friend bool operator==(const DueStep&, const DueStep&) = default;
};

/// The steps to plan on `today`: at most one for the owner, one for who stands in for them, and one
/// for a manager. What a former owner and their managers heard is said to the present ones.
///
/// Of several steps of the owner that have come up since the last time, only the latest is sent,
/// and then no manager is written to on the same day [I9]. A manager is written to only after the
/// owner had a reminder on the due day or later, and `escalate_days` working days after the manager
/// below was, after an owner who got it overdue was, nor sooner after a failed call or the day of
/// the next try; of a call that was missed in the owner's place, by its own day. Nothing is due for
/// a closed or snoozed review, but what happened meanwhile: of the callings that were not said yet
/// the latest is, unless another step goes to the owner anyway; that one shows them all the same. A
/// calling that a stand-in hears waits for no working day of the owner.
/// @param calendar the owner's
[[nodiscard]] std::vector<DueStep> steps_due(
    const StepSubject& review, const ReminderTimes& times, const Calendar& calendar, Date today
);

/// Whether what the owner was told comes up once more by the due day that the review has now, after
/// `today`: the day itself, or already the first step. Then its steps have to begin anew; after a
/// shorter move the next one names the day.
[[nodiscard]] bool is_told_too_early(
    const StepSubject& review, const ReminderTimes& times, const Calendar& calendar, Date today
);

/// The first day after `today` on which steps_due could give something that it does not give now,
/// if nothing else changes; nothing for a closed review.
[[nodiscard]] std::optional<Date> next_step_day(
    const StepSubject& review, const ReminderTimes& times, const Calendar& calendar, Date today
);

[[nodiscard]] std::string_view name(Step step);
[[nodiscard]] std::optional<Step> find_step(std::string_view name);

} // namespace reviewd::review
