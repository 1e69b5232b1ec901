#include "daemon/runtime/process/process_host.hpp"

#include "daemon/runtime/process/child.hpp"
#include "daemon/runtime/process/program_file.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <memory>
#include <utility>

namespace reviewd::runtime {
namespace {

namespace net = boost::asio;
using notify::ProcessResult;

/// A started program with our ends of it. Its callbacks hold it alive by weak pointers only: when
/// the owner goes, the program's whole group goes.
class Running : public std::enable_shared_from_this<Running> {
public:
    Running(const net::any_io_executor& executor, const Child& child, std::size_t bytes_kept)
        : process_(child.process),
          end_(executor, child.end),
          input_(executor, child.input),
          output_(executor, child.output),
          clock_(executor),
          bell_(executor, net::steady_timer::time_point::max()),
          bytes_kept_(bytes_kept) {}
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;
    ~Running() {
        if (process_ > 0) {
            static_cast<void>(finish());
        }
    }

    void begin(const notify::ProcessRequest& request) {
        to_write_ = request.input;
        write();
        read();
        end_.async_wait(
            net::posix::stream_descriptor::wait_read,
            [weak = weak_from_this()](auto error) {
                const auto self = weak.lock();
                if (!error && self) {
                    self->has_ended_ = true;
                    self->bell_.cancel();
                }
            }
        );
        clock_.expires_after(request.time);
        clock_.async_wait([weak = weak_from_this(), grace = request.grace](auto error) {
            const auto self = weak.lock();
            if (!error && self) {
                self->out_of_time(grace);
            }
        });
    }

    [[nodiscard]] net::awaitable<void> wait() {
        while (!has_ended_) {
            static_cast<void>(co_await bell_.async_wait(net::as_tuple(net::use_awaitable)));
        }
    }

    /// What is left of its group is killed, the process itself taken off the table.
    [[nodiscard]] ProcessResult finish() {
        boost::system::error_code ignored;
        drain();
        input_.close(ignored);
        output_.close(ignored);
        ::kill(-process_, SIGKILL); // before it is reaped: until then nobody else has its number
        int status = 0;
        while (::waitpid(process_, &status, 0) < 0 && errno == EINTR) {
        }
        process_ = -1;
        end_.close(ignored);
        clock_.cancel();
        ProcessResult result;
        result.output = std::move(kept_);
        const bool has_exited = WIFEXITED(status);
        result.status = has_exited ? WEXITSTATUS(status) : WTERMSIG(status);
        result.end = has_exited ? ProcessResult::End::exited : ProcessResult::End::killed;
        if (is_late_ && !has_exited) {
            result.end = ProcessResult::End::timed_out;
        }
        return result;
    }

private:
    void out_of_time(std::chrono::milliseconds grace) {
        if (is_late_) {
            ::kill(-process_, SIGKILL);
            return;
        }
        is_late_ = true;
        ::kill(-process_, SIGTERM);
        clock_.expires_after(grace);
        clock_.async_wait([weak = weak_from_this(), grace](auto error) {
            const auto self = weak.lock();
            if (!error && self) {
                self->out_of_time(grace);
            }
        });
    }

    void write() {
        while (written_ < to_write_.size()) {
            const ssize_t count = ::write(
                input_.native_handle(), to_write_.data() + written_, to_write_.size() - written_
            );
            if (count > 0) {
                written_ += static_cast<std::size_t>(count);
                continue;
            }
            if (errno == EAGAIN) {
                input_.async_wait(
                    net::posix::stream_descriptor::wait_write,
                    [weak = weak_from_this()](auto error) {
                        const auto self = weak.lock();
                        if (!error && self) {
                            self->write();
                        }
                    }
                );
                return;
            }
            break; // it does not want to hear it all
        }
        boost::system::error_code ignored;
        input_.close(ignored);
    }

    /// Takes what is there; false at the end of the stream.
    bool drain() {
        std::array<char, 8192> chunk{};
        // Bounded: a program that prints without end must not hold the loop.
        for (int round = 0; round < 16 && output_.is_open(); ++round) {
            const ssize_t count = ::read(output_.native_handle(), chunk.data(), chunk.size());
            if (count <= 0) {
                return count < 0 && errno == EAGAIN;
            }
            const auto length = static_cast<std::size_t>(count);
            kept_.append(chunk.data(), std::min(length, bytes_kept_ - kept_.size()));
        }
        return true;
    }

    void read() {
        if (!drain()) {
            return;
        }
        output_.async_wait(
            net::posix::stream_descriptor::wait_read,
            [weak = weak_from_this()](auto error) {
                const auto self = weak.lock();
                if (!error && self) {
                    self->read();
                }
            }
        );
    }

    pid_t process_;
    net::posix::stream_descriptor end_;
    net::posix::stream_descriptor input_;
    net::posix::stream_descriptor output_;
    net::steady_timer clock_;
    net::steady_timer bell_;
    std::size_t bytes_kept_;
    std::string to_write_;
    std::size_t written_ = 0;
    std::string kept_;
    bool has_ended_ = false;
    bool is_late_ = false;
};

} // namespace

ProcessHost::ProcessHost(net::any_io_executor executor) : executor_(std::move(executor)) {
    // A program that does not read its input to the end is no reason to die.
    std::signal(SIGPIPE, SIG_IGN);
}

std::string ProcessHost::check(const std::string& program, notify::ProcessRequest::Trust trust)
    const {
    const Result<ProgramFile> file = ProgramFile::open(program, trust);
    return file.has_value() ? std::string{} : file.error().message;
}

net::awaitable<ProcessResult> ProcessHost::run(const notify::ProcessRequest& request) {
    ProcessResult result;
    const Result<ProgramFile> program = ProgramFile::open(request.program, request.trust);
    if (!program.has_value()) {
        result.output = program.error().message;
        result.is_short = program.error().code == ErrorCode::try_later;
        co_return result;
    }
    const bool may_start = co_await request.commit();
    if (!may_start) {
        result.end = ProcessResult::End::gate_closed;
        co_return result;
    }
    Child child;
    result.status = start_child(*program, request, child);
    if (result.status != 0) {
        co_return result;
    }
    const auto running = std::make_shared<Running>(executor_, child, request.output_bytes_kept);
    running->begin(request);
    co_await running->wait();
    co_return running->finish();
}

} // namespace reviewd::runtime
