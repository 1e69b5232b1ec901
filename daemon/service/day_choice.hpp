#pragma once

#include "config/loader/settings.hpp"
#include "daemon/service/people.hpp"
#include "daemon/store/reviews.hpp"
#include "scoring/base/error.hpp"

#include <optional>
#include <string>

namespace reviewd::service {

/// Why a day that a person chose for a review does not do.
struct DayProblem {
    enum class Kind {
        over,               ///< `limit` is the first day that does
        not_after_today,    ///< the same, of a reminder
        no_working_day,     ///< the next one is `limit`
        too_far,            ///< a slip of the pen; the last day that does is `limit`
        needs_a_reason,     ///< it is beyond the latest day, `limit`, and nobody said why
        beyond_snoozing,    ///< the last day until which a reminder may wait is `limit`
        beyond_appointment, ///< a reminder would come after the day that was agreed, `limit`
    } kind;
    Date day{};
    Date limit{};
    friend bool operator==(const DayProblem&, const DayProblem&) = default;
};

/// Whether a day does as the new due day. @param today of the owner
[[nodiscard]] std::optional<DayProblem> find_problem_of_due_day(
    const store::Review& review,
    Date day,
    const std::string& because,
    const PersonProfile& owner,
    Date today
);

/// Whether a day does for an appointment: what customer and owner agreed on may be a holiday.
/// @param today of the owner
[[nodiscard]] std::optional<DayProblem> find_problem_of_appointment(
    const store::Review& review, Date day, const std::string& because, Date today
);

/// What the silence about a review is measured by.
struct SilenceLimits {
    const PersonProfile& owner;
    config::ReminderSettings::NextTry tries; ///< working days after a call that failed
    Date today{};                            ///< of the owner
};

/// Whether reminders may wait until a day.
[[nodiscard]] std::optional<DayProblem> find_problem_of_snooze(
    const store::Review& review, Date until, const SilenceLimits& limits
);
/// The last day of any silence: the day that was agreed, else the latest one, or the later one that
/// a person chose. Where that has come already, a few working days: the shortest way to the next
/// try.
[[nodiscard]] Date last_silent_day(const store::Review& review, const SilenceLimits& limits);
/// The last day until which a person may have reminders wait: likewise, but never beyond a day that
/// was agreed.
[[nodiscard]] Date last_snooze_day(const store::Review& review, const SilenceLimits& limits);

/// The day of the next try after a call that failed, `days_on` working days on, but none beyond
/// last_silent_day(), so that nobody waits for it beyond the latest day. A working day, if one is
/// left until then.
[[nodiscard]] Date next_try_day(
    const store::Review& review, int days_on, const SilenceLimits& limits
);

/// In the words of a command.
[[nodiscard]] Error to_error(const DayProblem& problem, const PersonProfile& owner);

} // namespace reviewd::service
