#pragma once

#include "daemon/service/people.hpp"
#include "daemon/store/reviews.hpp"
#include "scoring/base/error.hpp"

#include <optional>
#include <string>

namespace reviewd::service {

/// Why a day that a person chose for a review does not do.
struct DayProblem {
    enum class Kind {
        over,            ///< `limit` is the first day that does
        not_after_today, ///< the same, of a reminder
        no_working_day,  ///< the next one is `limit`
        needs_a_reason,  ///< it is beyond the latest day, `limit`, and nobody said why
        beyond_snoozing, ///< the last day until which a reminder may wait is `limit`
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

/// Whether reminders may wait until a day. @param today of the owner
[[nodiscard]] std::optional<DayProblem> find_problem_of_snooze(
    const store::Review& review, Date until, Date today
);
/// The last day until which they may.
[[nodiscard]] Date last_snooze_day(const store::Review& review, Date today);

/// In the words of a command.
[[nodiscard]] Error to_error(const DayProblem& problem, const PersonProfile& owner);

} // namespace reviewd::service
