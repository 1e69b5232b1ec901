#include "daemon/intake/source_file.hpp"

#include "scoring/base/text.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace reviewd::intake {
namespace {

ErrorCode code_of(int error) {
    if (error == ENOENT || error == ENOTDIR) {
        return ErrorCode::not_found;
    }
    return error == EACCES || error == EPERM ? ErrorCode::no_permission : ErrorCode::io_failed;
}

Error failed(const std::string& name, const char* what, int error) {
    return fail(
        code_of(error),
        fmt::format(
            "`{}` cannot be {}: {}",
            escape_controls(name),
            what,
            std::generic_category().message(error)
        )
    );
}

bool is_regular(int descriptor) {
    struct stat status {};
    return fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode);
}

Error no_regular_file(const std::string& name) {
    return fail(
        ErrorCode::bad_data,
        fmt::format("`{}` is no regular file; sources are read from files", escape_controls(name))
    );
}

} // namespace

SourceFile::SourceFile(int descriptor, std::string name)
    : descriptor_(descriptor), name_(std::move(name)) {
    // A hint; that it helps is all we ask of it.
    static_cast<void>(posix_fadvise(descriptor_, 0, 0, POSIX_FADV_SEQUENTIAL));
}

SourceFile::~SourceFile() {
    ::close(descriptor_);
}

Result<std::unique_ptr<SourceFile>> SourceFile::open(const std::string& path, std::string name) {
    // Without O_NONBLOCK a pipe in the place of the file would hold us until somebody writes.
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (descriptor < 0) {
        return failed(path, "opened", errno);
    }
    auto file = std::make_unique<SourceFile>(descriptor, std::move(name));
    if (!is_regular(descriptor)) {
        return no_regular_file(path);
    }
    return file;
}

Result<std::size_t> SourceFile::read(std::uint64_t offset, std::span<char> into) {
    std::size_t done = 0;
    while (done < into.size()) {
        const ssize_t count = pread(
            descriptor_, into.data() + done, into.size() - done, static_cast<off_t>(offset + done)
        );
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0) {
            return failed(name_, "read", errno);
        }
        if (count == 0) {
            break;
        }
        done += static_cast<std::size_t>(count);
    }
    return done;
}

Result<SourceFile::Mark> SourceFile::mark() const {
    struct stat status {};
    if (fstat(descriptor_, &status) != 0) {
        return failed(name_, "read", errno);
    }
    constexpr std::int64_t nanoseconds = 1'000'000'000;
    return Mark{
        static_cast<std::uint64_t>(status.st_size),
        static_cast<std::int64_t>(status.st_mtim.tv_sec) * nanoseconds + status.st_mtim.tv_nsec};
}

std::string source_path(const std::string& data_directory, const std::string& file) {
    const bool is_absolute = file.starts_with('/') || data_directory.empty();
    return is_absolute ? file : data_directory + "/" + file;
}

} // namespace reviewd::intake
