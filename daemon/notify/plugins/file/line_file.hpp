#pragma once

#include <sys/types.h>

#include <functional>
#include <string>
#include <string_view>

namespace reviewd::notify {

/// A file of lines, open for one delivery and locked against other writers. Functions return 0 or
/// an errno.
class LineFile {
public:
    LineFile() = default;
    LineFile(const LineFile&) = delete;
    LineFile& operator=(const LineFile&) = delete;
    ~LineFile();

    /// Opens or makes a regular file, never through a symbolic link. EWOULDBLOCK: another process
    /// has it locked.
    [[nodiscard]] int open(const std::string& path);

    /// Whether it held nothing when it was opened.
    [[nodiscard]] bool is_new() const { return is_new_; }

    using Check = std::function<bool(std::string_view line)>;

    /// Whether one of the last 64 MiB's lines begins so and is whole. What has no line end is none:
    /// a crash tore it. A line may have been torn and closed later, which only `is_whole` can see.
    [[nodiscard]] int find_line(std::string_view beginning, const Check& is_whole, bool& is_found)
        const;

    /// Appends the line and its end with one write. What was torn by a crash before is closed with
    /// a line end of its own, and with a quotation mark where one is open, or a reader of CSV would
    /// take this line for more of it; what could be written only in part is taken back.
    [[nodiscard]] int append(std::string_view line) const;

    /// Waits until the disk has it.
    [[nodiscard]] int synchronise() const;

private:
    [[nodiscard]] int read_torn_rest(off_t end, std::string& rest) const;

    int file_ = -1;
    bool is_new_ = false;
    std::string directory_;
};

} // namespace reviewd::notify
