#include "daemon/ctl/backup_turn.hpp"

#include "daemon/ctl/private_file.hpp"
#include "daemon/ctl/terminal.hpp"
#include "daemon/store/ownership.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>

namespace reviewd::ctl {

namespace {

namespace fs = std::filesystem;

/// Each try but the last met the end of another command's turn.
constexpr int tries_max = 16;

/// Whether the name still leads to the open file: who had the turn before takes its name away.
bool is_named(const fs::path& path, int descriptor) {
    struct stat named {};
    struct stat opened {};
    return ::lstat(path.c_str(), &named) == 0 && ::fstat(descriptor, &opened) == 0
           && named.st_dev == opened.st_dev && named.st_ino == opened.st_ino;
}

/// Some file systems have no such locks: there everybody gets one.
bool is_locked_by_another(int descriptor) {
    return ::flock(descriptor, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
}

} // namespace

Result<BackupTurn> BackupTurn::take(const fs::path& directory) {
    const fs::path path = directory / ".reviewd-backup.lock";
    for (int tries = 0; tries < tries_max; ++tries) {
        runtime::FileDescriptor file{::open(
            path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, S_IRUSR | S_IWUSR
        )};
        if (file.get() < 0) {
            return cannot_make(path, errno);
        }
        if (is_locked_by_another(file.get())) {
            break;
        }
        if (!is_named(path, file.get())) {
            continue;
        }
        // A root shell that is killed would leave one that the service's own user cannot open.
        const Result<void> given = store::give_to_owner_of(directory, path);
        return given ? Result<BackupTurn>{BackupTurn{path, std::move(file)}} : given.error();
    }
    return fail(
        ErrorCode::try_later,
        fmt::format(
            "another `reviewctl backup` is at work in {}; nothing was changed, try again when it "
            "has ended",
            safe(directory.string())
        )
    );
}

BackupTurn::~BackupTurn() {
    if (file_.get() >= 0 && is_named(path_, file_.get())) {
        std::error_code ignored;
        fs::remove(path_, ignored);
    }
}

} // namespace reviewd::ctl
