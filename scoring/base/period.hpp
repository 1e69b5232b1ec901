#pragma once

#include "scoring/base/date.hpp"

#include <string>
#include <string_view>

namespace reviewd {

/// A length of time as people write it: "12 months", "2 weeks", "14 days", "2 working days", "1
/// year". Kept in the unit it was written in; a month is a calendar month, never a number of days.
struct Period {
    enum class Unit { days, working_days, weeks, months, years };
    static constexpr int largest_count = 9999; ///< that is read

    int count = 0;
    Unit unit = Unit::days;

    friend bool operator==(const Period&, const Period&) = default;
};

/// Parses a count from 0 to `largest_count`, white space, and a unit in the singular or plural.
/// "180d", "4w", "6m" and "1y" are the short forms of the command line.
/// @errors `bad_data`, with the forms that are possible
[[nodiscard]] Result<Period> parse_period(std::string_view text);

/// Prints "1 month", "6 weeks" …
[[nodiscard]] std::string to_string(const Period& period);

/// `date` moved forward by `period`. Working days need a calendar: see daemon/review.
/// @pre period.unit != working_days
[[nodiscard]] Date add(Date date, const Period& period);

/// `date` moved back by `period`.
/// @pre period.unit != working_days
[[nodiscard]] Date subtract(Date date, const Period& period);

/// A rough length for comparing two periods in a check: months as 30.44 days, working days as 1.4
/// days.
[[nodiscard]] double approximate_days(const Period& period);

} // namespace reviewd
