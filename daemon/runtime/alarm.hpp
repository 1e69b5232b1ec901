#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>

namespace reviewd::runtime {

/// Sleep that can be cut short: the loop's "until something happens, at most so long". Belongs to
/// its executor; one waiter at a time. A ring before the wait is not lost.
class Alarm {
public:
    explicit Alarm(const boost::asio::any_io_executor& executor);

    /// Returns after `at_most`, or at once after ring(), or when the coroutine is cancelled.
    [[nodiscard]] boost::asio::awaitable<void> wait(std::chrono::milliseconds at_most);

    /// Ends the wait under way, or the next one at once.
    void ring();

private:
    boost::asio::steady_timer timer_;
    bool is_rung_ = false;
};

} // namespace reviewd::runtime
