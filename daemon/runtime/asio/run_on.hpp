#pragma once

// daemon/runtime/asio: Asio and Beast, compiled once, and what all who use them need. It may
// include nothing of ours.

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <type_traits>
#include <utility>

namespace reviewd::runtime {

/// Runs `work`, which may wait for a disk or a reader, on `where`, and resumes the caller, with
/// what it returned or threw, on the caller's own executor. Without an executor it runs at once.
/// What the closure refers to may live in the caller's frame. Name the closure before giving it
/// (see style: GCC 12).
template <class Work>
[[nodiscard]] boost::asio::awaitable<std::invoke_result_t<Work&>> run_on(
    boost::asio::any_io_executor where, Work work
) {
    using Answer = std::invoke_result_t<Work&>;
    if (!where) {
        co_return work();
    }
    auto flow = [job = std::move(work)]() mutable -> boost::asio::awaitable<Answer> {
        co_return job();
    };
    co_return co_await boost::asio::co_spawn(where, std::move(flow), boost::asio::use_awaitable);
}

} // namespace reviewd::runtime
