#include "daemon/runtime/alarm.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace reviewd::runtime {

Alarm::Alarm(const boost::asio::any_io_executor& executor) : timer_{executor} {}

boost::asio::awaitable<void> Alarm::wait(std::chrono::milliseconds at_most) {
    if (!is_rung_) {
        timer_.expires_after(at_most);
        // The only error is "cancelled", which is how ring() and a shutdown end the wait.
        co_await timer_.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
    }
    is_rung_ = false;
}

void Alarm::ring() {
    is_rung_ = true;
    timer_.cancel();
}

} // namespace reviewd::runtime
