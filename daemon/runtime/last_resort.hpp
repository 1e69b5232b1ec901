#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace reviewd::runtime {

/// Does something when it is not destroyed in time: for an end that waits for threads, since one
/// that a disk or a reader holds up can neither be asked nor be left behind.
class LastResort {
public:
    /// @param action runs once, on a thread of its own; whoever destroys this waits for it
    LastResort(std::chrono::milliseconds time, std::function<void()> action);
    LastResort(const LastResort&) = delete;
    LastResort& operator=(const LastResort&) = delete;
    ~LastResort();

private:
    void wait(std::chrono::milliseconds time, const std::function<void()>& action);

    std::mutex mutex_;
    std::condition_variable changed_;
    bool is_over_ = false;
    std::thread thread_; ///< last: it uses what is above
};

} // namespace reviewd::runtime
