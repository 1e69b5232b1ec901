#include "daemon/runtime/control_socket_file.hpp"
#include "daemon/runtime/file_descriptor.hpp"
#include "daemon/runtime/peer.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/no_descriptors.hpp"
#include "tests/support/temporary_directory.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <string>

namespace reviewd::test::test_control_socket_file {

using namespace reviewd;
using runtime::FileDescriptor;
using runtime::listen_at;
using test::TemporaryDirectory;

namespace {

struct stat status_of(const std::string& path) {
    struct stat status {};
    REQUIRE(::lstat(path.c_str(), &status) == 0);
    return status;
}

} // namespace

TEST_CASE("the socket has mode 0660 in a folder of mode 0750", "[runtime][T39]") {
    const TemporaryDirectory directory;
    const std::string path = directory.path() / "run" / "control.sock";
    const FileDescriptor listener{listen_at(path).value()};
    CHECK((status_of(path).st_mode & 07777U) == 0660U);
    CHECK((status_of(directory.path() / "run").st_mode & 07777U & ~0750U) == 0U);
}

TEST_CASE("without descriptors a socket is asked for again later", "[runtime][F49]") {
    const TemporaryDirectory directory;
    const std::string path = directory.path() / "run" / "control.sock";
    ::close(listen_at(path).value()); // a stale one is in the way
    // The sanitizers look at each type once, and want a descriptor for that.
    std::ofstream{directory.path() / "file"} << "no socket";
    std::optional<Result<int>> refused = listen_at(directory.path() / "file");
    REQUIRE(refused->has_error());
    {
        const test::NoDescriptors nothing_left;
        refused = listen_at(path);
    }
    REQUIRE(refused->has_error());
    CHECK(refused->error().code == ErrorCode::try_later);
    const FileDescriptor listener{listen_at(path).value()};
}

TEST_CASE("a stale socket is replaced, one in use is not", "[runtime][T39]") {
    const TemporaryDirectory directory;
    const std::string path = directory.path() / "control.sock";
    {
        const FileDescriptor first{listen_at(path).value()};
        const Result<int> second = listen_at(path);
        REQUIRE(second.has_error());
        CHECK(second.error().code == ErrorCode::cannot_create);
        REVIEWD_CHECK_CONTAINS(second.error().message, "another process listens");
    }
    const Result<int> again = listen_at(path);
    REQUIRE(again.has_value());
    const FileDescriptor owner{*again};
}

TEST_CASE(
    "a file or a symbolic link in place of the socket is refused and kept", "[runtime][T39]"
) {
    const TemporaryDirectory directory;
    const std::string path = directory.path() / "control.sock";
    SECTION("a file") {
        directory.write("control.sock", "precious");
    }
    SECTION("a link to a file") {
        std::filesystem::create_symlink(directory.write("target", "precious"), path);
    }
    SECTION("a dangling link") {
        std::filesystem::create_symlink(directory.path() / "nowhere", path);
    }
    const Result<int> listener = listen_at(path);
    REQUIRE(listener.has_error());
    CHECK(listener.error().code == ErrorCode::cannot_create);
    CHECK(std::filesystem::exists(std::filesystem::symlink_status(path)));
    CHECK_FALSE(std::filesystem::exists(directory.path() / "nowhere"));
}

TEST_CASE("a folder that everybody may write to is refused", "[runtime][T39]") {
    const TemporaryDirectory directory;
    const std::string folder = directory.path() / "open";
    std::filesystem::create_directory(folder);
    std::filesystem::permissions(folder, std::filesystem::perms::all);
    const Result<int> listener = listen_at(folder + "/control.sock");
    REQUIRE(listener.has_error());
    REVIEWD_CHECK_CONTAINS(listener.error().message, "everybody may write");
    CHECK_FALSE(std::filesystem::exists(folder + "/control.sock"));
}

TEST_CASE("a path that a socket cannot have is refused with its length", "[runtime]") {
    const Result<int> listener = listen_at("/tmp/" + std::string(200, 'x'));
    REQUIRE(listener.has_error());
    REVIEWD_CHECK_CONTAINS(listener.error().message, "205");
}

TEST_CASE(
    "root, the service and the socket's group may control, others may not", "[runtime][T39]"
) {
    constexpr uid_t service = 990;
    constexpr gid_t group = 980;
    using runtime::may_control;
    using runtime::Peer;
    CHECK(may_control(Peer{.user = 0, .groups = {0}}, service, group));
    CHECK(may_control(Peer{.user = service, .groups = {5}}, service, group));
    CHECK(may_control(Peer{.user = 1000, .groups = {1000, 27, group}}, service, group));
    CHECK_FALSE(may_control(Peer{.user = 1000, .groups = {1000, 27}}, service, group));
    CHECK_FALSE(may_control(Peer{.user = group, .groups = {service}}, service, group));
}

} // namespace reviewd::test::test_control_socket_file
