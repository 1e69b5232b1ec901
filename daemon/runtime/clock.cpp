#include "daemon/runtime/clock.hpp"

#include <fmt/format.h>

#include <cctz/civil_time.h>
#include <cctz/time_zone.h>

#include <ctime>

namespace reviewd::runtime {

namespace {

std::chrono::milliseconds read(clockid_t which) {
    timespec time{};
    if (clock_gettime(which, &time) != 0) {
        throw Failure(fail(ErrorCode::internal, "the system has no clock"));
    }
    return std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::seconds{time.tv_sec} + std::chrono::nanoseconds{time.tv_nsec}
    );
}

} // namespace

TimePoint SystemClock::now() const {
    return TimePoint{read(CLOCK_REALTIME)};
}

std::chrono::milliseconds SystemClock::since_boot() const {
    return read(CLOCK_BOOTTIME);
}

ShiftedClock::ShiftedClock(const Clock& base, TimePoint start)
    : base_{base}, shift_{start - base.now()} {}

TimePoint ShiftedClock::now() const {
    return base_.now() + shift_;
}

std::chrono::milliseconds ShiftedClock::since_boot() const {
    return base_.since_boot();
}

Result<TimePoint> noon(Date date, const std::string& zone) {
    cctz::time_zone loaded;
    if (!cctz::load_time_zone(zone, &loaded)) {
        return fail(
            ErrorCode::bad_config,
            fmt::format("the time zone `{}` is unknown; write one such as Europe/Berlin", zone)
        );
    }
    const std::chrono::year_month_day day{date};
    const cctz::civil_second civil{
        static_cast<int>(day.year()),
        static_cast<int>(static_cast<unsigned>(day.month())),
        static_cast<int>(static_cast<unsigned>(day.day())),
        12};
    return std::chrono::time_point_cast<std::chrono::milliseconds>(cctz::convert(civil, loaded));
}

} // namespace reviewd::runtime
