#include "scoring/base/period.hpp"

#include "scoring/base/assert.hpp"
#include "scoring/base/text.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>

namespace reviewd {
namespace {

using Unit = Period::Unit;

struct UnitName {
    Unit unit;
    std::string_view singular;
    std::string_view plural;
    std::string_view shortest; ///< command line; empty when there is none
    double days;
};

constexpr std::array unit_names{
    UnitName{Unit::days, "day", "days", "d", 1},
    UnitName{Unit::working_days, "working day", "working days", "", 1.4},
    UnitName{Unit::weeks, "week", "weeks", "w", 7},
    UnitName{Unit::months, "month", "months", "m", 30.44},
    UnitName{Unit::years, "year", "years", "y", 365.25},
};

const UnitName& entry(Unit unit) {
    for (const UnitName& candidate : unit_names) {
        if (candidate.unit == unit) {
            return candidate;
        }
    }
    assertion_failed("every unit has a name", __FILE__, __LINE__);
}

Date move(Date date, const Period& period, int sign) {
    const int count = sign * period.count;
    switch (period.unit) {
    case Unit::days:
        return date + std::chrono::days{count};
    case Unit::weeks:
        return date + std::chrono::days{7 * count};
    case Unit::months:
        return add_months(date, count);
    case Unit::years:
        return add_months(date, 12 * count);
    case Unit::working_days:
        break;
    }
    assertion_failed("working days are counted by a calendar", __FILE__, __LINE__);
}

} // namespace

Result<Period> parse_period(std::string_view text) {
    const auto wrong = [&] {
        return fail(
            ErrorCode::bad_data,
            fmt::format(
                "`{}` is not a period; write a count up to {} and a unit: 14 days, 2 working days, "
                "6 weeks, 1 month, 1 year",
                text,
                Period::largest_count
            )
        );
    };
    int count = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
    const auto used = static_cast<std::size_t>(end - text.data());
    if (error != std::errc{} || count < 0 || count > Period::largest_count || text.front() == '-') {
        return wrong();
    }
    const std::string_view rest = text.substr(used);
    const std::string_view unit = trim(rest);
    const bool is_spaced = unit.size() != rest.size();
    for (const UnitName& candidate : unit_names) {
        const bool is_long = is_spaced && (unit == candidate.singular || unit == candidate.plural);
        if (is_long || (!candidate.shortest.empty() && !is_spaced && unit == candidate.shortest)) {
            return Period{count, candidate.unit};
        }
    }
    return wrong();
}

std::string to_string(const Period& period) {
    const UnitName& unit = entry(period.unit);
    return fmt::format("{} {}", period.count, period.count == 1 ? unit.singular : unit.plural);
}

Date add(Date date, const Period& period) {
    return move(date, period, 1);
}

Date subtract(Date date, const Period& period) {
    return move(date, period, -1);
}

double approximate_days(const Period& period) {
    return period.count * entry(period.unit).days;
}

} // namespace reviewd
