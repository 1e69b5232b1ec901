#include "daemon/runtime/control_client.hpp"
#include "daemon/runtime/control_server.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/files.hpp"
#include "tests/support/temporary_directory.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/json/serialize.hpp>
#include <spdlog/sinks/ostream_sink.h>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <array>
#include <cstring>
#include <filesystem>
#include <functional>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

namespace reviewd::test::test_control_server {

using namespace reviewd;
using namespace std::chrono_literals;
namespace net = boost::asio;
namespace json = boost::json;
using runtime::ControlClient;

namespace {

constexpr auto patience = 30s;
constexpr uid_t stranger = 65534;

net::awaitable<Result<json::value>> answer(
    runtime::ControlRequest request, runtime::ProgressSink progress
) {
    if (request.command == "echo") {
        co_return json::value(std::move(request.arguments));
    }
    if (request.command == "count") {
        progress(json::object{{"done", 1}, {"of", 2}});
        co_return json::value(2);
    }
    if (request.command == "read") {
        std::array<char, 64> bytes{};
        const ssize_t got = ::read(request.files.at(0).get(), bytes.data(), bytes.size());
        co_return json::value(std::string(bytes.data(), static_cast<std::size_t>(got)));
    }
    if (request.command == "throw") {
        throw Failure(fail(ErrorCode::io_failed, "the disk is gone"));
    }
    co_return fail(ErrorCode::not_found, "no such thing");
}

/// A server whose loop runs in this thread while a client works in another.
class Stage {
public:
    explicit Stage(runtime::ControlLimits limits = {})
        : server{
            runtime::ControlServer::open(loop.get_executor(), path, answer, log, limits).value()} {}

    void play(const std::function<void()>& client) {
        std::thread thread{[&] {
            client();
            net::post(loop, [&] { loop.stop(); });
        }};
        loop.restart();
        loop.run_for(patience);
        thread.join();
    }

    test::TemporaryDirectory directory;
    std::string path = directory.path() / "run" / "control.sock";
    std::ostringstream lines;
    runtime::Log log =
        runtime::Log::to_sink(std::make_shared<spdlog::sinks::ostream_sink_mt>(lines));
    net::io_context loop;
    std::unique_ptr<runtime::ControlServer> server;
};

/// A client that says exactly `bytes`; gives back everything until the server closes or, if it
/// does not, the first line.
std::string say(const std::string& path, const std::string& bytes) {
    const runtime::FileDescriptor socket{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(static_cast<char*>(address.sun_path), path.data(), path.size());
    if (::connect(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
        return "not connected";
    }
    const timeval limit{.tv_sec = 20, .tv_usec = 0};
    ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    ::send(socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    std::string heard;
    std::array<char, 4096> chunk{};
    while (heard.find('\n') == std::string::npos) {
        const ssize_t got = ::recv(socket.get(), chunk.data(), chunk.size(), 0);
        if (got <= 0) {
            return heard + (got == 0 ? "(closed)" : "(nothing more)");
        }
        heard.append(chunk.data(), static_cast<std::size_t>(got));
    }
    return heard;
}

} // namespace

TEST_CASE(
    "commands and answers make the round trip, several on one connection", "[runtime][control]"
) {
    Stage stage;
    stage.play([&] {
        ControlClient client = ControlClient::connect(stage.path).value();
        const json::object arguments{{"name", "অন্বেষা\n\x01"}, {"n", 5}};
        CHECK(client.call("echo", arguments).value() == json::value(arguments));
        const Result<json::value> missing = client.call("nonsense", {});
        REQUIRE(missing.has_error());
        CHECK(missing.error() == fail(ErrorCode::not_found, "no such thing"));
        CHECK(client.call("echo", {}).value() == json::value(json::object{}));
    });
}

TEST_CASE("progress comes before the answer", "[runtime][control]") {
    Stage stage;
    stage.play([&] {
        ControlClient client = ControlClient::connect(stage.path).value();
        const auto progress = [&](const json::value& value) {
            CHECK(value.at("of") == 2);
        };
        CHECK(client.call("count", {}, progress).value() == json::value(2));
    });
}

TEST_CASE("open files travel with a command", "[runtime][control]") {
    Stage stage;
    const std::string file = stage.directory.write("rules.yaml", "rules: []");
    stage.play([&] {
        const runtime::FileDescriptor open{::open(file.c_str(), O_RDONLY | O_CLOEXEC)};
        const std::array<int, 1> files{open.get()};
        ControlClient client = ControlClient::connect(stage.path).value();
        CHECK(client.call("read", {}, {}, files).value() == json::value("rules: []"));
    });
}

TEST_CASE("a command that throws is an error for its client only", "[runtime][control]") {
    Stage stage;
    stage.play([&] {
        ControlClient client = ControlClient::connect(stage.path).value();
        CHECK(client.call("throw", {}).error() == fail(ErrorCode::io_failed, "the disk is gone"));
        CHECK(client.call("echo", {}).has_value());
    });
}

TEST_CASE("what is no request is told so and hung up on", "[runtime][control]") {
    const std::string text = GENERATE(
        "hello\n",
        "{\"command\": 5}\n",
        "[]\n",
        "{\"command\": \"echo\", \"arguments\": []}\n",
        "{\"command\": \"echo\"} {}\n",
        "\n"
    );
    Stage stage;
    stage.play([&] {
        const std::string heard = say(stage.path, text);
        REVIEWD_CHECK_CONTAINS(heard, R"("code":"usage")");
    });
}

TEST_CASE("deeply nested and over-long requests are refused", "[runtime][control][T25]") {
    Stage stage{{.request_bytes = 4096}};
    stage.play([&] {
        const std::string deep = "{\"command\": " + std::string(1000, '[') + "\n";
        REVIEWD_CHECK_CONTAINS(say(stage.path, deep), R"("code":"usage")");
        const std::string longer = "{\"command\": \"" + std::string(5000, 'x') + "\n";
        REVIEWD_CHECK_CONTAINS(say(stage.path, longer), "at most 4096 bytes");
    });
}

TEST_CASE("a request is read as it was written, or not at all", "[runtime][control][T25]") {
    const auto request = runtime::read_control_request(R"({"command": "status\u0000x"})");
    CHECK(request.value().command == std::string{"status\0x", 8});
    const auto endless =
        runtime::read_control_request(R"({"command": "a", "arguments": {"b": [{"c": -1e999}]}})");
    CHECK(endless.error().code == ErrorCode::usage);
    REVIEWD_CHECK_CONTAINS(endless.error().message, "too large");
}

TEST_CASE("a request that gives a key twice is refused", "[runtime][control]") {
    for (const char* const twice :
         {R"({"command": "a", "command": "b"})",
          R"({"command": "a", "arguments": {"b": [{"c": 1, "\u0063": 2}]}})"}) {
        const auto request = runtime::read_control_request(twice);
        REQUIRE_FALSE(request.has_value());
        CHECK(request.error().code == ErrorCode::usage);
        REVIEWD_CHECK_CONTAINS(request.error().message, "a key twice");
    }
    const auto once = runtime::read_control_request(
        R"({"command": "a:b", "arguments": {"a\":b": [{"c": 1}, {"c": "\\"}], "d:": {"d": ":"}}})"
    );
    CHECK(once.has_value());
}

TEST_CASE("a client that says nothing is hung up on", "[runtime][control][T24]") {
    Stage stage{{.request_time = 50ms}};
    stage.play([&] {
        CHECK(say(stage.path, "") == "(closed)");
        CHECK(say(stage.path, "{\"command\"") == "(closed)");
    });
}

TEST_CASE("too many connections are told to come back", "[runtime][control]") {
    Stage stage{{.connections = 1}};
    stage.play([&] {
        ControlClient first = ControlClient::connect(stage.path).value();
        CHECK(first.call("echo", {}).has_value());
        ControlClient second = ControlClient::connect(stage.path).value();
        const Result<json::value> refused = second.call("echo", {});
        REQUIRE(refused.has_error());
        CHECK(refused.error().code == ErrorCode::try_later);
    });
}

TEST_CASE("another local user is refused, and the journal says so", "[runtime][control][T39]") {
    if (::geteuid() != 0) {
        WARN("skipped: only root can take the part of another user");
        return;
    }
    Stage stage;
    // As if the modes of socket and folders had been opened by mistake: the credentials still hold.
    for (const std::string& each :
         {stage.directory.path().string(), (stage.directory.path() / "run").string(), stage.path}) {
        REQUIRE(::chmod(each.c_str(), 0777) == 0);
    }
    int status = -1;
    stage.play([&] {
        const pid_t child = ::fork();
        if (child == 0) {
            const bool is_stranger = ::setgid(stranger) == 0 && ::setuid(stranger) == 0;
            const std::string heard = say(stage.path, "{\"command\": \"echo\"}\n");
            const bool is_refused = heard.find(R"("code":"no_permission")") != std::string::npos;
            ::_exit(is_stranger && is_refused ? 0 : 1);
        }
        ::waitpid(child, &status, 0);
    });
    CHECK(status == 0);
    REVIEWD_CHECK_CONTAINS(stage.lines.str(), "control.refused user=65534");
}

TEST_CASE("without a daemon the client says what to do", "[runtime][control]") {
    const test::TemporaryDirectory directory;
    const Result<ControlClient> client = ControlClient::connect(directory.path() / "control.sock");
    REQUIRE(client.has_error());
    CHECK(exit_code(client.error().code) == 69);
    REVIEWD_CHECK_CONTAINS(client.error().message, "the daemon is not running");
    REVIEWD_CHECK_CONTAINS(client.error().message, "--offline");
}

TEST_CASE(
    "a server that ends tells when the last answer is out and takes no other command",
    "[runtime][control]"
) {
    Stage stage;
    std::vector<std::size_t> under_way;
    stage.server->tell_answered([&] {
        under_way.push_back(stage.server->commands_under_way());
        if (under_way.size() == 2) {
            stage.server->stop_accepting();
        }
    });
    stage.play([&] {
        ControlClient idle = ControlClient::connect(stage.path).value();
        ControlClient busy = ControlClient::connect(stage.path).value();
        CHECK(idle.call("echo", {}).has_value());
        CHECK(busy.call("echo", {}).has_value());
        // Both might ask for ever, and an end that waits for answers would never come.
        CHECK(busy.call("echo", {}).has_error());
        CHECK(idle.call("echo", {}).has_error());
    });
    CHECK(under_way == std::vector<std::size_t>{0, 0});
}

TEST_CASE("the end of the server removes its socket", "[runtime][control]") {
    Stage stage;
    CHECK(std::filesystem::exists(stage.path));
    stage.server.reset();
    stage.loop.run_for(patience);
    CHECK_FALSE(std::filesystem::exists(stage.path));
}

} // namespace reviewd::test::test_control_server
