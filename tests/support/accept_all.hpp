#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <memory>
#include <utility>

namespace reviewd::test {

template <class Session, class State>
boost::asio::awaitable<void> serve_connection(
    std::shared_ptr<State> state, boost::asio::ip::tcp::socket socket
) {
    Session session{std::move(state), std::move(socket)};
    co_await session.run();
}

/// Counts each connection of a server in `state->connections` and gives it a Session of its own,
/// until `state->acceptor` is closed.
template <class Session, class State>
boost::asio::awaitable<void> accept_all(std::shared_ptr<State> state) {
    namespace net = boost::asio;
    for (;;) {
        net::ip::tcp::socket socket{state->acceptor.get_executor()};
        const auto [error] =
            co_await state->acceptor.async_accept(socket, net::as_tuple(net::use_awaitable));
        if (error) {
            co_return;
        }
        ++state->connections;
        const auto executor = state->acceptor.get_executor();
        net::co_spawn(executor, serve_connection<Session>(state, std::move(socket)), net::detached);
    }
}

} // namespace reviewd::test
