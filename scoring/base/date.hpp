#pragma once

#include "scoring/base/result.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace reviewd {

/// A civil day, without a zone. Differences are `std::chrono::days`; `Date{2024y / 2 / 29}` makes
/// one.
using Date = std::chrono::local_days;

/// A moment, in UTC, to the millisecond. Only daemon/runtime reads it from a clock.
using TimePoint = std::chrono::sys_time<std::chrono::milliseconds>;

/// Days that a column or a file may hold: 1900-01-01 to 2199-12-31.
inline constexpr Date first_date{std::chrono::year{1900} / 1 / 1};
inline constexpr Date last_date{std::chrono::year{2199} / 12 / 31};

/// Parses `YYYY-MM-DD`, nothing before or behind it.
/// @errors `bad_data` for another form, a day that does not exist, or one outside first_date …
/// last_date
[[nodiscard]] Result<Date> parse_date(std::string_view text);

/// Prints `YYYY-MM-DD`.
[[nodiscard]] std::string to_string(Date date);

/// Prints `YYYY-MM-DDTHH:MM:SS.mmmZ`.
[[nodiscard]] std::string to_string(TimePoint time);

/// Adds calendar months. The result has day `anchor` or, where the month is shorter, the month's
/// last day: a 31st stays a 31st wherever the month has one.
/// @param anchor day of the month that the series stands on, 1 … 31
[[nodiscard]] Date add_months(Date date, int months, unsigned anchor);

/// Adds calendar months, anchored on `date`'s own day of the month.
[[nodiscard]] Date add_months(Date date, int months);

/// Whole calendar months from `from` to `to`, negative when `to` is earlier: 31 Jan to 28 Feb (not
/// a leap year) is 1, because add_months(31 Jan, 1) is 28 Feb.
[[nodiscard]] int months_between(Date from, Date to);

/// Day of the month, 1 … 31.
[[nodiscard]] unsigned day_of_month(Date date);

/// Days since 1970-01-01; the form in which the database keeps a day.
[[nodiscard]] constexpr int to_day_number(Date date) {
    return static_cast<int>(date.time_since_epoch().count());
}
[[nodiscard]] constexpr Date from_day_number(int days) {
    return Date{std::chrono::days{days}};
}

} // namespace reviewd
