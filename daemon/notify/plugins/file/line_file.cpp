#include "daemon/notify/plugins/file/line_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

namespace reviewd::notify {
namespace {

constexpr off_t tail_bytes_max = 64L * 1024 * 1024;
constexpr std::size_t chunk_bytes = 1024UL * 1024;
constexpr int open_flags =
    O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;

/// Reads exactly `count` bytes at `from`; shorter at the end of the file.
int read_at(int file, off_t from, std::size_t count, std::string& bytes) {
    bytes.resize(count);
    std::size_t have = 0;
    while (have < count) {
        const ssize_t got =
            ::pread(file, bytes.data() + have, count - have, from + static_cast<off_t>(have));
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return errno;
        }
        if (got == 0) {
            break;
        }
        have += static_cast<std::size_t>(got);
    }
    bytes.resize(have);
    return 0;
}

int size_of(int file, off_t& size) {
    struct stat status {};
    if (::fstat(file, &status) != 0) {
        return errno;
    }
    size = status.st_size;
    return 0;
}

} // namespace

LineFile::~LineFile() {
    if (file_ >= 0) {
        ::close(file_);
    }
}

int LineFile::open(const std::string& path) {
    directory_ = std::filesystem::path{path}.parent_path().string();
    file_ = ::open(path.c_str(), open_flags, 0600);
    if (file_ < 0) {
        return errno;
    }
    struct stat status {};
    if (::fstat(file_, &status) != 0) {
        return errno;
    }
    if (!S_ISREG(status.st_mode)) {
        return S_ISDIR(status.st_mode) ? EISDIR : EINVAL;
    }
    is_new_ = status.st_size == 0;
    return ::flock(file_, LOCK_EX | LOCK_NB) == 0 ? 0 : errno;
}

int LineFile::ends_with_mention(std::string_view text, bool& is_found) const {
    is_found = false;
    off_t end = 0;
    if (const int error = size_of(file_, end)) {
        return error;
    }
    const off_t first = std::max<off_t>(0, end - tail_bytes_max);
    const auto overlap = static_cast<off_t>(text.size());
    std::string chunk;
    while (end > first && !is_found) {
        const off_t begin = std::max(first, end - static_cast<off_t>(chunk_bytes));
        if (const int error = read_at(file_, begin, static_cast<std::size_t>(end - begin), chunk)) {
            return error;
        }
        is_found = chunk.find(text) != std::string::npos;
        end = begin > first ? std::min(begin + overlap, end - 1) : begin;
    }
    return 0;
}

int LineFile::append(std::string_view line) const {
    off_t size = 0;
    if (const int error = size_of(file_, size)) {
        return error;
    }
    std::string bytes;
    if (size > 0) {
        if (const int error = read_at(file_, size - 1, 1, bytes)) {
            return error;
        }
        bytes = bytes == "\n" ? "" : "\n";
    }
    bytes += line;
    bytes += '\n';
    const ssize_t written = ::write(file_, bytes.data(), bytes.size());
    if (written == static_cast<ssize_t>(bytes.size())) {
        return 0;
    }
    const int error = written < 0 ? errno : ENOSPC;
    return written > 0 && ::ftruncate(file_, size) != 0 ? EIO : error;
}

int LineFile::synchronise() const {
    if (::fsync(file_) != 0) {
        return errno;
    }
    if (!is_new_) {
        return 0;
    }
    const int directory =
        ::open(directory_.empty() ? "." : directory_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory < 0) {
        return errno;
    }
    const int error = ::fsync(directory) == 0 ? 0 : errno;
    ::close(directory);
    return error;
}

} // namespace reviewd::notify
