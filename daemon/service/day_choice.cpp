#include "daemon/service/day_choice.hpp"

#include "scoring/base/result.hpp"
#include "scoring/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace reviewd::service {
namespace {

using std::chrono::days;
using Kind = DayProblem::Kind;

/// The day by which a review is to be held at the latest.
Date last_day(const store::Review& review) {
    if (review.state == store::ReviewState::appointment) {
        return review.due;
    }
    return review.is_chosen ? std::max(review.due, review.latest) : review.latest;
}

/// Until when nothing is said of a review whose last day has come. Leave makes it no longer: then
/// somebody stands in.
Date shortly(const SilenceLimits& limits) {
    const int shortest =
        std::min({limits.tries.no_answer, limits.tries.hesitated, limits.tries.declined});
    return limits.owner.usual_days.add_working_days(limits.today, std::max(shortest, 1));
}

/// Nobody plans further: such a year is a slip of the pen, which would hide the account for good.
constexpr int farthest_months = 24;

/// The last day that may be chosen for a review.
Date farthest_day(const store::Review& review, Date today) {
    return std::max(add_months(today, farthest_months), review.latest);
}

/// Beyond the hard maximum only a person may go, and says why.
bool lacks_reason(const store::Review& review, Date day, const std::string& because) {
    return day > review.latest && trim(because).empty();
}

/// What is wrong with a day that is not over, if anything.
std::optional<DayProblem> find_problem_ahead(
    const store::Review& review, Date day, const std::string& because, Date today
) {
    if (const Date farthest = farthest_day(review, today); day > farthest) {
        return DayProblem{Kind::too_far, day, farthest};
    }
    return lacks_reason(review, day, because)
               ? std::optional{DayProblem{Kind::needs_a_reason, day, review.latest}}
               : std::nullopt;
}

} // namespace

std::optional<DayProblem> find_problem_of_due_day(
    const store::Review& review,
    Date day,
    const std::string& because,
    const PersonProfile& owner,
    Date today
) {
    if (day < today) {
        return DayProblem{Kind::over, day, today};
    }
    if (!owner.calendar.is_working(day)) {
        return DayProblem{Kind::no_working_day, day, owner.calendar.next_working(day)};
    }
    return find_problem_ahead(review, day, because, today);
}

std::optional<DayProblem> find_problem_of_appointment(
    const store::Review& review, Date day, const std::string& because, Date today
) {
    if (day < today) {
        return DayProblem{Kind::over, day, today};
    }
    return find_problem_ahead(review, day, because, today);
}

std::optional<DayProblem> find_problem_of_snooze(
    const store::Review& review, Date until, const SilenceLimits& limits
) {
    if (until <= limits.today) {
        return DayProblem{Kind::not_after_today, until, limits.today + days{1}};
    }
    if (review.state == store::ReviewState::appointment && until > review.due) {
        return DayProblem{Kind::beyond_appointment, until, review.due};
    }
    const Date last = last_snooze_day(review, limits);
    return until > last ? std::optional{DayProblem{Kind::beyond_snoozing, until, last}}
                        : std::nullopt;
}

Date last_silent_day(const store::Review& review, const SilenceLimits& limits) {
    const Date last = last_day(review);
    return last > limits.today ? last : shortly(limits);
}

Date last_snooze_day(const store::Review& review, const SilenceLimits& limits) {
    const bool is_agreed = review.state == store::ReviewState::appointment;
    return is_agreed ? last_day(review) : last_silent_day(review, limits);
}

Date next_try_day(const store::Review& review, int days_on, const SilenceLimits& limits) {
    const review::Calendar& calendar = limits.owner.calendar;
    const Date wanted = calendar.add_working_days(limits.today, days_on);
    const Date last = last_silent_day(review, limits);
    const Date working = calendar.previous_working(last);
    return std::min(wanted, working > limits.today ? working : last);
}

Error to_error(const DayProblem& problem, const PersonProfile& owner) {
    const std::string day = to_string(problem.day);
    const std::string limit = to_string(problem.limit);
    switch (problem.kind) {
    case Kind::over:
        return fail(
            ErrorCode::usage, fmt::format("{} is over: choose a day from {} on", day, limit)
        );
    case Kind::not_after_today:
        return fail(
            ErrorCode::usage,
            fmt::format(
                "a reminder waits until a day after today, {} or later; found {}", limit, day
            )
        );
    case Kind::no_working_day:
        return fail(
            ErrorCode::usage,
            fmt::format(
                "{} is no working day of {}; the next one is {}",
                day,
                escape_controls(owner.name),
                limit
            )
        );
    case Kind::too_far:
        return fail(
            ErrorCode::usage,
            fmt::format("{} is too far ahead: a review is on {} at the latest", day, limit)
        );
    case Kind::needs_a_reason:
        return fail(
            ErrorCode::usage,
            fmt::format(
                "{} is beyond the latest day ({}), which needs a reason (`--because \"…\"`)",
                day,
                limit
            )
        );
    case Kind::beyond_appointment:
        return fail(
            ErrorCode::usage,
            fmt::format(
                "an appointment on {} stands, and reminders do not wait beyond it, until {}: use "
                "`review reschedule` for another day, or `review missed` when it was not held",
                limit,
                day
            )
        );
    case Kind::beyond_snoozing:
        break;
    }
    return fail(
        ErrorCode::usage,
        fmt::format(
            "reminders wait until {} at the latest, not until {}: use `review reschedule`, which "
            "asks for a reason",
            limit,
            day
        )
    );
}

} // namespace reviewd::service
