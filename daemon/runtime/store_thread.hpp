#pragma once

#include "daemon/runtime/asio/run_on.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/static_thread_pool.hpp>

#include <type_traits>
#include <utility>

namespace reviewd::runtime {

/// The one thread that owns the writing connection. What is given to on_store() runs there, in
/// order, one at a time. The destructor runs what was queued and waits for it.
class StoreThread {
public:
    StoreThread() = default;
    StoreThread(const StoreThread&) = delete;
    StoreThread& operator=(const StoreThread&) = delete;
    ~StoreThread() { pool_.join(); }

    [[nodiscard]] boost::asio::any_io_executor executor() { return pool_.get_executor(); }

    /// Runs `work` there after all that was queued, and waits for it.
    template <class Work>
    void run_last(Work work) {
        boost::asio::post(pool_, std::move(work));
        pool_.join();
    }

private:
    boost::asio::static_thread_pool pool_{1};
};

/// Runs `work` on the store's thread and resumes the caller, with what it returned or threw, on the
/// caller's own executor. Name a closure with captures before giving it (see style: GCC 12).
template <class Work>
[[nodiscard]] boost::asio::awaitable<std::invoke_result_t<Work&>> on_store(
    StoreThread& thread, Work work
) {
    return run_on(thread.executor(), std::move(work));
}

} // namespace reviewd::runtime
