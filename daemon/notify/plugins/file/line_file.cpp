#include "daemon/notify/plugins/file/line_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <utility>

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

/// Calls `take` with each line that has its end. @param searched without a line end so far
/// @returns where the rest begins
template <class Take>
std::size_t for_each_line(std::string_view text, std::size_t searched, const Take& take) {
    std::size_t begin = 0;
    for (std::size_t end = text.find('\n', searched); end != std::string_view::npos;
         end = text.find('\n', begin)) {
        take(text.substr(begin, end - begin));
        begin = end + 1;
    }
    return begin;
}

/// What makes a torn line one that the next may follow.
std::string closing(std::string_view torn) {
    if (torn.empty()) {
        return {};
    }
    const bool is_quote_open = std::count(torn.begin(), torn.end(), '"') % 2 == 1;
    return is_quote_open ? "\"\n" : "\n";
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

int LineFile::find_line(std::string_view beginning, const Check& is_whole, bool& is_found) const {
    is_found = false;
    off_t end = 0;
    if (const int error = size_of(file_, end)) {
        return error;
    }
    off_t at = std::max<off_t>(0, end - tail_bytes_max);
    bool is_in_line = at > 0; // what begins before the part that is read is no line of it
    std::string chunk;
    std::string line;
    while (at < end && !is_found) {
        if (const int error = read_at(file_, at, chunk_bytes, chunk)) {
            return error;
        }
        if (chunk.empty()) {
            return 0; // somebody made it shorter
        }
        at += static_cast<off_t>(chunk.size());
        line += chunk;
        const std::size_t rest = for_each_line(line, line.size() - chunk.size(), [&](auto text) {
            const bool is_ours = !std::exchange(is_in_line, false) && text.starts_with(beginning);
            is_found = is_found || (is_ours && is_whole(text));
        });
        line.erase(0, rest);
    }
    return 0;
}

/// What follows the last line end; no more than the part that is searched.
int LineFile::read_torn_rest(off_t end, std::string& rest) const {
    const off_t first = std::max<off_t>(0, end - tail_bytes_max);
    std::string chunk;
    std::size_t line_end = std::string::npos;
    while (end > first && line_end == std::string::npos) {
        const off_t begin = std::max(first, end - static_cast<off_t>(chunk_bytes));
        if (const int error = read_at(file_, begin, static_cast<std::size_t>(end - begin), chunk)) {
            return error;
        }
        line_end = chunk.rfind('\n');
        rest.insert(0, chunk, line_end == std::string::npos ? 0 : line_end + 1);
        end = begin;
    }
    return 0;
}

int LineFile::append(std::string_view line) const {
    off_t size = 0;
    if (const int error = size_of(file_, size)) {
        return error;
    }
    std::string torn;
    if (const int error = read_torn_rest(size, torn)) {
        return error;
    }
    std::string bytes = closing(torn);
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
