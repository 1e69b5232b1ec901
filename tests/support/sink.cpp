#include "tests/support/sink.hpp"

#include "scoring/base/text.hpp"

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/signal_set.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <functional>
#include <memory>
#include <system_error>

namespace reviewd::test {
namespace {

namespace net = boost::asio;

bool can_be_watched(int file) {
    struct stat status {};
    return ::fstat(file, &status) == 0
           && (S_ISFIFO(status.st_mode) || S_ISSOCK(status.st_mode) || ::isatty(file) == 1);
}

/// Reads and forgets; stops the loop at the end.
class InputWatch : public std::enable_shared_from_this<InputWatch> {
public:
    InputWatch(net::io_context& loop, int file) : loop_(loop), input_(loop, file) {}

    void read() {
        auto done = [self = shared_from_this()](auto error, std::size_t /*count*/) {
            if (error) {
                self->loop_.stop();
            } else {
                self->read();
            }
        };
        input_.async_read_some(net::buffer(chunk_), std::move(done));
    }

private:
    net::io_context& loop_;
    net::posix::stream_descriptor input_;
    std::array<char, 256> chunk_{};
};

} // namespace

SinkFile::SinkFile(const std::filesystem::path& path)
    : file_(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)) {
    if (file_ < 0) {
        throw std::system_error(errno, std::generic_category(), path.string());
    }
}

SinkFile::~SinkFile() {
    ::close(file_);
}

void SinkFile::append(std::string_view line) const {
    std::string text{line};
    text += '\n';
    const ssize_t written = ::write(file_, text.data(), text.size());
    if (written != static_cast<ssize_t>(text.size()) || ::fsync(file_) != 0) {
        throw std::system_error(errno, std::generic_category(), "the sink's file");
    }
}

void run_sink(net::io_context& loop, const std::string& announcement) {
    net::signal_set signals{loop, SIGTERM, SIGINT};
    signals.async_wait([&loop](auto /*error*/, int /*number*/) { loop.stop(); });
    if (can_be_watched(STDIN_FILENO)) {
        std::make_shared<InputWatch>(loop, ::dup(STDIN_FILENO))->read();
    }
    std::printf("%s\n", announcement.c_str());
    std::fflush(stdout);
    loop.run();
}

std::string as_utf8(std::string_view bytes) {
    std::string result;
    for (auto bad = find_invalid_utf8(bytes); bad; bad = find_invalid_utf8(bytes)) {
        result += bytes.substr(0, *bad);
        result += "\xEF\xBF\xBD";
        bytes.remove_prefix(*bad + 1);
    }
    return result += bytes;
}

} // namespace reviewd::test
