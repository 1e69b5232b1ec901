#include "daemon/runtime/last_resort.hpp"

#include <utility>

namespace reviewd::runtime {

LastResort::LastResort(std::chrono::milliseconds time, std::function<void()> action)
    : thread_{[this, time, act = std::move(action)] {
          wait(time, act);
      }} {}

LastResort::~LastResort() {
    {
        const std::lock_guard guard{mutex_};
        is_over_ = true;
    }
    changed_.notify_one();
    thread_.join();
}

void LastResort::wait(std::chrono::milliseconds time, const std::function<void()>& action) {
    std::unique_lock lock{mutex_};
    if (changed_.wait_for(lock, time, [this] { return is_over_; })) {
        return;
    }
    lock.unlock();
    action();
}

} // namespace reviewd::runtime
