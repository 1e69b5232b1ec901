#pragma once

// daemon/runtime: the real world: clocks, threads, signals, the service manager, the journal, the
// control socket. The only folder that reads a clock. Includes scoring/base.

#include "scoring/base/clock.hpp"

#include <atomic>

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

    /// A second run of the same day begins where the first one stopped: moves on to `seen` when
    /// that is at most half a day ahead, so that time never runs backwards within a day.
    void go_on_from(TimePoint seen);

    [[nodiscard]] TimePoint now() const override;
    [[nodiscard]] std::chrono::milliseconds since_boot() const override;

private:
    const Clock& base_;
    std::atomic<std::chrono::milliseconds> shift_;
};

} // namespace reviewd::runtime
