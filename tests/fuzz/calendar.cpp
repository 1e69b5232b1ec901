// iCalendar files of holidays and leave.
#include "config/calendar/icalendar.hpp"
#include "tests/fuzz/fuzz.hpp"

#include <algorithm>
#include <string>

namespace {

using namespace reviewd;
using fuzz::require;

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text{fuzz::Input{data, size}.rest()};
    config::Report report;
    const auto days = config::parse_calendar("holidays.ics", text, report);
    require(days.has_value() != report.has_errors(), "either days or errors");
    const auto lines = 1 + std::count(text.begin(), text.end(), '\n');
    for (const Diagnostic& finding : report.diagnostics()) {
        require(!finding.message.empty(), "a finding has a sentence");
        require(finding.position.line >= 0 && finding.position.line <= lines, "and its place");
    }
    if (!days) {
        return 0;
    }
    for (std::size_t i = 0; i < days->size(); ++i) {
        const config::DaySpan& span = (*days)[i];
        require(span.first <= span.last, "days off have a length");
        require(
            config::first_calendar_day <= span.first && span.last <= config::last_calendar_day,
            "they are within their bounds"
        );
        require(i == 0 || (*days)[i - 1].last < span.first, "they are in order and apart");
    }
    return 0;
}
