#include "daemon/runtime/health_listener.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/no_descriptors.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include <thread>

namespace reviewd::test::test_health_listener {

using namespace reviewd;
using namespace std::chrono_literals;
namespace net = boost::asio;
using net::ip::tcp;

namespace {

runtime::HealthAnswer echo(const std::string& path) {
    return runtime::HealthAnswer{.body = "you asked for " + path + "\n"};
}

struct ListenerFixture {
    net::io_context loop{1};
    std::unique_ptr<runtime::HealthListener> listener;
    std::thread thread;

    explicit ListenerFixture(runtime::HealthLimits limits = {}) {
        auto handler = [](std::string path) -> net::awaitable<runtime::HealthAnswer> {
            if (path == "/throw") {
                throw std::runtime_error("no");
            }
            co_return echo(path);
        };
        listener = runtime::HealthListener::open(
                       loop.get_executor(), "127.0.0.1", 0, std::move(handler), limits
        )
                       .value();
        thread = std::thread{[this] {
            loop.run();
        }};
    }
    ListenerFixture(const ListenerFixture&) = delete;
    ListenerFixture& operator=(const ListenerFixture&) = delete;
    ~ListenerFixture() {
        net::post(loop, [this] { listener.reset(); });
        thread.join();
    }

    /// Everything that comes back before the other end closes.
    [[nodiscard]] std::string talk(const std::string& words) const {
        net::io_context own;
        tcp::socket socket{own};
        socket.connect({net::ip::make_address("127.0.0.1"), port()});
        boost::system::error_code error;
        net::write(socket, net::buffer(words), error);
        std::string answer;
        net::read(socket, net::dynamic_buffer(answer), error);
        return answer;
    }
    [[nodiscard]] std::uint16_t port() const {
        return static_cast<std::uint16_t>(listener->port());
    }
};

} // namespace

TEST_CASE("the listener for monitoring answers a GET and closes", "[runtime][health]") {
    const ListenerFixture fixture;
    const std::string answer = fixture.talk("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK(answer.rfind("HTTP/1.1 200", 0) == 0);
    REVIEWD_CHECK_CONTAINS(answer, "you asked for /metrics");
    REVIEWD_CHECK_CONTAINS(fixture.talk("GET /throw HTTP/1.1\r\nHost: x\r\n\r\n"), "503");
    const std::string head = fixture.talk("HEAD /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK(head.rfind("HTTP/1.1 200", 0) == 0);
    CHECK(head.find("you asked") == std::string::npos);
}

TEST_CASE("requests that are none, or carry a body, are refused", "[runtime][health][T23][T25]") {
    const ListenerFixture fixture;
    for (const std::string& words :
         {std::string{"POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx"},
          std::string{"GET / HTTP/1.1\r\nTransfer-Encoding: gzip\r\nContent-Length: 5\r\n\r\n"},
          std::string{"GET / HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n"},
          std::string{"GET / HTTP/1.1\r\nX: "} + std::string(10'000, 'a') + "\r\n\r\n",
          std::string{"\x16\x03\x01 hello\r\n\r\n"},
          std::string{"DELETE / HTTP/1.1\r\n\r\n"}}) {
        const std::string answer = fixture.talk(words);
        INFO(words.substr(0, 40) << " -> " << answer.substr(0, 40));
        CHECK(answer.find(" 200 ") == std::string::npos);
        CHECK(answer.find("you asked") == std::string::npos);
    }
}

TEST_CASE("a client that says nothing is let go", "[runtime][health][T24]") {
    const ListenerFixture fixture{runtime::HealthLimits{.request_time = 50ms}};
    const std::string answer = fixture.talk("GET /met");
    CHECK(answer.find(" 200 ") == std::string::npos);
}

TEST_CASE("a port that is taken is an error", "[runtime][health]") {
    const ListenerFixture fixture;
    net::io_context loop;
    auto nobody = [](std::string) -> net::awaitable<runtime::HealthAnswer> {
        co_return echo("");
    };
    const auto second =
        runtime::HealthListener::open(loop.get_executor(), "127.0.0.1", fixture.port(), nobody);
    REQUIRE(second.has_error());
    CHECK(second.error().code == ErrorCode::cannot_create);
}

#ifndef __SANITIZE_ADDRESS__ // UBSan opens a pipe to see whether it may read an object
TEST_CASE(
    "without descriptors the listener for monitoring pauses, and recovers", "[runtime][F49]"
) {
    net::io_context loop{1};
    int answered = 0;
    auto handler = [&](const std::string& path) -> net::awaitable<runtime::HealthAnswer> {
        ++answered;
        co_return echo(path);
    };
    const auto listener =
        runtime::HealthListener::open(loop.get_executor(), "127.0.0.1", 0, std::move(handler), {})
            .value();
    tcp::socket client{loop, tcp::v4()}; // it has its descriptor
    {
        const NoDescriptors nothing_left;
        client.connect(
            {net::ip::make_address("127.0.0.1"), static_cast<std::uint16_t>(listener->port())}
        );
        net::write(client, net::buffer("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"));
        CHECK(loop.run_for(300ms) < 20); // it waits between its tries
        CHECK(answered == 0);
    }
    while (answered == 0) {
        loop.run_one();
    }
    loop.poll();
    boost::system::error_code end;
    std::string answer;
    net::read(client, net::dynamic_buffer(answer), end);
    CHECK(answer.rfind("HTTP/1.1 200", 0) == 0);
}
#endif

} // namespace reviewd::test::test_health_listener
