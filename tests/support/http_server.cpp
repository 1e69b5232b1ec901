#include "tests/support/http_server.hpp"

#include "tests/support/accept_all.hpp"
#include "tests/support/wire.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <fmt/core.h>

#include <cctype>
#include <string_view>
#include <utility>

namespace reviewd::test {

namespace net = boost::asio;
namespace http = boost::beast::http;
using net::ip::tcp;

struct HttpServer::State {
    State(const net::any_io_executor& executor, HttpServerSettings wanted)
        : settings(std::move(wanted)),
          acceptor(
              executor,
              {net::ip::address_v4::loopback(), static_cast<unsigned short>(settings.port)}
          ) {
        if (settings.certificate) {
            context = server_context(*settings.certificate);
        }
    }

    HttpServerSettings settings;
    tcp::acceptor acceptor;
    std::unique_ptr<net::ssl::context> context;
    std::vector<ReceivedRequest> received;
    int connections = 0;
};

namespace {

constexpr std::size_t read_bytes = 16384;

struct HttpClosed {};

std::string lower_case(std::string_view text) {
    std::string result{text};
    for (char& c : result) {
        c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
    return result;
}

std::string rendered(const HttpAnswer& answer) {
    if (answer.raw) {
        return *answer.raw;
    }
    std::string text = fmt::format("HTTP/1.1 {} Scripted\r\n", answer.status);
    for (const auto& [name, value] : answer.headers) {
        text += fmt::format("{}: {}\r\n", name, value);
    }
    return text + fmt::format("Content-Length: {}\r\n\r\n{}", answer.body.size(), answer.body);
}

/// One connection.
class HttpSession {
public:
    HttpSession(std::shared_ptr<HttpServer::State> state, tcp::socket socket)
        : state_(std::move(state)), wire_(std::move(socket)) {}

    net::awaitable<void> run() {
        try {
            if (state_->context != nullptr) {
                co_await wire_.start_tls(*state_->context);
            }
            for (;;) {
                co_await serve();
            }
        } catch (const HttpClosed&) {
        } catch (const boost::system::system_error&) {
        }
        wire_.close();
    }

private:
    net::awaitable<void> serve() {
        http::request_parser<http::string_body> parser;
        parser.eager(true);
        while (!parser.is_done()) {
            boost::system::error_code error;
            const std::size_t used = parser.put(buffer_.data(), error);
            buffer_.consume(used);
            if (error && error != http::error::need_more) {
                throw HttpClosed{};
            }
            if (!parser.is_done()) {
                const std::size_t count = co_await wire_.read_some(buffer_.prepare(read_bytes));
                buffer_.commit(count);
            }
        }
        const HttpAnswer answer = state_->settings.answer;
        remember(parser.get(), answer.status);
        co_await give(answer);
    }

    void remember(const http::request<http::string_body>& request, int status) {
        ReceivedRequest received;
        received.method = std::string{request.method_string()};
        received.target = std::string{request.target()};
        received.body = request.body();
        received.has_tls = wire_.has_tls();
        received.status = status;
        for (const auto& field : request) {
            received.headers[lower_case(field.name_string())] = std::string{field.value()};
        }
        if (state_->settings.keep) {
            state_->settings.keep(received);
        }
        state_->received.push_back(std::move(received));
    }

    net::awaitable<void> give(HttpAnswer answer) {
        const std::string text = rendered(answer);
        if (answer.per_byte.count() > 0) {
            co_await wire_.write_slowly(text, answer.per_byte);
        } else {
            co_await wire_.write(text);
        }
        if (answer.then == HttpAnswer::Then::close) {
            throw HttpClosed{};
        }
        if (answer.then == HttpAnswer::Then::silence) {
            co_await wire_.wait_for_end();
        }
    }

    std::shared_ptr<HttpServer::State> state_;
    Wire wire_;
    boost::beast::flat_buffer buffer_;
};

} // namespace

HttpServer::HttpServer(const net::any_io_executor& executor, HttpServerSettings settings)
    : state_(std::make_shared<State>(executor, std::move(settings))) {
    net::co_spawn(executor, accept_all<HttpSession>(state_), net::detached);
}

HttpServer::~HttpServer() {
    boost::system::error_code ignored;
    static_cast<void>(state_->acceptor.close(ignored));
}

int HttpServer::port() const {
    return state_->acceptor.local_endpoint().port();
}

HttpAnswer& HttpServer::answer() {
    return state_->settings.answer;
}

const std::vector<ReceivedRequest>& HttpServer::received() const {
    return state_->received;
}

int HttpServer::connections() const {
    return state_->connections;
}

} // namespace reviewd::test
