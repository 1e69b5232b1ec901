#pragma once

// config/calendar: days off out of iCalendar files (.ics). Hides libical: nothing of it shows in a
// header. Includes config/node only, for positions.

#include "config/node/reader.hpp"
#include "scoring/base/date.hpp"

#include <optional>
#include <string>
#include <vector>

namespace reviewd::config {

/// Civil days from `first` to `last`, both included.
struct DaySpan {
    Date first{};
    Date last{};
    friend auto operator<=>(const DaySpan&, const DaySpan&) = default;
};

/// The days off that a text in iCalendar format names, from first_calendar_day to
/// last_calendar_day, sorted and joined.
///
/// Every VEVENT that is not cancelled counts, single or recurring (RRULE, RDATE, EXDATE, and single
/// occurrences changed by a RECURRENCE-ID); busy or free makes no difference, because calendars of
/// holidays say "free". All-day events take their days. Events with times take those civil days on
/// which they cover at least four hours between 08:00 and 18:00: an hour at the dentist's is no day
/// off. Times count as the clock of DTSTART shows them, in UTC where that is: another line's in UTC
/// or with a TZID are looked up on that clock; with a warning they are not where the tz database
/// lacks one of both zones.
/// @param name how messages call the text
/// @returns nothing after reporting at least one error: wrong structure, a text that breaks off,
/// days that do not exist, a rule that cannot be read or recurs more often than daily, rules that
/// recur without measure, and what is not followed: EXRULE, a RANGE of occurrences
[[nodiscard]] std::optional<std::vector<DaySpan>> parse_calendar(
    std::string name, std::string text, Report& report
);

/// Reads the file and parses it. A missing or unreadable one, or one above 8 MiB, is an error at
/// `named`, the place in the configuration that names it.
[[nodiscard]] std::optional<std::vector<DaySpan>> read_calendar_file(
    const std::string& path, const Node& named, Report& report
);

/// Recurring events are followed between these days.
inline constexpr Date first_calendar_day{std::chrono::year{1990} / 1 / 1};
inline constexpr Date last_calendar_day{std::chrono::year{2099} / 12 / 31};

} // namespace reviewd::config
