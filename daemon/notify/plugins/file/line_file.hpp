#pragma once

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

    /// Whether `text` stands in the last 64 MiB.
    [[nodiscard]] int ends_with_mention(std::string_view text, bool& is_found) const;

    /// Appends the line and its end with one write. What was torn by a crash before is closed with
    /// a line end of its own; what could be written only in part is taken back.
    [[nodiscard]] int append(std::string_view line) const;

    /// Waits until the disk has it.
    [[nodiscard]] int synchronise() const;

private:
    int file_ = -1;
    bool is_new_ = false;
    std::string directory_;
};

} // namespace reviewd::notify
