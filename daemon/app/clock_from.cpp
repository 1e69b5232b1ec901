#include "daemon/app/clock_from.hpp"

#include "daemon/review/zone.hpp"
#include "scoring/base/date.hpp"

#include <fmt/format.h>

namespace reviewd::app {

Result<std::unique_ptr<runtime::ShiftedClock>> clock_from(
    const std::string& day, const config::Settings& settings, const Clock& system
) {
    if (day.empty()) {
        return std::unique_ptr<runtime::ShiftedClock>{};
    }
    const Result<Date> date = parse_date(day);
    if (!date) {
        return fail(
            ErrorCode::usage,
            fmt::format("--now takes a day such as 2026-11-20: {}", date.error().message)
        );
    }
    const Result<review::Zone> zone = review::Zone::load(settings.company.zone);
    if (!zone) {
        const bool is_short = zone.error().code == ErrorCode::try_later;
        return is_short ? zone.error() : fail(ErrorCode::bad_config, zone.error().message);
    }
    return std::make_unique<runtime::ShiftedClock>(
        system, zone->moment(*date, std::chrono::hours{12})
    );
}

} // namespace reviewd::app
