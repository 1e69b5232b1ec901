#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace reviewd::runtime {

/// A flag that one coroutine waits for. Raised from callbacks of the same executor; the waiter
/// always resumes later, never inside raise().
class Signal {
public:
    explicit Signal(const boost::asio::any_io_executor& executor)
        : timer_(executor, boost::asio::steady_timer::time_point::max()) {}

    void raise() {
        is_raised_ = true;
        timer_.cancel();
    }

    /// Waits until raised since the last wait.
    [[nodiscard]] boost::asio::awaitable<void> wait() {
        while (!is_raised_) {
            static_cast<void>(
                co_await timer_.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable))
            );
        }
        is_raised_ = false;
    }

private:
    boost::asio::steady_timer timer_;
    bool is_raised_ = false;
};

} // namespace reviewd::runtime
