#include "daemon/runtime/open_file.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace reviewd::runtime {
namespace {

std::string reason(int error) {
    return std::generic_category().message(error);
}

} // namespace

Result<FileDescriptor> open_file(const std::string& path) {
    FileDescriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)};
    if (file.get() >= 0) {
        return file;
    }
    const int error = errno;
    const ErrorCode code = error == ENOENT || error == ENOTDIR ? ErrorCode::not_found
                           : error == EACCES                   ? ErrorCode::no_permission
                                                               : ErrorCode::io_failed;
    return fail(code, fmt::format("{} cannot be opened: {}", path, reason(error)));
}

Result<std::string> read_open_file(
    const FileDescriptor& file, const std::string& name, std::size_t limit_bytes
) {
    struct stat status {};
    if (::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) {
        return fail(ErrorCode::usage, fmt::format("{} is no ordinary file", name));
    }
    std::string text;
    constexpr std::size_t piece_bytes = 65'536;
    while (true) {
        const std::size_t end = text.size();
        text.resize(end + piece_bytes);
        const ssize_t got =
            ::pread(file.get(), text.data() + end, piece_bytes, static_cast<off_t>(end));
        if (got < 0 && errno == EINTR) {
            text.resize(end);
            continue;
        }
        if (got < 0) {
            return fail(
                ErrorCode::io_failed, fmt::format("{} cannot be read: {}", name, reason(errno))
            );
        }
        text.resize(end + static_cast<std::size_t>(got));
        if (text.size() > limit_bytes) {
            return fail(
                ErrorCode::usage, fmt::format("{} has more than {} bytes", name, limit_bytes)
            );
        }
        if (got == 0) {
            return text;
        }
    }
}

} // namespace reviewd::runtime
