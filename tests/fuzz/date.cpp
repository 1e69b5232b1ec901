// Days, spans and moments as files, rules and people write them.
#include "scoring/base/date.hpp"

#include "daemon/intake/date_pattern.hpp"
#include "scoring/base/period.hpp"
#include "scoring/cel/timestamp.hpp"
#include "tests/fuzz/fuzz.hpp"

#include <string>

namespace {

using namespace reviewd;
using fuzz::require;

void check_pattern(std::string_view pattern, std::string_view text) {
    const auto compiled = intake::DatePattern::compile(pattern);
    if (!compiled.has_value()) {
        require(!compiled.error().message.empty(), "a refused pattern is told why");
        return;
    }
    const std::optional<Date> day = compiled->parse(text);
    require(!day || (first_date <= *day && *day <= last_date), "a day is within its bounds");
    require(day || !compiled->why_no_date(text).empty(), "a refused day is told why");
    require(!compiled->described().empty(), "a pattern can be described");
}

void check_day(std::string_view text) {
    const auto day = parse_date(text);
    if (!day.has_value()) {
        require(!day.error().message.empty(), "a refused day is told why");
        return;
    }
    require(to_string(*day) == text, "a day is printed as it was read");
    require(months_between(*day, add_months(*day, 14)) == 14, "months are counted as added");
}

void check_period(std::string_view text) {
    const auto period = parse_period(text);
    if (!period.has_value()) {
        require(!period.error().message.empty(), "a refused period is told why");
        return;
    }
    const auto again = parse_period(to_string(*period));
    require(again.has_value() && *again == *period, "a period is read as it was printed");
    if (period->unit != Period::Unit::working_days) {
        const Date day{std::chrono::year{2026} / 8 / 31};
        require(subtract(day, *period) <= day && day <= add(day, *period), "and has its direction");
    }
}

void check_moment(std::string_view text) {
    if (const auto moment = cel::parse_timestamp(text)) {
        require(cel::is_in_range(*moment), "a moment is within its bounds");
        const auto again = cel::parse_timestamp(cel::to_string(*moment));
        require(again == moment, "a moment is read as it was printed");
    }
    if (const auto duration = cel::parse_duration(text)) {
        require(cel::to_nanoseconds(*duration).has_value(), "a duration is within its bounds");
        const auto again = cel::parse_duration(cel::to_string(*duration));
        require(again == duration, "a duration is read as it was printed");
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::Input input{data, size};
    const std::string text{input.part_behind('\n')};
    check_day(text);
    check_period(text);
    check_moment(text);
    check_pattern("%Y-%m-%d", text);
    check_pattern("%d.%m.%Y", text);
    check_pattern(input.rest(), text);
    return 0;
}
