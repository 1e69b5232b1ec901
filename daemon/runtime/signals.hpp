#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/signal_set.hpp>

#include <functional>

namespace reviewd::runtime {

/// A peer that hangs up must show as an error of the write, not end the process. Call it first in
/// main.
void ignore_broken_pipes();

/// Tells of SIGTERM, SIGINT and SIGHUP until it is destroyed.
class SignalWatch {
public:
    /// @param received is called on `executor` with the signal's number
    SignalWatch(const boost::asio::any_io_executor& executor, std::function<void(int)> received);

private:
    void wait();

    boost::asio::signal_set signals_;
    std::function<void(int)> received_;
};

} // namespace reviewd::runtime
