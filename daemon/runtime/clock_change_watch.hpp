#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <functional>

namespace reviewd::runtime {

/// Tells when somebody sets the wall clock, so that a sleep until some moment is thought over at
/// once. Without the kernel's help (an old one, no descriptors left) it never tells, and the loop's
/// bounded sleep has to do.
class ClockChangeWatch {
public:
    /// @param changed is called on `executor`
    ClockChangeWatch(const boost::asio::any_io_executor& executor, std::function<void()> changed);

private:
    void arm();
    void wait();

    boost::asio::posix::stream_descriptor timer_;
    std::function<void()> changed_;
};

} // namespace reviewd::runtime
