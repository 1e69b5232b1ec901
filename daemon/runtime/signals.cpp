#include "daemon/runtime/signals.hpp"

#include <csignal>
#include <utility>

namespace reviewd::runtime {

void ignore_broken_pipes() {
    struct sigaction action {};
    action.sa_handler = SIG_IGN;
    sigaction(SIGPIPE, &action, nullptr);
}

SignalWatch::SignalWatch(
    const boost::asio::any_io_executor& executor, std::function<void(int)> received
)
    : signals_{executor, SIGTERM, SIGINT, SIGHUP}, received_{std::move(received)} {
    wait();
}

void SignalWatch::wait() {
    signals_.async_wait([this](const boost::system::error_code& error, int number) {
        if (error) {
            return; // destroyed: `this` must not be touched
        }
        received_(number);
        wait();
    });
}

} // namespace reviewd::runtime
