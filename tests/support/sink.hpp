#pragma once

#include <boost/asio/io_context.hpp>

#include <filesystem>
#include <string>
#include <string_view>

namespace reviewd::test {

/// A file to which a stand-alone server appends what it accepted, one JSON object a line, each
/// synchronised to the disk before append() returns.
class SinkFile {
public:
    /// Throws when the file cannot be opened.
    explicit SinkFile(const std::filesystem::path& path);
    SinkFile(const SinkFile&) = delete;
    SinkFile& operator=(const SinkFile&) = delete;
    ~SinkFile();

    /// Throws when the line cannot be kept: then the server must not say that it accepted.
    void append(std::string_view line) const;

private:
    int file_;
};

/// Prints `announcement` on standard output and runs the loop until SIGTERM or SIGINT, or until
/// standard input, if it is a pipe, a socket or a terminal, is closed.
void run_sink(boost::asio::io_context& loop, const std::string& announcement);

/// Bytes as a JSON string can hold them: what is not UTF-8 becomes U+FFFD.
[[nodiscard]] std::string as_utf8(std::string_view bytes);

} // namespace reviewd::test
