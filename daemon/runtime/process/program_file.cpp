#include "daemon/runtime/process/program_file.hpp"

#include "scoring/base/shortage.hpp"

#include <fmt/core.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <memory>
#include <system_error>
#include <utility>

namespace reviewd::runtime {
namespace {

using Trust = notify::ProcessRequest::Trust;

Error bad(const std::string& program, std::string_view what) {
    return fail(ErrorCode::bad_config, fmt::format("{} {}", program, what));
}

Error cannot_open(const std::string& program, int reason) {
    const std::string words = std::generic_category().message(reason);
    Error error = bad(program, fmt::format("cannot be opened: {}", words));
    error.code = is_shortage(reason) ? ErrorCode::try_later : error.code;
    return error;
}

bool is_ours(const struct stat& status) {
    return status.st_uid == 0 || status.st_uid == ::geteuid();
}

/// A folder in which everybody may write is harmless when nobody may rename what is others'.
bool may_others_change(const struct stat& status) {
    const bool is_sticky = S_ISDIR(status.st_mode) && (status.st_mode & S_ISVTX) != 0;
    return (status.st_mode & (S_IWGRP | S_IWOTH)) != 0 && !is_sticky;
}

Result<void> check_folders(const std::string& program) {
    for (std::size_t end = program.rfind('/');; end = program.rfind('/', end - 1)) {
        const std::string folder = end == 0 ? "/" : program.substr(0, end);
        struct stat status {};
        if (::stat(folder.c_str(), &status) != 0) {
            return bad(program, fmt::format("lies in {}, which cannot be looked at", folder));
        }
        if (!is_ours(status) || may_others_change(status)) {
            return bad(program, fmt::format("lies in {}, which others may change", folder));
        }
        if (end == 0) {
            return {};
        }
    }
}

Result<void> check_file(const std::string& program, const struct stat& status, Trust trust) {
    if (!S_ISREG(status.st_mode)) {
        return bad(program, "is no regular file");
    }
    if (!is_ours(status)) {
        return bad(program, "belongs neither to root nor to the user that reviewd runs as");
    }
    if (may_others_change(status)) {
        return bad(program, "may be changed by others; run `chmod go-w` on it");
    }
    if (trust == Trust::plain && (status.st_mode & (S_ISUID | S_ISGID)) != 0) {
        return bad(program, "raises its own rights (setuid)");
    }
    if ((status.st_mode & (S_IXUSR | S_IXGRP | S_IXOTH)) == 0) {
        return bad(program, "is not executable; run `chmod +x` on it");
    }
    return {};
}

} // namespace

Result<ProgramFile> ProgramFile::open(const std::string& program, Trust trust) {
    if (program.empty() || program.front() != '/') {
        return bad(program, "is no absolute file name");
    }
    std::string name = program;
    if (trust == Trust::installed) {
        const std::unique_ptr<char, void (*)(void*)> real{
            ::realpath(program.c_str(), nullptr), &std::free};
        name = real ? real.get() : program;
    }
    const int flags = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | O_NOFOLLOW;
    ProgramFile file{::open(name.c_str(), flags)};
    if (file.descriptor_ < 0 && errno == ELOOP) {
        return bad(program, "is a symbolic link; name the program itself");
    }
    // A program may be executable without being readable; it cannot be a script then.
    if (file.descriptor_ < 0 && errno == EACCES) {
        file.descriptor_ = ::open(name.c_str(), O_PATH | O_CLOEXEC | O_NOFOLLOW);
    }
    if (file.descriptor_ < 0) {
        return cannot_open(program, errno);
    }
    struct stat status {};
    if (::fstat(file.descriptor_, &status) != 0) {
        return bad(program, "cannot be looked at");
    }
    if (const Result<void> fit = check_file(program, status, trust); fit.has_error()) {
        return fit.error();
    }
    if (const Result<void> fit = check_folders(name); fit.has_error()) {
        return fit.error();
    }
    std::array<char, 2> head{};
    file.is_script_ = ::pread(file.descriptor_, head.data(), head.size(), 0) == 2 && head[0] == '#'
                      && head[1] == '!';
    return file;
}

ProgramFile::ProgramFile(ProgramFile&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), is_script_(other.is_script_) {}

ProgramFile::~ProgramFile() {
    if (descriptor_ >= 0) {
        ::close(descriptor_);
    }
}

} // namespace reviewd::runtime
