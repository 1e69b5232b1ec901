#include "daemon/runtime/clock.hpp"

#include "scoring/base/result.hpp"

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

void ShiftedClock::go_on_from(TimePoint seen) {
    const std::chrono::milliseconds ahead = seen - now();
    if (ahead > std::chrono::milliseconds{0} && ahead < std::chrono::hours{12}) {
        shift_ = shift_.load() + ahead;
    }
}

TimePoint ShiftedClock::now() const {
    return base_.now() + shift_.load();
}

std::chrono::milliseconds ShiftedClock::since_boot() const {
    return base_.since_boot();
}

} // namespace reviewd::runtime
