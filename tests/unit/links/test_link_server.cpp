// The listener against raw sockets: what a browser sends, and what an attacker does.
#include "daemon/links/link_server.hpp"
#include "daemon/runtime/clock.hpp"
#include "tests/support/await.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/no_descriptors.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <spdlog/sinks/ostream_sink.h>

#include <sstream>
#include <vector>

using namespace reviewd;
using namespace std::chrono_literals;
namespace net = boost::asio;
using links::LinkResponse;
using links::LinkServer;
using links::RequestHead;
using net::ip::tcp;

namespace {

constexpr auto as_result = net::as_tuple(net::use_awaitable);

/// A server on a free port whose handler answers with what it was asked.
struct Listening {
    net::io_context loop;
    runtime::SystemClock clock;
    std::ostringstream text;
    runtime::Log log{runtime::Log::to_sink(std::make_shared<spdlog::sinks::ostream_sink_st>(text))};
    std::vector<RequestHead> heads;
    std::vector<std::string> bodies;
    std::unique_ptr<LinkServer> server;

    explicit Listening(links::LinkServerOptions options = {}) {
        options.address = "127.0.0.1";
        auto handler = [this](RequestHead head, std::string body) -> net::awaitable<LinkResponse> {
            heads.push_back(head);
            bodies.push_back(body);
            LinkResponse response;
            response.body = "<style>p{}</style>" + head.method + " " + head.target + " " + body;
            response.fields = links::strict_fields(response.body);
            response.is_fault = head.target == "/a/wrong";
            if (head.target == "/a/long") {
                response.body.resize(64U << 20U, '.'); // more than a connection holds by itself
            }
            co_return response;
        };
        server =
            LinkServer::open(loop.get_executor(), options, std::move(handler), clock, log).value();
    }

    net::awaitable<tcp::socket> connect() {
        tcp::socket socket{loop};
        const tcp::endpoint place{
            net::ip::make_address("127.0.0.1"), static_cast<unsigned short>(server->port())};
        co_await socket.async_connect(place, net::use_awaitable);
        co_return socket;
    }

    static net::awaitable<std::string> read_all(tcp::socket& socket) {
        std::string answer;
        auto buffer = net::dynamic_buffer(answer);
        const auto [error, count] = co_await net::async_read(socket, buffer, as_result);
        static_cast<void>(error);
        static_cast<void>(count);
        co_return answer;
    }

    net::awaitable<std::string> send(std::string request) {
        tcp::socket socket = co_await connect();
        const auto [error, count] =
            co_await net::async_write(socket, net::buffer(request), as_result);
        static_cast<void>(error);
        static_cast<void>(count);
        std::string answer = co_await read_all(socket);
        co_return answer;
    }

    std::string ask(std::string request) { return test::await(loop, send(std::move(request))); }
};

int status_of(const std::string& answer) {
    return answer.size() > 12 ? std::stoi(answer.substr(9, 3)) : 0;
}

const std::string get = "GET /a/abc HTTP/1.1\r\nHost: x\r\n\r\n";

} // namespace

TEST_CASE("one request is answered and the connection closed", "[links][T17][T22]") {
    Listening listening;
    const std::string answer = listening.ask(get);
    CHECK(status_of(answer) == 200);
    REVIEWD_CHECK_CONTAINS(answer, "GET /a/abc ");
    REVIEWD_CHECK_CONTAINS(answer, "Connection: close\r\n");
    REVIEWD_CHECK_CONTAINS(
        answer, "Content-Security-Policy: default-src 'none'; style-src 'sha256-"
    );
    REVIEWD_CHECK_CONTAINS(answer, "form-action 'self'; frame-ancestors 'none'; base-uri 'none'");
    REVIEWD_CHECK_CONTAINS(answer, "Referrer-Policy: no-referrer\r\n");
    REVIEWD_CHECK_CONTAINS(answer, "Cache-Control: no-store\r\n");
    REVIEWD_CHECK_CONTAINS(answer, "X-Content-Type-Options: nosniff\r\n");
    CHECK(answer.find("Set-Cookie") == std::string::npos);
    CHECK(answer.find("script-src") == std::string::npos);
    // Neither the link nor anything of the request is in the log.
    CHECK(listening.text.str().empty());
}

TEST_CASE("HEAD is answered without a body", "[links]") {
    Listening listening;
    const std::string answer = listening.ask("HEAD /a/abc HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK(status_of(answer) == 200);
    CHECK(answer.substr(answer.find("\r\n\r\n")) == "\r\n\r\n");
}

TEST_CASE("a form's body is taken in, however it is cut", "[links]") {
    Listening listening;
    const std::string head = "POST /a/abc HTTP/1.1\r\nHost: x\r\nContent-Type: "
                             "application/x-www-form-urlencoded\r\nContent-Length: 11\r\n\r\n";
    CHECK(status_of(listening.ask(head + "action=done")) == 200);
    CHECK(listening.bodies.back() == "action=done");
    auto in_bytes = [&]() -> net::awaitable<std::string> {
        tcp::socket socket = co_await listening.connect();
        const std::string whole = head + "action=done";
        for (const char& c : whole) {
            co_await net::async_write(socket, net::buffer(&c, 1), net::use_awaitable);
        }
        std::string answer = co_await Listening::read_all(socket);
        co_return answer;
    };
    CHECK(status_of(test::await(listening.loop, in_bytes())) == 200);
    CHECK(listening.bodies.back() == "action=done");
}

TEST_CASE("no second request is read from the same bytes", "[links][T23]") {
    Listening listening;
    CHECK(status_of(listening.ask(get + get)) == 200);
    CHECK(listening.heads.size() == 1);
    const std::string smuggled =
        "POST /a/abc HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\nTransfer-Encoding: "
        "chunked\r\n\r\n0\r\n\r\n"
        + get;
    CHECK(status_of(listening.ask(smuggled)) == 501);
    CHECK(status_of(listening.ask("GET /a/x HTTP/1.1\nHost: x\n\n")) == 400);
    CHECK(status_of(listening.ask(std::string{"\x16\x03\x01\0\0", 5})) == 400);
    CHECK(listening.heads.size() == 1);
}

TEST_CASE("sizes are bounded before anything is kept", "[links][T25]") {
    Listening listening;
    const std::string big = std::string(20'000, 'a');
    CHECK(status_of(listening.ask("GET /a/x HTTP/1.1\r\nHost: x\r\nX: " + big)) == 431);
    CHECK(
        status_of(
            listening.ask("POST /a/x HTTP/1.1\r\nHost: x\r\nContent-Length: 1073741824\r\n\r\nabc")
        )
        == 413
    );
    CHECK(listening.heads.empty());
}

TEST_CASE("slow clients end at their deadline, and others are served meanwhile", "[links][T24]") {
    links::LinkServerOptions options;
    options.head_time = 150ms;
    options.body_time = 150ms;
    Listening listening{options};
    auto flow = [&]() -> net::awaitable<bool> {
        tcp::socket silent = co_await listening.connect();
        tcp::socket slow = co_await listening.connect();
        tcp::socket half = co_await listening.connect();
        const std::string begin = "GET /a/x HT";
        const std::string head = "POST /a/x HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc";
        co_await net::async_write(slow, net::buffer(begin), net::use_awaitable);
        co_await net::async_write(half, net::buffer(head), net::use_awaitable);
        const std::string served = co_await listening.send(get);
        CHECK(status_of(served) == 200);
        const std::string first = co_await Listening::read_all(silent);
        const std::string second = co_await Listening::read_all(slow);
        const std::string third = co_await Listening::read_all(half);
        CHECK(first.empty());
        CHECK(second.empty());
        CHECK(third.empty());
        co_return true;
    };
    CHECK(test::await(listening.loop, flow()));
    CHECK(listening.heads.size() == 1);
}

TEST_CASE("one client's connections and guesses are bounded", "[links][T19][T24]") {
    links::LinkServerOptions options;
    options.peers.connections_of_one = 3;
    options.peers.faults_per_minute = 4;
    Listening listening{options};
    auto crowd = [&]() -> net::awaitable<bool> {
        std::vector<tcp::socket> open;
        for (int i = 0; i < 3; ++i) {
            tcp::socket one = co_await listening.connect();
            open.push_back(std::move(one));
        }
        const std::string refused = co_await listening.send(get);
        CHECK(refused.empty());
        co_return true;
    };
    CHECK(test::await(listening.loop, crowd()));
    const std::string wrong = "GET /a/wrong HTTP/1.1\r\nHost: x\r\n\r\n";
    for (int i = 0; i < 20; ++i) {
        static_cast<void>(listening.ask(wrong));
    }
    CHECK(status_of(listening.ask(get)) == 429);
    CHECK(listening.heads.size() <= 4);
}

TEST_CASE("who never reads the answer is let go, and others are served meanwhile", "[links][T24]") {
    links::LinkServerOptions options;
    options.write_time = 150ms;
    Listening listening{options};
    auto flow = [&]() -> net::awaitable<bool> {
        tcp::socket deaf = co_await listening.connect();
        const std::string request = "GET /a/long HTTP/1.1\r\nHost: x\r\n\r\n";
        co_await net::async_write(deaf, net::buffer(request), net::use_awaitable);
        const std::string served = co_await listening.send(get);
        CHECK(status_of(served) == 200);
        net::steady_timer pause{listening.loop};
        for (int looks = 0; looks < 500 && listening.server->connections() > 0; ++looks) {
            pause.expires_after(10ms);
            co_await pause.async_wait(net::use_awaitable);
        }
        CHECK(listening.server->connections() == 0);
        co_return true;
    };
    CHECK(test::await(listening.loop, flow()));
    CHECK(listening.text.str().empty());
}

#ifndef __SANITIZE_ADDRESS__ // UBSan opens a pipe to see whether it may read an object
TEST_CASE("without descriptors the listener of links pauses, and recovers", "[links][F49]") {
    Listening listening;
    tcp::socket client{listening.loop, tcp::v4()}; // it has its descriptor
    {
        const test::NoDescriptors nothing_left;
        client.connect(
            {net::ip::make_address("127.0.0.1"),
             static_cast<unsigned short>(listening.server->port())}
        );
        net::write(client, net::buffer(get));
        listening.loop.restart();
        CHECK(listening.loop.run_for(300ms) < 20); // it waits between its tries
        CHECK(listening.heads.empty());
    }
    REVIEWD_CHECK_CONTAINS(listening.text.str(), "links.accept_failed");
    CHECK(status_of(test::await(listening.loop, Listening::read_all(client))) == 200);
    CHECK(status_of(listening.ask(get)) == 200);
}
#endif

TEST_CASE("what is no page of ours is told in a few words", "[links][T27]") {
    const LinkResponse response = links::plain_response(404, "en");
    CHECK(response.status == 404);
    REVIEWD_CHECK_CONTAINS(response.body, "There is nothing here");
}

TEST_CASE("every refusal says what to do, light and dark, in each language", "[links][T17]") {
    for (const int status :
         {400, 403, 404, 405, 408, 411, 413, 415, 417, 421, 429, 431, 500, 501, 503, 505, 499}) {
        for (const std::string language : {"en", "bn"}) {
            CAPTURE(status, language);
            const LinkResponse response = links::plain_response(status, language);
            CHECK(response.status == status);
            REVIEWD_CHECK_CONTAINS(response.body, "<html lang=\"" + language + "\">");
            REVIEWD_CHECK_CONTAINS(response.body, "name=\"color-scheme\" content=\"light dark\"");
            REVIEWD_CHECK_CONTAINS(response.body, "prefers-color-scheme: dark");
            REVIEWD_CHECK_CONTAINS(response.body, "<h1>");
            REVIEWD_CHECK_CONTAINS(response.body, "<p>");
            CHECK(response.body.find("http") == std::string::npos);
            CHECK(response.body.find("<script") == std::string::npos);
            const std::string policy = response.fields.at(1).second;
            REVIEWD_CHECK_CONTAINS(policy, "style-src 'sha256-");
            // Bengali begins with this byte; English has none of it.
            const bool is_bengali = response.body.find('\xE0') != std::string::npos;
            CHECK(is_bengali == (language == "bn"));
        }
    }
    CHECK(links::plain_response(431, "en").body.size() < 16UL * 1024);
}

TEST_CASE("a refusal speaks the browser's language and none of its words", "[links][T17]") {
    Listening listening;
    const std::string too_large = "POST /a/abc HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n";
    const std::string bengali =
        listening.ask(too_large + "Accept-Language: bn-BD,bn;q=0.9,en;q=0.8\r\n\r\n");
    CHECK(status_of(bengali) == 413);
    REVIEWD_CHECK_CONTAINS(bengali, "লেখা খুব বড়");
    const std::string hostile = listening.ask(
        too_large + "Accept-Language: bn\"><script>alert(1)</script>, canary;q=1\r\n\r\n"
    );
    CHECK(status_of(hostile) == 413);
    REVIEWD_CHECK_CONTAINS(hostile, "That is too much text");
    CHECK(hostile.find("script>") == std::string::npos);
    CHECK(hostile.find("canary") == std::string::npos);
    REVIEWD_CHECK_CONTAINS(listening.ask(too_large + "\r\n"), "That is too much text");
}
