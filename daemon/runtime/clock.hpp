#pragma once

// daemon/runtime: the real world: clocks, threads, signals, the service manager, the journal, the
// control socket. The only folder that reads a clock. Includes scoring/base.

#include "scoring/base/clock.hpp"
#include "scoring/base/result.hpp"

#include <string>

namespace reviewd::runtime {

/// The machine's clocks: CLOCK_REALTIME and CLOCK_BOOTTIME. Any thread.
class SystemClock final : public Clock {
public:
    [[nodiscard]] TimePoint now() const override;
    [[nodiscard]] std::chrono::milliseconds since_boot() const override;
};

/// A clock that showed `start` when it was made and goes on from there at `base`'s pace; for
/// `--now`. Any thread.
class ShiftedClock final : public Clock {
public:
    /// @param base outlives this
    ShiftedClock(const Clock& base, TimePoint start);

    [[nodiscard]] TimePoint now() const override;
    [[nodiscard]] std::chrono::milliseconds since_boot() const override;

private:
    const Clock& base_;
    std::chrono::milliseconds shift_;
};

/// 12:00 of that day in the zone; where the zone skips that hour, the moment of the jump.
/// @errors `bad_config` when the zone is unknown
[[nodiscard]] Result<TimePoint> noon(Date date, const std::string& zone);

} // namespace reviewd::runtime
