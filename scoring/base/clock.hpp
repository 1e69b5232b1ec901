#pragma once

#include "scoring/base/date.hpp"

#include <chrono>

namespace reviewd {

/// The only door to the time. daemon/runtime has the real one; tests crank a fake by hand.
class Clock {
public:
    Clock() = default;
    Clock(const Clock&) = delete;
    Clock& operator=(const Clock&) = delete;
    virtual ~Clock() = default;

    /// Wall clock, UTC. May jump.
    [[nodiscard]] virtual TimePoint now() const = 0;

    /// Time since an arbitrary start; goes on during suspend and never jumps.
    [[nodiscard]] virtual std::chrono::milliseconds since_boot() const = 0;
};

} // namespace reviewd
