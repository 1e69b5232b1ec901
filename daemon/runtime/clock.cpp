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

TimePoint ShiftedClock::now() const {
    return base_.now() + shift_;
}

std::chrono::milliseconds ShiftedClock::since_boot() const {
    return base_.since_boot();
}

} // namespace reviewd::runtime
