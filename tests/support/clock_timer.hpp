#pragma once

#include "daemon/runtime/clock_change_watch.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cstdint>
#include <functional>

namespace reviewd::test {

/// What the kernel's timer is to a ClockChangeWatch, for tests that set no clock.
class TestClockTimer {
public:
    TestClockTimer() = default;
    TestClockTimer(const TestClockTimer&) = delete;
    TestClockTimer& operator=(const TestClockTimer&) = delete;
    ~TestClockTimer() { ::close(descriptor_); }

    /// As if somebody set the clock. Any thread.
    void set_clock() const { ::eventfd_write(descriptor_, 1); }

    [[nodiscard]] runtime::ClockChangeWatch::Timer timer() {
        return {
            .open = [this] { return ::dup(descriptor_); },
            .arm =
                [this](int) {
                    if (armed) {
                        armed();
                    }
                },
            .was_set =
                [](int descriptor) {
                    std::uint64_t changes = 0;
                    return ::eventfd_read(descriptor, &changes) == 0;
                },
        };
    }

    std::function<void()> armed; ///< called each time; may be empty

private:
    int descriptor_ = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
};

} // namespace reviewd::test
