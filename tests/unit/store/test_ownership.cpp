// Root works in directories of the service's user, who may put anything there.
#include "daemon/store/database.hpp"
#include "daemon/store/instance_lock.hpp"
#include "daemon/store/ownership.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/files.hpp"
#include "tests/support/temporary_directory.hpp"

#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <string>

namespace reviewd::test::test_ownership {

using namespace reviewd;
namespace fs = std::filesystem;

namespace {

constexpr uid_t somebody = 65534;

uid_t owner_of(const fs::path& path) {
    struct stat about {};
    REQUIRE(::lstat(path.c_str(), &about) == 0);
    return about.st_uid;
}

} // namespace

TEST_CASE("what root leaves belongs to whom the directory belongs", "[store][T39]") {
    if (::geteuid() != 0) {
        WARN("skipped: only root can give files away");
        return;
    }
    const test::TemporaryDirectory place;
    const fs::path state = place.path() / "state";
    const fs::path file = place.write("state/reviewd.db", "x");
    const fs::path shadow = place.write("shadow", "root's");
    REQUIRE(::chown(state.c_str(), somebody, somebody) == 0);

    CHECK(store::give_to_owner_of(state, file).has_value());
    CHECK(owner_of(file) == somebody);

    fs::create_hard_link(shadow, state / "hard");
    fs::create_symlink(shadow, state / "soft");
    for (const char* name : {"hard", "soft"}) {
        INFO(name);
        const Result<void> refused = store::give_to_owner_of(state, state / name);
        REQUIRE(refused.has_error());
        CHECK(refused.error().code == ErrorCode::no_permission);
    }
    CHECK(owner_of(shadow) == 0);
    CHECK(store::give_to_owner_of(state, state / "none").error().code == ErrorCode::io_failed);
}

TEST_CASE("files of the database that are another user's are named", "[store][open]") {
    if (::geteuid() != 0) {
        WARN("skipped: only root can take the part of another user");
        return;
    }
    for (const std::string name : {"reviewd.db", "reviewd.db-wal", "reviewd.db-shm"}) {
        INFO(name);
        const test::TemporaryDirectory place;
        const fs::path file = place.write("state/" + name, "");
        REQUIRE(::chmod(file.c_str(), S_IRUSR | S_IWUSR) == 0);
        REQUIRE(::chmod(place.path().c_str(), S_IRWXU | S_IXGRP | S_IXOTH) == 0);
        REQUIRE(::chown(file.parent_path().c_str(), somebody, somebody) == 0);
        const pid_t child = ::fork();
        if (child == 0) {
            const bool is_other = ::setgid(somebody) == 0 && ::setuid(somebody) == 0;
            const auto lock = store::InstanceLock::acquire(file.parent_path());
            const auto opened = store::Database::open(*lock);
            const std::string reason = opened.has_error() ? opened.error().message : "";
            const bool is_named = reason.find('/' + name + " may not be read") != std::string::npos;
            ::_exit(is_other && is_named ? exit_code(opened.error().code) : 1);
        }
        int status = 0;
        REQUIRE(::waitpid(child, &status, 0) == child);
        CHECK(WIFEXITED(status));
        CHECK(WEXITSTATUS(status) == 77);
    }
}

TEST_CASE("a state directory that cannot be written for now says so", "[store][lock][F6]") {
    if (::geteuid() != 0) {
        WARN("skipped: only root can mount");
        return;
    }
    const test::TemporaryDirectory place;
    constexpr int no_mounts = 77;
    const pid_t child = ::fork();
    if (child == 0) {
        const bool is_mounted =
            ::unshare(CLONE_NEWNS) == 0
            && ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0
            && ::mount("none", place.path().c_str(), "tmpfs", MS_RDONLY, nullptr) == 0;
        if (!is_mounted) {
            ::_exit(no_mounts);
        }
        const Result<store::InstanceLock> lock = store::InstanceLock::acquire(place.path());
        const std::string reason = lock.has_error() ? lock.error().message : "";
        const bool has_remedy = reason.find("; mount the state directory") != std::string::npos;
        ::_exit(has_remedy ? exit_code(lock.error().code) : 1);
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    REQUIRE(WIFEXITED(status));
    if (WEXITSTATUS(status) == no_mounts) {
        WARN("skipped: nothing may be mounted here");
        return;
    }
    CHECK(WEXITSTATUS(status) == 75);
}

TEST_CASE("the lock is taken in no file that has another name", "[store][T39]") {
    const test::TemporaryDirectory place;
    const fs::path other = place.write("other", "not to be cut off");
    fs::create_directory(place.path() / "state");
    fs::create_hard_link(other, place.path() / "state" / "reviewd.lock");
    const Result<store::InstanceLock> lock = store::InstanceLock::acquire(place.path() / "state");
    REQUIRE(lock.has_error());
    CHECK(lock.error().code == ErrorCode::cannot_create);
    CHECK(test::read_file(other) == "not to be cut off");
}

} // namespace reviewd::test::test_ownership
