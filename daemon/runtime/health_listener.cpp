#include "daemon/runtime/health_listener.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <fmt/format.h>

#include <set>

namespace reviewd::runtime {

namespace {

namespace net = boost::asio;
namespace http = boost::beast::http;
using boost::asio::ip::tcp;
constexpr auto as_tuple = net::as_tuple(net::use_awaitable);
constexpr std::chrono::milliseconds rest_without_descriptors{1'000};

using Request = http::request<http::empty_body>;
using Response = http::response<http::string_body>;

Response make_response(unsigned status, std::string type, std::string body) {
    Response response{static_cast<http::status>(status), 11};
    response.set(http::field::content_type, type);
    response.set(http::field::cache_control, "no-store");
    response.set("X-Content-Type-Options", "nosniff");
    response.keep_alive(false);
    response.body() = std::move(body);
    response.prepare_payload();
    return response;
}

/// What is wrong with a request before its path counts; 0: nothing.
unsigned find_fault(const Request& request) {
    if (request.method() != http::verb::get && request.method() != http::verb::head) {
        return 405;
    }
    const bool has_body = request.find(http::field::transfer_encoding) != request.end()
                          || request.find(http::field::content_length) != request.end();
    return has_body ? 400 : 0;
}

} // namespace

struct HealthListener::State : std::enable_shared_from_this<State> {
    State(tcp::acceptor opened, HealthHandler answers, HealthLimits bounds)
        : acceptor{std::move(opened)},
          retry{acceptor.get_executor()},
          handler{std::move(answers)},
          limits{bounds} {}

    net::awaitable<void> accept() {
        const auto self = shared_from_this();
        while (acceptor.is_open()) {
            auto [error, socket] = co_await acceptor.async_accept(as_tuple);
            if (error == net::error::operation_aborted || !acceptor.is_open()) {
                co_return;
            }
            if (error) {
                // No descriptors, for instance: the next moment may have some.
                retry.expires_after(rest_without_descriptors);
                co_await retry.async_wait(as_tuple);
            } else if (open.size() < limits.connections) {
                net::co_spawn(acceptor.get_executor(), serve(std::move(socket)), net::detached);
            }
        }
    }

    net::awaitable<void> serve(tcp::socket socket) {
        const auto self = shared_from_this();
        boost::beast::tcp_stream stream{std::move(socket)};
        open.insert(&stream);
        Response response = co_await answer(stream);
        stream.expires_after(limits.answer_time);
        co_await http::async_write(stream, response, as_tuple);
        boost::system::error_code ignored;
        stream.socket().shutdown(tcp::socket::shutdown_send, ignored);
        open.erase(&stream);
    }

    net::awaitable<Response> answer(boost::beast::tcp_stream& stream) {
        boost::beast::flat_buffer buffer;
        http::request_parser<http::empty_body> parser;
        parser.header_limit(static_cast<std::uint32_t>(limits.header_bytes));
        parser.body_limit(0);
        stream.expires_after(limits.request_time);
        const auto read = co_await http::async_read_header(stream, buffer, parser, as_tuple);
        if (std::get<0>(read)) {
            co_return make_response(400, "text/plain", "this is no request\n");
        }
        const Request& request = parser.get();
        if (const unsigned fault = find_fault(request); fault != 0) {
            co_return make_response(fault, "text/plain", "only GET, without a body\n");
        }
        HealthAnswer made;
        try {
            made = co_await handler(std::string{request.target()});
        } catch (const std::exception&) {
            made.status = 503;
            made.body = "the daemon cannot answer\n";
        }
        Response response = make_response(made.status, std::move(made.type), std::move(made.body));
        if (request.method() == http::verb::head) {
            response.body().clear();
        }
        co_return response;
    }

    void close() {
        boost::system::error_code ignored;
        acceptor.close(ignored);
        retry.cancel();
        for (boost::beast::tcp_stream* stream : open) {
            stream->socket().close(ignored);
        }
    }

    tcp::acceptor acceptor;
    net::steady_timer retry;
    HealthHandler handler;
    HealthLimits limits;
    std::set<boost::beast::tcp_stream*> open;
};

Result<std::unique_ptr<HealthListener>> HealthListener::open(
    const net::any_io_executor& executor,
    const std::string& address,
    int port,
    HealthHandler handler,
    HealthLimits limits
) {
    boost::system::error_code error;
    const net::ip::address numeric = net::ip::make_address(address, error);
    const tcp::endpoint place{numeric, static_cast<std::uint16_t>(port)};
    tcp::acceptor acceptor{executor};
    if (!error) {
        acceptor.open(place.protocol(), error);
    }
    if (!error) {
        acceptor.set_option(net::socket_base::reuse_address{true}, error);
        acceptor.bind(place, error);
    }
    if (!error) {
        acceptor.listen(net::socket_base::max_listen_connections, error);
    }
    if (error) {
        return fail(
            ErrorCode::cannot_create,
            fmt::format(
                "monitoring cannot listen on {} port {}: {}", address, port, error.message()
            )
        );
    }
    auto state = std::make_shared<State>(std::move(acceptor), std::move(handler), limits);
    net::co_spawn(executor, state->accept(), net::detached);
    return std::make_unique<HealthListener>(std::move(state));
}

HealthListener::HealthListener(std::shared_ptr<State> state) : state_{std::move(state)} {}

HealthListener::~HealthListener() {
    state_->close();
}

int HealthListener::port() const {
    boost::system::error_code ignored;
    return state_->acceptor.local_endpoint(ignored).port();
}

} // namespace reviewd::runtime
