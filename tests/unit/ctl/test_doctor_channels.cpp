// What doctor says of channels whose address is a secret of its own. Loopback only.
#include "daemon/ctl/service_user.hpp"
#include "daemon/runtime/file_descriptor.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/files.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/unit/ctl/run.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <fmt/format.h>

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>

namespace reviewd::test::test_doctor_channels {

namespace {

namespace json = boost::json;

constexpr const char* secret = "T0PSECRET";

/// Takes connections on a free port of 127.0.0.1, as a server that has no time does.
class Listener {
public:
    Listener() : socket_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        auto* const place = reinterpret_cast<sockaddr*>(&address); // NOLINT(*-reinterpret-cast)
        REQUIRE(::bind(socket_.get(), place, size) == 0);
        REQUIRE(::listen(socket_.get(), 1) == 0);
        REQUIRE(::getsockname(socket_.get(), place, &size) == 0);
        port_ = ntohs(address.sin_port);
    }
    [[nodiscard]] int port() const { return port_; }

private:
    runtime::FileDescriptor socket_;
    int port_ = 0;
};

/// A configuration whose channel `room` has its address in the file room.url.
class Room {
public:
    Room() {
        directory_.write("rules/scoring.yaml", R"(facts: {}
rules: []
score: { base: 20, min: 0, max: 100 }
levels:
  low: { from: 0, not_before: 9 months, review_every: 11 months, at_latest: 12 months }
)");
        configure("url_file: " + file().string());
    }

    void configure(const std::string& address) {
        const std::string text = fmt::format(
            "company: {{ name: Test, zone: UTC }}\n"
            "rules: {{ directory: rules }}\n"
            "sources: {{ accounts: {{ file: accounts.csv }} }}\n"
            "channels: {{ room: {{ type: slack, {} }} }}\n",
            address
        );
        configuration_ = directory_.write("reviewd.yaml", text);
    }
    void write_address(const std::string& address) {
        directory_.write("room.url", address);
        REQUIRE(::chmod(file().c_str(), S_IRUSR | S_IWUSR) == 0);
    }

    /// What doctor says of the channel; null: nothing.
    [[nodiscard]] json::value examine() const {
        const ctl::test::Ran ran = ctl::test::run(
            {"--json",
             "doctor",
             "--config",
             configuration_,
             "--state",
             directory_.path() / "state",
             "--socket",
             directory_.path() / "none.sock"}
        );
        CHECK(ran.out.find(secret) == std::string::npos);
        CHECK(ran.error.find(secret) == std::string::npos);
        REVIEWD_CHECK_CONTAINS(ran.out, R"("name":"configuration","state":"ok")");
        const json::value answer = json::parse(ran.out);
        for (const json::value& check : answer.at("checks").as_array()) {
            if (check.at("name") == "channel room") {
                return check;
            }
        }
        return nullptr;
    }

    [[nodiscard]] std::filesystem::path file() const { return directory_.path() / "room.url"; }

private:
    TemporaryDirectory directory_;
    std::string configuration_;
};

std::string found(const json::value& check) {
    REQUIRE(check.is_object());
    return std::string{check.at("found").as_string()};
}

} // namespace

TEST_CASE("doctor tries the host of an address that stands in a file", "[ctl][doctor]") {
    Room room;
    int port = 0;
    {
        const Listener listener;
        port = listener.port();
        room.write_address(fmt::format("https://127.0.0.1:{}/services/{}\n", port, secret));
        const json::value refused = room.examine();
        CHECK(refused.at("state") == "bad");
        REVIEWD_CHECK_CONTAINS(found(refused), "127.0.0.1, in no public network");
        REVIEWD_CHECK_CONTAINS(
            std::string{refused.at("remedy").as_string()}, "`allow_hosts: [127.0.0.1]`"
        );
        room.configure("allow_hosts: [127.0.0.1], url_file: " + room.file().string());
        const json::value answers = room.examine();
        CHECK(found(answers) == fmt::format("127.0.0.1 port {} answers at 127.0.0.1", port));
        CHECK(answers.at("state") == "ok");
    }
    const json::value silent = room.examine();
    CHECK(silent.at("state") == "bad");
    REVIEWD_CHECK_CONTAINS(found(silent), fmt::format("127.0.0.1 port {} does not answer", port));
}

TEST_CASE("doctor says why an address in a file is of no use", "[ctl][doctor]") {
    Room room;
    SECTION("there is none") {
        const json::value missing = room.examine();
        CHECK(missing.at("state") == "bad");
        REVIEWD_CHECK_CONTAINS(found(missing), room.file().string());
        CHECK(missing.at("remedy").is_string());
    }
    SECTION("it is no address") {
        room.write_address(std::string{secret} + "\n");
        const json::value wrong = room.examine();
        CHECK(wrong.at("state") == "bad");
        REVIEWD_CHECK_CONTAINS(found(wrong), "https://host/path");
    }
    SECTION("it is one that the daemon would not take") {
        room.write_address(fmt::format("http://127.0.0.1:9/{}\n", secret));
        REVIEWD_CHECK_CONTAINS(found(room.examine()), "allow_http: true");
    }
    SECTION("everybody may read it") {
        room.write_address(fmt::format("https://127.0.0.1:9/{}\n", secret));
        REQUIRE(::chmod(room.file().c_str(), 0644) == 0);
        const json::value open = room.examine();
        CHECK(open.at("state") == "bad");
        REVIEWD_CHECK_CONTAINS(found(open), "chmod o-rwx");
    }
}

TEST_CASE("doctor sees whether the service's own user may read a secret", "[ctl][doctor]") {
    if (::geteuid() != 0) {
        WARN("skipped: only root can take the part of another user");
        return;
    }
    const TemporaryDirectory place;
    const std::filesystem::path state = place.path() / "state";
    const std::filesystem::path file = place.write("credentials/key", secret);
    std::filesystem::create_directory(state);
    REQUIRE(::chmod(place.path().c_str(), 0755) == 0);
    REQUIRE(::chmod(file.c_str(), 0640) == 0);
    CHECK(ctl::may_service_read(state, file)); // a state of root's own says nothing
    constexpr uid_t somebody = 65534;
    REQUIRE(::chown(state.c_str(), somebody, somebody) == 0);
    CHECK_FALSE(ctl::may_service_read(state, file)); // of root's group, which root has
    REQUIRE(::chown(file.c_str(), 0, somebody) == 0);
    CHECK(ctl::may_service_read(state, file));
    REQUIRE(::chmod(file.parent_path().c_str(), 0700) == 0);
    CHECK_FALSE(ctl::may_service_read(state, file));
    CHECK(read_file(file) == secret); // and is itself again
}

TEST_CASE("doctor knows that a credential is the running service's", "[ctl][doctor]") {
    Room room;
    room.configure("url_credential: reviewd-test-room");
    const json::value check = room.examine();
    CHECK(check.at("state") != "ok");
    REVIEWD_CHECK_CONTAINS(found(check), "reviewd-test-room");
}

} // namespace reviewd::test::test_doctor_channels
