// The kernel knows best who may read what, with lists of access and modules that no look at modes
// sees. So a thread takes the user's part as far as files go, and tries. What it is ends with it.
#include "daemon/ctl/service_user.hpp"

#include "daemon/runtime/file_descriptor.hpp"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

namespace reviewd::ctl {

namespace {

std::vector<gid_t> groups_of(uid_t user, gid_t group) {
    std::array<char, 4096> text{};
    struct passwd entry {};
    struct passwd* found = nullptr;
    if (::getpwuid_r(user, &entry, text.data(), text.size(), &found) != 0 || found == nullptr) {
        return {group};
    }
    std::array<gid_t, 64> groups{};
    int count = static_cast<int>(groups.size());
    if (::getgrouplist(entry.pw_name, group, groups.data(), &count) < 0) {
        return {group};
    }
    return {groups.begin(), groups.begin() + count};
}

/// In a thread that ends soon: it stays the other user.
bool try_as(const struct stat& owner, const std::string& file) {
    const std::vector<gid_t> groups = groups_of(owner.st_uid, owner.st_gid);
    // Past the C library, whose function would change the groups of all threads.
    if (::syscall(SYS_setgroups, groups.size(), groups.data()) != 0) {
        return true;
    }
    ::setfsgid(owner.st_gid);
    ::setfsuid(owner.st_uid);
    const runtime::FileDescriptor opened{
        ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)};
    return opened.get() >= 0 || errno != EACCES;
}

} // namespace

bool may_service_read(
    const std::filesystem::path& state_directory, const std::filesystem::path& file
) {
    struct stat owner {};
    if (::geteuid() != 0 || ::stat(state_directory.c_str(), &owner) != 0 || owner.st_uid == 0) {
        return true;
    }
    bool may = true;
    try {
        std::thread{[&] {
            may = try_as(owner, file.string());
        }}.join();
    } catch (const std::system_error&) {
        return true; // no thread to be had
    }
    return may;
}

} // namespace reviewd::ctl
