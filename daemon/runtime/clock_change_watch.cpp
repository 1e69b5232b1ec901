// A timer far in the future on the wall clock: setting the clock cancels it, which is all we want
// to know.

#include "daemon/runtime/clock_change_watch.hpp"

#include <boost/system/error_code.hpp>

#include <sys/timerfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <ctime>
#include <utility>

namespace reviewd::runtime {

ClockChangeWatch::Timer ClockChangeWatch::timer_of_kernel() {
    Timer timer;
    timer.open = [] {
        return timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC);
    };
    timer.arm = [](int descriptor) {
        itimerspec never{};
        // The last second of a signed 32-bit count is far enough, and valid on every kernel.
        never.it_value.tv_sec = INT32_MAX;
        // It reports ECANCELED when the clock was set since the last look, and is armed all the
        // same.
        timerfd_settime(descriptor, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &never, nullptr);
    };
    timer.was_set = [](int descriptor) {
        std::uint64_t expirations = 0;
        const ssize_t got = ::read(descriptor, &expirations, sizeof expirations);
        return got >= 0 || errno == ECANCELED;
    };
    return timer;
}

ClockChangeWatch::ClockChangeWatch(
    const boost::asio::any_io_executor& executor, std::function<void()> changed, Timer timer
)
    : timer_{std::move(timer)}, descriptor_{executor}, changed_{std::move(changed)} {
    const int descriptor = timer_.open();
    if (descriptor < 0) {
        return;
    }
    boost::system::error_code error;
    descriptor_.assign(descriptor, error);
    if (error) {
        ::close(descriptor);
        return;
    }
    timer_.arm(descriptor);
    wait();
}

void ClockChangeWatch::wait() {
    descriptor_.async_wait(
        boost::asio::posix::stream_descriptor::wait_read,
        [this](const boost::system::error_code& error) {
            if (error) {
                return; // destroyed: `this` must not be touched
            }
            if (timer_.was_set(descriptor_.native_handle())) {
                // In this order: arming takes a change in between for known, and makes no news of
                // it.
                timer_.arm(descriptor_.native_handle());
                changed_();
            }
            wait();
        }
    );
}

} // namespace reviewd::runtime
