#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <exception>
#include <optional>
#include <utility>

namespace reviewd::test {

/// Runs the loop until the coroutine has its result; servers on the same loop work meanwhile.
template <class T>
T await(boost::asio::io_context& loop, boost::asio::awaitable<T> work) {
    std::optional<T> result;
    std::exception_ptr failure;
    auto done = [&](std::exception_ptr error, T value) {
        failure = error;
        result = std::move(value);
    };
    boost::asio::co_spawn(loop, std::move(work), std::move(done));
    loop.restart();
    while (!result && loop.run_one() > 0) {
    }
    if (failure) {
        std::rethrow_exception(failure);
    }
    return std::move(result.value());
}

} // namespace reviewd::test
