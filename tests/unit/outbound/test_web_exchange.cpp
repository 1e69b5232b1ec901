#include "daemon/runtime/outbound/curl_outbound.hpp"
#include "tests/support/await.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/http_server.hpp"
#include "tests/support/temporary_directory.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <fmt/core.h>

#include <chrono>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

namespace reviewd::test::test_web_exchange {

namespace net = boost::asio;
using net::ip::tcp;
using namespace std::chrono_literals;
using reviewd::notify::AddressPolicy;
using reviewd::notify::Outcome;
using reviewd::notify::Reason;
using reviewd::notify::TlsSettings;
using reviewd::notify::Verdict;
using reviewd::notify::WebReply;
using reviewd::test::CertificateDefect;
using reviewd::test::HttpAnswer;
using reviewd::test::HttpServerSettings;
using Then = HttpAnswer::Then;

namespace {

enum class Gate { opens, stays_closed };

struct World {
    explicit World(HttpServerSettings settings = {})
        : server(loop.get_executor(), std::move(settings)), outbound(loop.get_executor()) {
        request.url = fmt::format("http://127.0.0.1:{}/hook/canary-target", server.port());
        request.tls.mode = TlsSettings::Mode::none;
        request.addresses = AddressPolicy::any;
        request.headers = {{"content-type", "application/json"}, {"x-key", "canary-header"}};
        request.body = R"({"a":1})";
        request.deadline = 5s;
        request.dialogue = [this](std::string_view line) {
            dialogue += std::string{line} + "\n";
        };
    }

    std::pair<Outcome, WebReply> post(Gate gate = Gate::opens) {
        request.commit = [this, gate]() -> net::awaitable<bool> {
            ++commits;
            received_at_commit = server.received().size();
            co_return gate == Gate::opens;
        };
        return reviewd::test::await(loop, outbound.post(request));
    }

    net::io_context loop{1};
    reviewd::test::HttpServer server;
    reviewd::runtime::CurlOutbound outbound;
    reviewd::notify::WebRequest request;
    std::string dialogue;
    int commits = 0;
    std::size_t received_at_commit = 99;
};

} // namespace

TEST_CASE("a request is posted with its headers and body", "[outbound][web]") {
    World world;
    world.server.answer().headers = {{"Retry-After", "7"}};
    world.server.answer().body = "thanks";
    const auto [outcome, reply] = world.post();
    CHECK(outcome.verdict == Verdict::accepted);
    CHECK(reply.status == 200);
    CHECK(reply.body == "thanks");
    CHECK(reply.headers.at(0) == std::pair<std::string, std::string>{"retry-after", "7"});
    REQUIRE(world.server.received().size() == 1);
    const auto& received = world.server.received()[0];
    CHECK(received.method == "POST");
    CHECK(received.target == "/hook/canary-target");
    CHECK(received.body == R"({"a":1})");
    CHECK(received.headers.at("content-type") == "application/json");
    CHECK(received.headers.count("accept-encoding") == 0);
    CHECK(received.headers.count("expect") == 0);
}

TEST_CASE("the gate runs once, before the request is whole", "[outbound][web][F2]") {
    World world;
    for (const std::size_t length : {1UL, 2UL, 100UL, 200'000UL}) {
        world.request.body = std::string(length, 'x');
        world.commits = 0;
        const std::size_t before = world.server.received().size();
        const auto [outcome, reply] = world.post();
        CHECK(outcome.verdict == Verdict::accepted);
        CHECK(world.commits == 1);
        CHECK(world.received_at_commit == before);
        CHECK(world.server.received().back().body == world.request.body);
    }
}

TEST_CASE("a gate that stays closed withholds the request", "[outbound][web][F2]") {
    World world;
    const auto [outcome, reply] = world.post(Gate::stays_closed);
    CHECK(outcome.verdict == Verdict::temporary);
    CHECK(outcome.reason == Reason::shutting_down);
    world.loop.poll();
    CHECK(world.server.received().empty());
}

namespace {

/// Says something when it has the head of the request, before the gate opens, and more when it has
/// the last byte.
struct EagerServer {
    EagerServer(World& world, std::string first, std::string second = "")
        : world_(world), first_(std::move(first)), second_(std::move(second)) {
        const int port = acceptor_.local_endpoint().port();
        world_.request.url = fmt::format("http://127.0.0.1:{}/", port);
        net::co_spawn(world_.loop, serve(), net::detached);
    }

    Outcome post(Gate gate = Gate::opens) {
        world_.request.commit = [this, gate]() -> net::awaitable<bool> {
            while (!has_spoken_) {
                co_await net::post(world_.loop, net::use_awaitable);
            }
            ++commits;
            received_at_commit = received;
            co_return gate == Gate::opens;
        };
        return reviewd::test::await(world_.loop, world_.outbound.post(world_.request)).first;
    }

    [[nodiscard]] bool has_last_byte() {
        world_.loop.poll();
        return received.find('}') != std::string::npos;
    }

    std::string received;
    std::string received_at_commit;
    int commits = 0;

private:
    net::awaitable<void> serve() {
        tcp::socket socket = co_await acceptor_.async_accept(net::use_awaitable);
        const auto token = net::as_tuple(net::use_awaitable);
        const auto buffer = net::dynamic_buffer(received);
        static_cast<void>(co_await net::async_read_until(socket, buffer, "\r\n\r\n", token));
        const auto first = net::buffer(first_);
        static_cast<void>(co_await net::async_write(socket, first, token));
        has_spoken_ = true;
        static_cast<void>(co_await net::async_read_until(socket, buffer, "}", token));
        const auto second = net::buffer(second_);
        static_cast<void>(co_await net::async_write(socket, second, token));
        static_cast<void>(co_await net::async_read_until(socket, buffer, "never", token));
    }

    World& world_;
    std::string first_;
    std::string second_;
    bool has_spoken_ = false;
    tcp::acceptor acceptor_{world_.loop, tcp::endpoint{net::ip::address_v4::loopback(), 0}};
};

} // namespace

TEST_CASE("who answers early gets the last byte unless he refuses", "[outbound][web][F2][F26]") {
    const std::string taken = "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n";
    const std::string hint = "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n";
    struct Row {
        std::string first;
        std::string second;
        int code;
        bool is_finished;
    };
    const std::vector<Row> rows{
        {taken, "", 202, true},
        {"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nyes", "yes", 200, true},
        {hint, taken, 202, true},
        {"HTTP/1.1 100 Continue\r\n\r\n" + hint, taken, 202, true},
        {hint + taken, "", 202, true},
        {"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n", "", 413, false},
        {hint + "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n", "", 503, false},
    };
    for (const Row& row : rows) {
        CAPTURE(row.first, row.second);
        World world;
        EagerServer server{world, row.first, row.second};
        const Outcome outcome = server.post();
        CHECK(outcome.verdict == Verdict::accepted);
        CHECK(outcome.code == row.code);
        CHECK(server.commits == 1);
        CHECK(server.received_at_commit.find('}') == std::string::npos);
        CHECK(server.has_last_byte() == row.is_finished);
    }
}

TEST_CASE("an early answer gets nothing behind a closed gate", "[outbound][web][F2]") {
    World world;
    EagerServer server{world, "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n"};
    const Outcome outcome = server.post(Gate::stays_closed);
    CHECK(outcome.verdict == Verdict::temporary);
    CHECK(outcome.reason == Reason::shutting_down);
    CHECK_FALSE(server.has_last_byte());
}

TEST_CASE("a header of several lines is refused before anything", "[outbound][web][T35]") {
    for (const char* value : {"Bearer canary\nx: y", "canary\r\n", "canary\x01", "canary\x7f"}) {
        CAPTURE(value);
        World world;
        world.request.headers.emplace_back("Authorization", value);
        const auto [outcome, reply] = world.post();
        CHECK(outcome.verdict == Verdict::misconfigured);
        REVIEWD_CHECK_CONTAINS(outcome.reply, "header Authorization has a line break");
        CHECK(outcome.reply.find("canary") == std::string::npos);
        CHECK(world.commits == 0);
        CHECK(world.server.connections() == 0);
    }
    World world;
    world.request.headers.emplace_back("x-bad\r\nname", "value");
    CHECK(world.post().first.verdict == Verdict::misconfigured);
    CHECK(world.server.connections() == 0);
}

TEST_CASE("redirects are not followed", "[outbound][web][T30][F32]") {
    for (const int status : {301, 302, 303, 307, 308}) {
        World other;
        World world;
        world.server.answer().status = status;
        world.server.answer().headers = {
            {"Location", fmt::format("http://127.0.0.1:{}/", other.server.port())}};
        const auto [outcome, reply] = world.post();
        CHECK(reply.status == status);
        CHECK(world.server.received().size() == 1);
        CHECK(other.server.connections() == 0);
    }
}

TEST_CASE("an answer's body is bounded in size and time", "[outbound][web][F32][T33]") {
    World world;
    world.request.reply_bytes_kept = 100;
    world.server.answer().body = std::string(1'000'000, 'y');
    {
        const auto [outcome, reply] = world.post();
        CHECK(outcome.verdict == Verdict::accepted);
        CHECK(reply.status == 200);
        CHECK(reply.body == std::string(100, 'y'));
    }
    world.request.deadline = 100ms;
    world.server.answer().raw = "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nstart";
    world.server.answer().then = Then::silence;
    const auto [outcome, reply] = world.post();
    CHECK(outcome.verdict == Verdict::accepted);
    CHECK(reply.status == 200);
    CHECK(reply.body == "start");
}

TEST_CASE("what is lost behind the gate is uncertain", "[outbound][web][F26]") {
    struct Row {
        const char* raw;
        Then then;
        Reason reason;
    };
    const std::vector<Row> rows{
        {"", Then::close, Reason::connect},
        {"", Then::silence, Reason::timeout},
        {"HTTP/1.1 200 OK\r\nContent-", Then::close, Reason::protocol},
        {"HTTP/1.1 200 OK\r\nContent-", Then::silence, Reason::timeout},
        {"220 mail.test ESMTP\r\n", Then::close, Reason::protocol},
        {"HTTP/1.1 100 Continue\r\n\r\n", Then::silence, Reason::timeout},
    };
    for (const Row& row : rows) {
        CAPTURE(row.raw);
        World world;
        world.request.deadline = 100ms;
        world.server.answer().raw = row.raw;
        world.server.answer().then = row.then;
        const auto [outcome, reply] = world.post();
        CHECK(outcome.verdict == Verdict::uncertain);
        CHECK(outcome.reason == row.reason);
        CHECK(reply.status == 0);
        CHECK(world.commits == 1);
    }
}

TEST_CASE("a flood of headers is cut off", "[outbound][web][T33]") {
    World world;
    std::string flood = "HTTP/1.1 200 OK\r\n";
    for (int line = 0; line < 3000; ++line) {
        flood += "x-flood: 0123456789012345678901234567890123456789\r\n";
    }
    world.server.answer().raw = flood;
    const auto [outcome, reply] = world.post();
    CHECK(outcome.verdict == Verdict::uncertain);
    CHECK(outcome.reason == Reason::protocol);
}

TEST_CASE("a slow answer ends at the deadline", "[outbound][web][F27]") {
    World world;
    world.request.deadline = 100ms;
    world.server.answer().per_byte = 10ms;
    const auto begin = std::chrono::steady_clock::now();
    const auto [outcome, reply] = world.post();
    CHECK(std::chrono::steady_clock::now() - begin < 2s);
    CHECK(outcome.verdict == Verdict::uncertain);
    CHECK(outcome.reason == Reason::timeout);
}

TEST_CASE("an answer in gzip is not decompressed", "[outbound][web][F32]") {
    World world;
    world.server.answer().headers = {{"Content-Encoding", "gzip"}};
    world.server.answer().body = "\x1f\x8b no gzip at all";
    const auto [outcome, reply] = world.post();
    CHECK(reply.status == 200);
    CHECK(reply.body == "\x1f\x8b no gzip at all");
}

TEST_CASE("private addresses are refused at the connection", "[outbound][web][T29]") {
    World world;
    world.request.addresses = AddressPolicy::public_only;
    const int port = world.server.port();
    for (const char* host :
         {"127.0.0.1",
          "localhost",
          "2130706433",
          "0x7f000001",
          "017700000001",
          "0.0.0.0",
          "127.1",
          "[::1]",
          "[::ffff:127.0.0.1]"}) {
        CAPTURE(host);
        world.request.url = fmt::format("http://{}:{}/", host, port);
        const auto [outcome, reply] = world.post();
        CHECK(outcome.verdict == Verdict::misconfigured);
        CHECK(outcome.reason == Reason::bad_address);
        REVIEWD_CHECK_CONTAINS(outcome.reply, "may not be connected from here");
        REVIEWD_CHECK_CONTAINS(outcome.reply, "`allow_hosts: [");
    }
    world.request.url = fmt::format("http://localhost.:{}/", port); // some resolvers know no such
    CHECK(world.post().first.verdict != Verdict::accepted);
    CHECK(world.server.connections() == 0);
}

TEST_CASE("only http over clear text and https over TLS are spoken", "[outbound][web][T29]") {
    World world;
    for (const char* url :
         {"https://127.0.0.1/", "file:///etc/passwd", "gopher://127.0.0.1/", "ftp://127.0.0.1/"}) {
        CAPTURE(url);
        world.request.url = url;
        CHECK(world.post().first.reason == Reason::bad_address);
    }
    world.request.tls.mode = TlsSettings::Mode::implicit;
    world.request.url = fmt::format("http://127.0.0.1:{}/", world.server.port());
    CHECK(world.post().first.reason == Reason::bad_address);
    CHECK(world.server.connections() == 0);
}

TEST_CASE("a proxy of the environment is not used", "[outbound][web][T29]") {
    World proxy;
    World world;
    const std::string address = fmt::format("http://127.0.0.1:{}", proxy.server.port());
    ::setenv("http_proxy", address.c_str(), 1);
    ::setenv("ALL_PROXY", address.c_str(), 1);
    const auto [outcome, reply] = world.post();
    ::unsetenv("http_proxy");
    ::unsetenv("ALL_PROXY");
    CHECK(reply.status == 200);
    CHECK(proxy.server.connections() == 0);
    CHECK(world.server.received().size() == 1);
}

TEST_CASE("certificates are verified", "[outbound][web][T31]") {
    const reviewd::test::TemporaryDirectory directory;
    const reviewd::test::CertificateAuthority authority{directory.path()};
    for (const CertificateDefect defect :
         {CertificateDefect::none,
          CertificateDefect::expired,
          CertificateDefect::not_yet_valid,
          CertificateDefect::wrong_name,
          CertificateDefect::nul_in_name,
          CertificateDefect::self_signed,
          CertificateDefect::weak_key,
          CertificateDefect::weak_digest,
          CertificateDefect::for_clients_only,
          CertificateDefect::outside_constraints,
          CertificateDefect::signed_by_no_authority}) {
        CAPTURE(static_cast<int>(defect));
        HttpServerSettings settings;
        settings.certificate = authority.issue("server", defect);
        World world{settings};
        world.request.url = fmt::format("https://localhost:{}/", world.server.port());
        world.request.tls.mode = TlsSettings::Mode::implicit;
        world.request.tls.authority_file = authority.root_file().string();
        const auto [outcome, reply] = world.post();
        if (defect == CertificateDefect::none) {
            CHECK(reply.status == 200);
            CHECK(world.server.received().at(0).has_tls);
        } else {
            CHECK(outcome.verdict == Verdict::misconfigured);
            CHECK(outcome.reason == Reason::certificate);
            CHECK(world.commits == 0);
            CHECK(world.server.received().empty());
        }
    }
}

TEST_CASE("a kept connection that was closed meanwhile costs no attempt", "[outbound][web]") {
    World world;
    CHECK(world.post().second.status == 200);
    CHECK(world.post().second.status == 200);
    CHECK(world.server.connections() == 1);
    world.server.answer().then = Then::close;
    CHECK(world.post().second.status == 200);
    CHECK(world.post().second.status == 200);
    CHECK(world.server.received().size() == 4);
}

TEST_CASE("a kept connection that closes at the gate is replaced unasked", "[outbound][web][F26]") {
    World world;
    // A short request waits behind the gate as a whole, a long one with its last byte.
    const std::size_t length = GENERATE(std::size_t{10}, std::size_t{50'000});
    world.request.body = fmt::format(R"({{"text":"{}"}})", std::string(length, 'x'));
    tcp::acceptor acceptor{world.loop, tcp::endpoint{net::ip::address_v4::loopback(), 0}};
    world.request.url = fmt::format("http://127.0.0.1:{}/", acceptor.local_endpoint().port());
    int connections = 0;
    int asked = 0;
    bool is_closed = false;
    const auto serve = [&]() -> net::awaitable<void> {
        const std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
        while (connections < 2) {
            tcp::socket socket = co_await acceptor.async_accept(net::use_awaitable);
            ++connections;
            std::string bytes;
            co_await net::async_read_until(
                socket, net::dynamic_buffer(bytes), "}", net::use_awaitable
            );
            co_await net::async_write(socket, net::buffer(answer), net::use_awaitable);
            while (asked == 0) {
                co_await net::post(world.loop, net::use_awaitable);
            }
            socket.close();
            is_closed = true;
        }
    };
    net::co_spawn(world.loop, serve, net::detached);
    CHECK(world.post().second.status == 200);
    world.request.commit = [&]() -> net::awaitable<bool> {
        ++asked;
        while (!is_closed) {
            co_await net::post(world.loop, net::use_awaitable);
        }
        co_return true;
    };
    const auto [outcome, reply] =
        reviewd::test::await(world.loop, world.outbound.post(world.request));
    CHECK(outcome.verdict == Verdict::accepted);
    CHECK(reply.status == 200);
    CHECK(asked == 1);
    CHECK(connections == 2);
}

TEST_CASE("nothing of a short request leaves before the gate", "[outbound][web]") {
    World world;
    tcp::acceptor acceptor{world.loop, tcp::endpoint{net::ip::address_v4::loopback(), 0}};
    world.request.url = fmt::format("http://127.0.0.1:{}/", acceptor.local_endpoint().port());
    tcp::socket socket{world.loop};
    const auto serve = [&]() -> net::awaitable<void> {
        const std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
        socket = co_await acceptor.async_accept(net::use_awaitable);
        for (int i = 0; i < 2; ++i) {
            std::string bytes;
            co_await net::async_read_until(
                socket, net::dynamic_buffer(bytes), "}", net::use_awaitable
            );
            co_await net::async_write(socket, net::buffer(answer), net::use_awaitable);
        }
    };
    net::co_spawn(world.loop, serve, net::detached);
    CHECK(world.post().second.status == 200); // the connection is known from now on
    std::optional<std::size_t> arrived;
    world.request.commit = [&]() -> net::awaitable<bool> {
        arrived = socket.available();
        co_return true;
    };
    static_cast<void>(reviewd::test::await(world.loop, world.outbound.post(world.request)));
    CHECK(arrived == 0U);
}

TEST_CASE("a request that is sent anew has no more time", "[outbound][web][F27]") {
    World world;
    tcp::acceptor acceptor{world.loop, tcp::endpoint{net::ip::address_v4::loopback(), 0}};
    world.request.url = fmt::format("http://127.0.0.1:{}/", acceptor.local_endpoint().port());
    world.request.deadline = 1500ms;
    std::vector<tcp::socket> open;
    const auto serve = [&]() -> net::awaitable<void> {
        const std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
        tcp::socket first = co_await acceptor.async_accept(net::use_awaitable);
        open.push_back(std::move(first));
        std::string bytes;
        co_await net::async_read_until(
            open.front(), net::dynamic_buffer(bytes), "}", net::use_awaitable
        );
        co_await net::async_write(open.front(), net::buffer(answer), net::use_awaitable);
        // The next connection is taken, and hears nothing.
        tcp::socket second = co_await acceptor.async_accept(net::use_awaitable);
        open.push_back(std::move(second));
    };
    net::co_spawn(world.loop, serve, net::detached);
    CHECK(world.post().second.status == 200);
    world.request.commit = [&]() -> net::awaitable<bool> {
        net::steady_timer most_of_it{world.loop, 1s};
        co_await most_of_it.async_wait(net::use_awaitable);
        open.front().close();
        co_return true;
    };
    const auto begun = std::chrono::steady_clock::now();
    const Outcome outcome =
        reviewd::test::await(world.loop, world.outbound.post(world.request)).first;
    CHECK(std::chrono::steady_clock::now() - begun < 2200ms); // not 1 s and 1.5 s
    CHECK(outcome.reason == Reason::timeout);
    CHECK(open.size() == 2);
}

TEST_CASE("who refuses and reads no further is heard", "[outbound][web][F32]") {
    const bool is_closed = GENERATE(false, true);
    CAPTURE(is_closed);
    World world;
    tcp::acceptor acceptor{world.loop, tcp::endpoint{net::ip::address_v4::loopback(), 0}};
    acceptor.set_option(net::socket_base::receive_buffer_size{4096});
    world.request.url = fmt::format("http://127.0.0.1:{}/", acceptor.local_endpoint().port());
    world.request.body = std::string(16UL * 1024 * 1024, 'b');
    tcp::socket socket{world.loop};
    const auto serve = [&]() -> net::awaitable<void> {
        const std::string answer = "HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n";
        co_await acceptor.async_accept(socket, net::use_awaitable);
        std::string head;
        co_await net::async_read_until(
            socket, net::dynamic_buffer(head), "\r\n\r\n", net::use_awaitable
        );
        co_await net::async_write(socket, net::buffer(answer), net::use_awaitable);
        if (is_closed) {
            socket.close();
        }
    };
    net::co_spawn(world.loop, serve, net::detached);
    const auto [outcome, reply] = world.post();
    CHECK(outcome.verdict == Verdict::accepted);
    CHECK(outcome.code == 413);
    CHECK(reply.status == 413);
    CHECK(world.commits == 0);
}

TEST_CASE("a peer that ends each connection gets a new one each time", "[outbound][web]") {
    World world;
    world.server.answer().headers = {{"Connection", "close"}};
    CHECK(world.post().second.status == 200);
    CHECK(world.post().second.status == 200);
    CHECK(world.server.connections() == 2);
    CHECK(world.commits == 2);
}

TEST_CASE("connections differ by what their requests permit", "[outbound][web][T29]") {
    World world;
    CHECK(world.post().second.status == 200);
    world.request.addresses = AddressPolicy::public_only;
    CHECK(world.post().first.reason == Reason::bad_address); // not over the one that is open
    CHECK(world.server.received().size() == 1);
}

TEST_CASE("the dialogue shows neither the target nor unknown headers", "[outbound][web][T35]") {
    World world;
    world.server.answer().headers = {{"Set-Cookie", "canary-cookie"}};
    CHECK(world.post().second.status == 200);
    CHECK(world.dialogue.find("canary") == std::string::npos);
    REVIEWD_CHECK_CONTAINS(world.dialogue, "> x-key: ***");
    REVIEWD_CHECK_CONTAINS(world.dialogue, "> content-type: application/json");
    REVIEWD_CHECK_CONTAINS(world.dialogue, "< HTTP/1.1 200");
}

} // namespace reviewd::test::test_web_exchange
