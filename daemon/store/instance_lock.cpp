#include "daemon/store/instance_lock.hpp"

#include "daemon/store/ownership.hpp"
#include "scoring/base/shortage.hpp"

#include <fmt/core.h>

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <system_error>
#include <utility>

namespace reviewd::store {
namespace {

std::string describe_errno(int number) {
    return std::generic_category().message(number);
}

bool is_network_file_system(const std::filesystem::path& directory) {
    constexpr std::array<unsigned long, 8> network_types{
        NFS_SUPER_MAGIC,
        SMB_SUPER_MAGIC,
        CIFS_SUPER_MAGIC,
        SMB2_SUPER_MAGIC,
        AFS_SUPER_MAGIC,
        CODA_SUPER_MAGIC,
        CEPH_SUPER_MAGIC,
        V9FS_MAGIC};
    struct statfs about {};
    if (::statfs(directory.c_str(), &about) != 0) {
        return false;
    }
    const auto type = static_cast<unsigned long>(about.f_type) & 0xffffffffUL;
    return std::find(network_types.begin(), network_types.end(), type) != network_types.end();
}

std::string read_holder(int descriptor) {
    std::array<char, 32> text{};
    const ssize_t size = ::pread(descriptor, text.data(), text.size(), 0);
    std::string holder{text.data(), size > 0 ? static_cast<std::size_t>(size) : 0};
    holder.erase(
        std::remove_if(
            holder.begin(), holder.end(), [](char letter) { return letter < '0' || letter > '9'; }
        ),
        holder.end()
    );
    return holder;
}

void write_holder(int descriptor) {
    // Only a help for the message above; the lock does not depend on it.
    const std::string holder = fmt::format("{}\n", ::getpid());
    if (::ftruncate(descriptor, 0) == 0) {
        [[maybe_unused]] const ssize_t written =
            ::pwrite(descriptor, holder.data(), holder.size(), 0);
    }
}

/// A root shell that restores into an empty directory makes the lock that the service's user opens.
void give_to_owner_of(const std::filesystem::path& directory, int descriptor) {
    struct stat about {};
    struct stat lock {};
    if (::geteuid() == 0 && ::stat(directory.c_str(), &about) == 0
        && ::fstat(descriptor, &lock) == 0 && lock.st_uid != about.st_uid) {
        [[maybe_unused]] const int given = ::fchown(descriptor, about.st_uid, about.st_gid);
    }
}

Error cannot_open(const std::filesystem::path& file, int reason) {
    const bool is_forbidden = reason == EACCES || reason == EPERM;
    // What was mounted so after an error, or has no room, may be mended while somebody waits.
    const bool may_pass = reason == EROFS || reason == ENOSPC || is_shortage(reason);
    const char* const remedy =
        is_forbidden      ? "; only the service's own user and root may use its database"
        : reason == EROFS ? "; mount the state directory so that it can be written"
                          : "";
    return fail(
        is_forbidden ? ErrorCode::no_permission
        : may_pass   ? ErrorCode::try_later
                     : ErrorCode::cannot_create,
        fmt::format("lock file {}: {}{}", file.string(), describe_errno(reason), remedy)
    );
}

} // namespace

Result<InstanceLock> InstanceLock::acquire(const std::filesystem::path& state_directory) {
    std::error_code problem;
    // SQLite is told to follow no symbolic link, and the directory's own path may have some.
    const std::filesystem::path directory = std::filesystem::canonical(state_directory, problem);
    if (problem) {
        return fail(
            ErrorCode::cannot_create,
            fmt::format(
                "state directory {}: {}; create it first",
                state_directory.string(),
                problem.message()
            )
        );
    }
    if (is_network_file_system(directory)) {
        return fail(
            ErrorCode::bad_config,
            fmt::format(
                "state directory {} is on a network file system, where the database cannot work; "
                "choose a local one",
                directory.string()
            )
        );
    }
    const std::filesystem::path file = directory / "reviewd.lock";
    const int descriptor =
        ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR);
    if (descriptor < 0) {
        return cannot_open(file, errno);
    }
    InstanceLock lock{directory, descriptor};
    if (!is_plain_file(descriptor)) {
        return fail(
            ErrorCode::cannot_create,
            fmt::format(
                "lock file {}: something else stands in its place, or it has a second name; remove "
                "it",
                file.string()
            )
        );
    }
    if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
        const int reason = errno;
        if (reason != EWOULDBLOCK) {
            return fail(
                ErrorCode::cannot_create,
                fmt::format("lock file {}: {}", file.string(), describe_errno(reason))
            );
        }
        const std::string holder = read_holder(descriptor);
        return fail(
            ErrorCode::cannot_create,
            fmt::format(
                "the database in {} is in use by another reviewd{}; stop it, or choose another "
                "state directory",
                directory.string(),
                holder.empty() ? "" : fmt::format(" (process {})", holder)
            )
        );
    }
    give_to_owner_of(directory, descriptor);
    write_holder(descriptor);
    return lock;
}

InstanceLock::InstanceLock(std::filesystem::path directory, int descriptor)
    : directory_(std::move(directory)), descriptor_(descriptor) {}

InstanceLock::InstanceLock(InstanceLock&& other) noexcept
    : directory_(std::move(other.directory_)), descriptor_(std::exchange(other.descriptor_, -1)) {}

InstanceLock& InstanceLock::operator=(InstanceLock&& other) noexcept {
    std::swap(directory_, other.directory_);
    std::swap(descriptor_, other.descriptor_);
    return *this;
}

InstanceLock::~InstanceLock() {
    if (descriptor_ >= 0) {
        ::close(descriptor_);
    }
}

} // namespace reviewd::store
