#include "daemon/ctl/private_file.hpp"

#include "daemon/ctl/terminal.hpp"
#include "daemon/runtime/file_descriptor.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace reviewd::ctl {

namespace {

namespace fs = std::filesystem;

/// @returns 0 or an errno
int write_all(int descriptor, std::string_view text) {
    while (!text.empty()) {
        const ssize_t written = ::write(descriptor, text.data(), text.size());
        if (written < 0 && errno != EINTR) {
            return errno;
        }
        text.remove_prefix(written < 0 ? 0 : static_cast<std::size_t>(written));
    }
    return 0;
}

} // namespace

Error cannot_make(const fs::path& path, int number) {
    const bool is_closed = number == EACCES || number == EPERM || number == EROFS;
    return fail(
        is_closed ? ErrorCode::no_permission : ErrorCode::cannot_create,
        fmt::format("{}: {}", safe(path.string()), std::generic_category().message(number))
    );
}

Result<void> make_private_folder(const fs::path& folder) {
    std::error_code problem;
    const bool is_new = fs::create_directories(folder, problem);
    if (is_new && !problem) {
        fs::permissions(folder, fs::perms::owner_all, problem);
    }
    return problem ? Result<void>{cannot_make(folder, problem.value())} : Result<void>{};
}

Result<void> write_private_file(const fs::path& path, std::string_view text) {
    const runtime::FileDescriptor file{::open(
        path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR
    )};
    if (file.get() < 0) {
        return cannot_make(path, errno);
    }
    if (const int number = write_all(file.get(), text)) {
        std::error_code ignored;
        fs::remove(path, ignored);
        Error error = cannot_make(path, number);
        error.code = ErrorCode::io_failed;
        return error;
    }
    return {};
}

} // namespace reviewd::ctl
