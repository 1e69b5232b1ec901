#include "daemon/store/ownership.hpp"

#include <fmt/core.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace reviewd::store {
namespace {

/// -1 and errno, or the number of the open file.
int give(int descriptor, const struct stat& owner) {
    struct stat about {};
    if (::fstat(descriptor, &about) != 0) {
        return -1;
    }
    if (!S_ISDIR(about.st_mode) && !is_plain_file(descriptor)) {
        errno = EPERM;
        return -1;
    }
    return ::fchown(descriptor, owner.st_uid, owner.st_gid);
}

} // namespace

bool is_plain_file(int descriptor) {
    struct stat about {};
    return ::fstat(descriptor, &about) == 0 && S_ISREG(about.st_mode) && about.st_nlink == 1;
}

Result<void> give_to_owner_of(
    const std::filesystem::path& directory, const std::filesystem::path& path
) {
    struct stat owner {};
    if (::geteuid() != 0 || ::stat(directory.c_str(), &owner) != 0) {
        return {};
    }
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    const bool is_given = descriptor >= 0 && give(descriptor, owner) == 0;
    const int reason = errno;
    if (descriptor >= 0) {
        ::close(descriptor);
    }
    if (is_given) {
        return {};
    }
    const bool is_strange = reason == EPERM || reason == ELOOP;
    return fail(
        is_strange ? ErrorCode::no_permission : ErrorCode::io_failed,
        fmt::format(
            "{} cannot be given to the owner of its directory: {}",
            path.string(),
            std::generic_category().message(reason)
        )
    );
}

Result<void> check_access(const std::filesystem::path& database) {
    for (const char* behind : {"", "-wal", "-shm"}) {
        const std::string path = database.string() + behind;
        if (::access(path.c_str(), R_OK | W_OK) != 0 && errno == EACCES) {
            return fail(
                ErrorCode::no_permission,
                fmt::format(
                    "{0} may not be read and written by this user; `chown --reference={1} {0}` "
                    "gives it to the owner of its directory, `chmod 600 {0}` lets that one write",
                    path,
                    database.parent_path().string()
                )
            );
        }
    }
    return {};
}

} // namespace reviewd::store
