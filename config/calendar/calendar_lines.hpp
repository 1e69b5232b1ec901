#pragma once

#include "config/node/reader.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reviewd::config {

/// A content line of an iCalendar text: folded lines are joined, and its place is kept.
struct CalendarLine {
    std::string name;       ///< "DTSTART", in upper case
    std::string parameters; ///< ";VALUE=DATE", with the first semicolon; may be empty
    std::string value;
    std::size_t offset = 0; ///< of its first byte in the text
};

/// The lines of one VEVENT, without those of components inside it (alarms).
struct CalendarEvent {
    std::vector<CalendarLine> lines;
    std::size_t offset = 0; ///< of its BEGIN

    [[nodiscard]] const CalendarLine* find(std::string_view name) const;
};

/// Splits a text into its events and checks its structure: it is a VCALENDAR, every BEGIN has its
/// END, every line has a name. A text that ends inside a component is refused as cut off.
/// @returns nothing after reporting at least one error
[[nodiscard]] std::optional<std::vector<CalendarEvent>> split_calendar(
    const SourceText& source, Report& report
);

/// Reports an error at a byte of the text.
void report_at(
    const SourceText& source,
    std::size_t offset,
    std::string message,
    std::string hint,
    Report& report
);

} // namespace reviewd::config
