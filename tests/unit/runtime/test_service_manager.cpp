#include "daemon/runtime/file_descriptor.hpp"
#include "daemon/runtime/service_manager.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/temporary_directory.hpp"

#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <string>

namespace reviewd::test::test_service_manager {

using namespace reviewd;
using namespace std::chrono_literals;

namespace {

/// Stands in for systemd: a datagram socket named by NOTIFY_SOCKET.
class Manager {
public:
    Manager() : socket_{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)} {
        const std::string path = directory_.path() / "notify";
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::memcpy(static_cast<char*>(address.sun_path), path.data(), path.size());
        REQUIRE(::bind(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
        ::setenv("NOTIFY_SOCKET", path.c_str(), 1);
    }
    Manager(const Manager&) = delete;
    Manager& operator=(const Manager&) = delete;
    ~Manager() { ::unsetenv("NOTIFY_SOCKET"); }

    [[nodiscard]] std::string next() const {
        std::array<char, 4096> bytes{};
        const ssize_t got = ::recv(socket_.get(), bytes.data(), bytes.size(), 0);
        return got < 0 ? "nothing" : std::string(bytes.data(), static_cast<std::size_t>(got));
    }

private:
    test::TemporaryDirectory directory_;
    runtime::FileDescriptor socket_;
};

} // namespace

TEST_CASE("systemd is told of start, state, life and end", "[runtime][systemd]") {
    const Manager manager;
    CHECK(runtime::ServiceManager::is_there());
    const runtime::ServiceManager service;
    service.ready("85 accounts");
    CHECK(manager.next() == "READY=1\nSTATUS=85 accounts");
    service.status("two\nlines\nREADY=1");
    CHECK(manager.next() == R"(STATUS=two\nlines\nREADY=1)");
    service.alive();
    CHECK(manager.next() == "WATCHDOG=1");
    service.stopping("finishing 2 deliveries");
    CHECK(manager.next() == "STOPPING=1\nSTATUS=finishing 2 deliveries");
    service.extend_timeout(90s);
    CHECK(manager.next() == "EXTEND_TIMEOUT_USEC=90000000");
    service.reloading();
    REVIEWD_CHECK_CONTAINS(manager.next(), "RELOADING=1\nMONOTONIC_USEC=");
    CHECK(manager.next() == "nothing");
}

TEST_CASE("without a service manager nothing happens", "[runtime][systemd]") {
    ::unsetenv("NOTIFY_SOCKET");
    ::unsetenv("WATCHDOG_USEC");
    const runtime::ServiceManager service;
    service.ready("fine");
    service.alive();
    CHECK_FALSE(runtime::ServiceManager::is_there());
    CHECK_FALSE(runtime::ServiceManager::watchdog_interval().has_value());
}

TEST_CASE("the watchdog is fed twice as often as asked", "[runtime][systemd]") {
    ::setenv("WATCHDOG_USEC", "30000000", 1);
    ::unsetenv("WATCHDOG_PID");
    CHECK(runtime::ServiceManager::watchdog_interval() == 15s);
    ::unsetenv("WATCHDOG_USEC");
}

} // namespace reviewd::test::test_service_manager
