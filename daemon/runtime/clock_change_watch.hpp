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
    /// A timer of the kernel that setting the clock cancels; tests bring their own.
    struct Timer {
        std::function<int()> open;        ///< a descriptor that becomes readable; negative: none
        std::function<void(int)> arm;     ///< from now on, changes of the clock make it readable
        std::function<bool(int)> was_set; ///< takes the news; false: there was none
    };
    [[nodiscard]] static Timer timer_of_kernel();

    /// @param changed is called on `executor`, after the watch is armed again: whoever reads the
    /// clock in it misses no change
    ClockChangeWatch(
        const boost::asio::any_io_executor& executor,
        std::function<void()> changed,
        Timer timer = timer_of_kernel()
    );

private:
    void wait();

    Timer timer_;
    boost::asio::posix::stream_descriptor descriptor_;
    std::function<void()> changed_;
};

} // namespace reviewd::runtime
