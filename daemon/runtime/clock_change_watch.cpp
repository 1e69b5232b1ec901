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

ClockChangeWatch::ClockChangeWatch(
    const boost::asio::any_io_executor& executor, std::function<void()> changed
)
    : timer_{executor}, changed_{std::move(changed)} {
    const int descriptor = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC);
    if (descriptor < 0) {
        return;
    }
    boost::system::error_code error;
    timer_.assign(descriptor, error);
    if (error) {
        ::close(descriptor);
        return;
    }
    arm();
    wait();
}

void ClockChangeWatch::arm() {
    itimerspec never{};
    // The last second of a signed 32-bit count is far enough, and valid on every kernel.
    never.it_value.tv_sec = INT32_MAX;
    // Re-arming after a change reports ECANCELED once more although the timer is armed.
    timerfd_settime(
        timer_.native_handle(), TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &never, nullptr
    );
}

void ClockChangeWatch::wait() {
    timer_.async_wait(
        boost::asio::posix::stream_descriptor::wait_read,
        [this](const boost::system::error_code& error) {
            if (error) {
                return; // destroyed: `this` must not be touched
            }
            std::uint64_t expirations = 0;
            const ssize_t got = ::read(timer_.native_handle(), &expirations, sizeof expirations);
            if (got >= 0 || errno == ECANCELED) {
                changed_();
                arm();
            }
            wait();
        }
    );
}

} // namespace reviewd::runtime
