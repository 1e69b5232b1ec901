#include "daemon/links/link_server.hpp"

#include "scoring/base/shortage.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <fmt/format.h>

#include <array>
#include <exception>
#include <utility>

namespace reviewd::links {

namespace {

namespace beast = boost::beast;
namespace http = boost::beast::http;
namespace net = boost::asio;
using tcp = net::ip::tcp;

constexpr auto as_result = net::as_tuple(net::use_awaitable);
constexpr std::chrono::milliseconds accept_pause{100};
constexpr std::chrono::milliseconds leave_time{1000};
constexpr std::size_t leave_bytes = 256 * 1024;
constexpr std::size_t read_bytes = 4096;
constexpr int refused_as_bad = 400;
constexpr int time_out = 408;
constexpr int too_many = 429;
constexpr int refused_as_long = 431;
constexpr int our_fault = 500;

/// Bytes that have come and are not used yet, and how reading ended: 0, or a status.
struct Received {
    std::string bytes;
    int refusal = 0;
    bool is_gone = false; ///< the connection is over; nobody would read an answer
};

net::awaitable<void> read_more(beast::tcp_stream& stream, Received& received) {
    std::array<char, read_bytes> part{};
    const auto [error, count] =
        co_await stream.async_read_some(net::buffer(part.data(), part.size()), as_result);
    if (error) {
        // A deadline that passes closes the connection, too.
        received.refusal = time_out;
        received.is_gone = true;
        co_return;
    }
    received.bytes.append(part.data(), count);
}

/// Reads to the empty line that ends a head. @returns the size of the head; 0 after a refusal
net::awaitable<std::size_t> read_head_bytes(
    beast::tcp_stream& stream, Received& received, std::size_t most
) {
    for (;;) {
        const std::size_t end = received.bytes.find("\r\n\r\n");
        const std::string_view seen{received.bytes};
        if (!may_become_head(seen.substr(0, end))) {
            received.refusal = refused_as_bad;
            co_return 0U;
        }
        if (end != std::string::npos && end + 4 <= most) {
            co_return end + 4;
        }
        if (received.bytes.size() >= most) {
            received.refusal = refused_as_long;
            co_return 0U;
        }
        co_await read_more(stream, received);
        if (received.refusal != 0) {
            co_return 0U;
        }
    }
}

/// Closes so that the client can read the answer: with bytes unread the system would tell it that
/// the connection broke.
net::awaitable<void> take_leave(beast::tcp_stream& stream) {
    beast::error_code ignored;
    stream.socket().shutdown(tcp::socket::shutdown_send, ignored);
    stream.expires_after(leave_time);
    std::array<char, read_bytes> part{};
    for (std::size_t left = leave_bytes; left > 0;) {
        const auto [error, count] =
            co_await stream.async_read_some(net::buffer(part.data(), part.size()), as_result);
        if (error || count >= left) {
            break;
        }
        left -= count;
    }
    stream.close();
}

} // namespace

struct LinkServer::State {
    State(
        const net::any_io_executor& used_executor,
        LinkServerOptions used_options,
        LinkHandler used_handler,
        const Clock& used_clock,
        runtime::Log used_log
    )
        : executor{used_executor},
          acceptor{used_executor},
          options{std::move(used_options)},
          handler{std::move(used_handler)},
          clock{used_clock},
          log{std::move(used_log)},
          limits{options.peers} {}

    net::any_io_executor executor;
    tcp::acceptor acceptor;
    LinkServerOptions options;
    LinkHandler handler;
    const Clock& clock;
    runtime::Log log;
    PeerLimits limits;

    [[nodiscard]] std::chrono::milliseconds moment() const { return clock.since_boot(); }

    /// Makes the answer to what has come. Also takes the body in.
    net::awaitable<LinkResponse> respond(
        beast::tcp_stream& stream, Received& received, RequestHead& head, const std::string& peer
    ) {
        stream.expires_after(options.head_time);
        const std::size_t size =
            co_await read_head_bytes(stream, received, options.request.head_bytes);
        if (received.refusal == 0) {
            head = read_head(std::string_view{received.bytes}.substr(0, size), options.request);
            received.refusal = head.refusal;
        }
        const std::string client = client_of(peer, options.proxies, head.forwarded_for);
        if (received.refusal != 0) {
            limits.fault(client, moment());
            co_return plain_response(received.refusal, head.language);
        }
        if (!limits.may_ask(client, moment())) {
            co_return plain_response(too_many, head.language);
        }
        received.bytes.erase(0, size);
        stream.expires_after(options.body_time);
        while (received.bytes.size() < head.body_bytes) {
            co_await read_more(stream, received);
            if (received.refusal != 0) {
                co_return plain_response(received.refusal, head.language);
            }
        }
        // What comes behind the body is never looked at.
        stream.expires_never();
        std::string body = received.bytes.substr(0, head.body_bytes);
        LinkResponse response = co_await handler(head, std::move(body));
        if (response.is_fault) {
            limits.fault(client, moment());
        }
        co_return response;
    }

    net::awaitable<void> write(
        beast::tcp_stream& stream, LinkResponse response, const RequestHead& head
    ) const {
        http::response<http::string_body> message;
        message.version(11);
        message.result(static_cast<unsigned>(response.status));
        for (const auto& [name, value] : response.fields) {
            message.insert(name, value);
        }
        message.keep_alive(false);
        const std::size_t size = response.body.size();
        message.body() = head.method == "HEAD" ? std::string{} : std::move(response.body);
        message.content_length(size);
        stream.expires_after(options.write_time);
        http::response_serializer<http::string_body> serializer{message};
        if (head.method == "HEAD") {
            const auto [error, count] =
                co_await http::async_write_header(stream, serializer, as_result);
            static_cast<void>(error);
            static_cast<void>(count);
        } else {
            const auto [error, count] = co_await http::async_write(stream, serializer, as_result);
            static_cast<void>(error);
            static_cast<void>(count);
        }
    }

    static net::awaitable<void> serve(
        std::shared_ptr<State> state, tcp::socket socket, std::string peer
    ) {
        beast::tcp_stream stream{std::move(socket)};
        Received received;
        RequestHead head;
        LinkResponse response;
        try {
            response = co_await state->respond(stream, received, head, peer);
        } catch (const std::exception& error) {
            state->log.tell(LogEvent::links_failed, {{"reason", error.what()}});
            response = plain_response(our_fault, head.language);
        }
        if (!received.is_gone) {
            co_await state->write(stream, std::move(response), head);
        }
        co_await take_leave(stream);
        state->limits.close(peer, state->moment());
    }

    static net::awaitable<void> accept(std::shared_ptr<State> state) {
        while (state->acceptor.is_open()) {
            tcp::socket socket{state->executor};
            const auto [error] = co_await state->acceptor.async_accept(socket, as_result);
            if (error == net::error::operation_aborted) {
                co_return;
            }
            if (error) {
                // No descriptors left, for instance: let others finish, then go on.
                state->log.tell(LogEvent::links_accept_failed, {{"reason", error.message()}});
                net::steady_timer pause{state->executor, accept_pause};
                co_await pause.async_wait(as_result);
                continue;
            }
            beast::error_code unknown;
            const auto end = socket.remote_endpoint(unknown);
            const std::string peer = unknown ? std::string{} : end.address().to_string();
            const auto kind = is_proxy(peer, state->options.proxies) ? PeerLimits::PeerKind::proxy
                                                                     : PeerLimits::PeerKind::person;
            if (unknown || !state->limits.open(peer, state->moment(), kind)) {
                continue; // closed by its end
            }
            net::co_spawn(state->executor, serve(state, std::move(socket), peer), net::detached);
        }
    }
};

Result<std::unique_ptr<LinkServer>> LinkServer::open(
    const net::any_io_executor& executor,
    const LinkServerOptions& options,
    LinkHandler handler,
    const Clock& clock,
    const runtime::Log& log
) {
    auto state = std::make_shared<State>(executor, options, std::move(handler), clock, log);
    beast::error_code error;
    const auto address = net::ip::make_address(options.address, error);
    const tcp::endpoint place{address, static_cast<unsigned short>(options.port)};
    const auto attempt = [&](auto step) {
        if (!error) {
            step();
        }
    };
    attempt([&] { state->acceptor.open(place.protocol(), error); });
    attempt([&] { state->acceptor.set_option(net::socket_base::reuse_address(true), error); });
    attempt([&] { state->acceptor.bind(place, error); });
    attempt([&] { state->acceptor.listen(net::socket_base::max_listen_connections, error); });
    if (error) {
        return fail(
            is_shortage(error.value()) ? ErrorCode::try_later : ErrorCode::cannot_create,
            fmt::format(
                "links: cannot listen on {} port {}: {}",
                options.address,
                options.port,
                error.message()
            )
        );
    }
    net::co_spawn(executor, State::accept(state), net::detached);
    return std::make_unique<LinkServer>(std::move(state));
}

LinkServer::LinkServer(std::shared_ptr<State> state) : state_{std::move(state)} {}

LinkServer::~LinkServer() {
    beast::error_code ignored;
    state_->acceptor.close(ignored);
}

void LinkServer::believe(std::vector<std::string> proxies) {
    state_->options.proxies = std::move(proxies);
}

int LinkServer::port() const {
    beast::error_code ignored;
    return state_->acceptor.local_endpoint(ignored).port();
}

std::size_t LinkServer::connections() const {
    return state_->limits.connections();
}

} // namespace reviewd::links
