// Reloads of `links:` against real sockets of this machine.
#include "daemon/app/link_listener.hpp"
#include "tests/support/files.hpp"
#include "tests/unit/app/stage.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <fmt/format.h>

#include <filesystem>

namespace reviewd::test::test_link_listener {

using app::LinkListener;
using app::test::Running;
using app::test::Stage;

namespace {

namespace json = boost::json;
namespace net = boost::asio;
using net::ip::tcp;

/// Holds a port of the loopback address that was free.
struct Occupant {
    net::io_context loop;
    tcp::acceptor acceptor{loop, tcp::endpoint{net::ip::address_v4::loopback(), 0}};

    [[nodiscard]] int port() const { return acceptor.local_endpoint().port(); }
};

int free_port() {
    return Occupant{}.port();
}

bool is_answered(int port, const std::string& address = "127.0.0.1") {
    net::io_context loop;
    tcp::socket socket{loop};
    boost::system::error_code error;
    socket.connect({net::ip::make_address(address), static_cast<unsigned short>(port)}, error);
    return !error;
}

/// What the listener answers to a browser at `client`, as the web server in front of it passes that
/// on. @returns the status of HTTP
int status_for(int port, const std::string& client, const std::string& target) {
    net::io_context loop;
    tcp::socket socket{loop};
    socket.connect({net::ip::address_v4::loopback(), static_cast<unsigned short>(port)});
    const std::string request = "GET " + target
                                + " HTTP/1.1\r\nHost: reviews.example\r\nX-Forwarded-For: " + client
                                + "\r\n\r\n";
    net::write(socket, net::buffer(request));
    std::string answer;
    boost::system::error_code end;
    net::read(socket, net::dynamic_buffer(answer), end);
    return answer.size() > 12 ? std::stoi(answer.substr(9, 3)) : 0;
}

struct Listening {
    Stage stage;
    net::io_context loop;
    app::StoreDoor store{[](const std::string& /*reason*/) {
    }};
    LinkListener listener{loop.get_executor(), store, stage.clock, stage.log, [] {
                          }};
    config::Settings settings;

    Listening() {
        settings.links.emplace();
        settings.links->port = free_port();
        write_secret('a');
    }

    void write_secret(char letter) {
        const auto file = stage.directory.write("link-key", std::string(40, letter));
        std::filesystem::permissions(file, std::filesystem::perms{0600});
        settings.links->secret_file = file;
    }
    [[nodiscard]] Result<void> use() {
        return listener.use(settings, "", LinkListener::Mode::listen);
    }
    [[nodiscard]] std::string token() const {
        store::LinkGrant grant;
        grant.purpose = "answer";
        grant.review = ReviewId{7};
        grant.person = PersonId{3};
        return listener.sign(grant);
    }
};

} // namespace

TEST_CASE("other proxies are believed without a new listener", "[app][links]") {
    Listening listening;
    REQUIRE(listening.use().has_value());
    const std::string before = listening.token();
    listening.settings.links->proxies = {"127.0.0.1"};
    listening.write_secret('b');
    CHECK(listening.use().has_value());
    CHECK(is_answered(listening.settings.links->port));
    const std::string after = listening.token();
    CHECK(after != before);
    CHECK(listening.use().has_value());
    CHECK(listening.token() == after);
}

TEST_CASE("an address gives way to another on the same port", "[app][links]") {
    Listening listening;
    REQUIRE(listening.use().has_value());
    listening.settings.links->address = "127.0.0.2";
    CHECK(listening.use().has_value());
    CHECK(is_answered(listening.settings.links->port, "127.0.0.2"));
    CHECK_FALSE(is_answered(listening.settings.links->port));
}

TEST_CASE("a rotated secret holds although the new port is taken", "[app][links]") {
    Listening listening;
    REQUIRE(listening.use().has_value());
    const std::string before = listening.token();
    const int first = listening.settings.links->port;
    {
        const Occupant occupant;
        listening.settings.links->port = occupant.port();
        listening.write_secret('b');
        const Result<void> refused = listening.use();
        REQUIRE(refused.has_error());
        CHECK(refused.error().code == ErrorCode::cannot_create);
        CHECK(listening.token() != before);
        CHECK(is_answered(first));
    }
    CHECK(listening.use().has_value());
    CHECK(is_answered(listening.settings.links->port));
    CHECK_FALSE(is_answered(first));
}

TEST_CASE("an address that cannot be had leaves the one on the same port", "[app][links]") {
    Listening listening;
    REQUIRE(listening.use().has_value());
    listening.settings.links->address = "192.0.2.1"; // for documents: no machine has it
    CHECK(listening.use().has_error());
    CHECK(is_answered(listening.settings.links->port));
}

TEST_CASE("a secret that cannot be read changes nothing", "[app][links]") {
    Listening listening;
    REQUIRE(listening.use().has_value());
    const std::string before = listening.token();
    listening.settings.links->secret_file = listening.stage.directory.path() / "lost";
    const Result<void> refused = listening.use();
    REQUIRE(refused.has_error());
    CHECK(refused.error().code == ErrorCode::bad_config);
    CHECK(listening.token() == before);
}

TEST_CASE("a reload tells that the links could not move", "[app][links]") {
    const Stage stage;
    const auto key = stage.directory.write("link-key", std::string(40, 'a'));
    std::filesystem::permissions(key, std::filesystem::perms{0600});
    const std::string text = test::read_file(stage.directory.path() / "reviewd.yaml");
    const auto listen_on = [&](int port) {
        const std::string links = fmt::format(
            "links: {{ listen: \"127.0.0.1:{}\", secret_file: {} }}\n", port, key.string()
        );
        stage.directory.write(
            "reviewd.yaml", text + "public_url: https://reviews.example\n" + links
        );
    };
    listen_on(free_port());
    Running daemon{stage};
    CHECK(daemon.call("status").at("daemon").at("reload_problem").is_null());
    {
        const Occupant occupant;
        listen_on(occupant.port());
        const json::value answer = daemon.call("reload", {{"wait", true}});
        REVIEWD_CHECK_CONTAINS(std::string{answer.at("problem").as_string()}, "cannot listen");
        CHECK(daemon.call("status").at("daemon").at("reload_problem").is_string());
    }
    CHECK_FALSE(daemon.call("reload", {{"wait", true}}).as_object().contains("problem"));
    CHECK(daemon.call("status").at("daemon").at("reload_problem").is_null());
    CHECK(daemon.stop() == 0);
}

TEST_CASE("behind a web server one stranger shuts the links for nobody else", "[app][links][T24]") {
    const Stage stage;
    const auto key = stage.directory.write("link-key", std::string(40, 'a'));
    std::filesystem::permissions(key, std::filesystem::perms{0600});
    const int port = free_port();
    stage.directory.write(
        "conf.d/50-links.yaml",
        fmt::format(
            "public_url: https://reviews.example\n"
            "links: {{ listen: \"127.0.0.1:{}\", secret_file: {} }}\n",
            port,
            key.string()
        )
    );
    Running daemon{stage};
    static_cast<void>(daemon.call("status"));
    constexpr int forbidden = 403;
    constexpr int too_many = 429;
    constexpr int faults_of_a_minute = 20;
    for (int i = 0; i < faults_of_a_minute; ++i) {
        // The web server appends to what the stranger made up.
        CHECK(status_for(port, fmt::format("192.0.2.{}, 203.0.113.9", i), "/a/wrong") == forbidden);
    }
    CHECK(status_for(port, "192.0.2.99, 203.0.113.9", "/a/wrong") == too_many);
    CHECK(status_for(port, "198.51.100.7", "/a/wrong") == forbidden);
    CHECK(daemon.stop() == 0);
}

} // namespace reviewd::test::test_link_listener
