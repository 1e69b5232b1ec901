// Bytes are read with recvmsg, because open files travel beside them. A command that runs on the
// store's thread reports progress from there; what it reports is posted to the connection's
// executor, where the newest value waits until the line before it is written.

#include "daemon/runtime/control_connection.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <exception>

namespace reviewd::runtime {

namespace {

namespace net = boost::asio;
namespace json = boost::json;

constexpr auto as_result = net::as_tuple(net::use_awaitable);
constexpr std::size_t read_bytes = 16 * 1024;

json::value error_line(const Error& error) {
    return json::object{
        {"error", json::object{{"code", name(error.code)}, {"message", error.message}}}};
}

Error from_exception(const std::exception_ptr& thrown) {
    try {
        std::rethrow_exception(thrown);
    } catch (const Failure& failure) {
        return failure.error();
    } catch (const std::exception& exception) {
        return fail(ErrorCode::internal, exception.what());
    }
}

} // namespace

ControlConnection::ControlConnection(
    Socket socket, Peer peer, ControlHandler handler, ControlLimits limits
)
    : socket_{std::move(socket)},
      deadline_{socket_.get_executor()},
      wake_{socket_.get_executor()},
      peer_{std::move(peer)},
      handler_{std::move(handler)},
      limits_{limits} {}

net::awaitable<void> ControlConnection::serve() {
    const auto self = shared_from_this();
    while (!is_gone_ && !is_finishing_) {
        const std::optional<std::string> line = co_await read_line();
        if (!line) {
            break;
        }
        Result<ControlRequest> request = read_control_request(*line);
        if (!request) {
            co_await write(error_line(request.error()));
            break;
        }
        request->files = std::move(files_);
        files_.clear();
        request->peer = peer_;
        is_busy_ = true;
        const Result<json::value> answer = co_await run(std::move(*request));
        const json::value reply =
            answer ? json::value(json::object{{"result", *answer}}) : error_line(answer.error());
        const bool is_written = co_await write(reply);
        is_busy_ = false;
        if (answered_) {
            answered_();
        }
        if (!is_written) {
            break;
        }
    }
    close();
}

net::awaitable<void> ControlConnection::refuse(Error error) {
    const auto self = shared_from_this();
    co_await write(error_line(error));
    close();
}

void ControlConnection::close() {
    is_gone_ = true;
    boost::system::error_code ignored;
    socket_.close(ignored);
    deadline_.cancel();
    wake_.cancel();
}

void ControlConnection::finish() {
    is_finishing_ = true;
    if (!is_busy_) {
        close();
    }
}

void ControlConnection::start_deadline(std::chrono::milliseconds time) {
    deadline_.expires_after(time);
    deadline_.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
        const auto self = weak.lock();
        if (!error && self) {
            self->close();
        }
    });
}

net::awaitable<std::optional<std::string>> ControlConnection::read_line() {
    start_deadline(limits_.request_time);
    while (true) {
        const std::size_t end = received_.find('\n');
        if (end != std::string::npos && end <= limits_.request_bytes) {
            std::string line = received_.substr(0, end);
            received_.erase(0, end + 1);
            deadline_.cancel();
            co_return line;
        }
        if (received_.size() > limits_.request_bytes) {
            co_await write(error_line(fail(
                ErrorCode::usage,
                fmt::format("a request has at most {} bytes", limits_.request_bytes)
            )));
            co_return std::nullopt;
        }
        const auto [error] = co_await socket_.async_wait(Socket::wait_read, as_result);
        if (error || is_gone_ || !receive()) {
            co_return std::nullopt;
        }
    }
}

bool ControlConnection::receive() {
    std::array<char, read_bytes> bytes{};
    // Room for more than is allowed, so that too many are noticed and not silently cut off.
    alignas(cmsghdr) std::array<char, CMSG_SPACE(16 * sizeof(int))> control{};
    iovec vector{bytes.data(), bytes.size()};
    msghdr message{};
    message.msg_iov = &vector;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    const ssize_t got =
        ::recvmsg(socket_.native_handle(), &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
    if (got < 0) {
        return errno == EAGAIN || errno == EINTR;
    }
    for (cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr;
         header = CMSG_NXTHDR(&message, header)) {
        if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) {
            continue;
        }
        const std::size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (std::size_t at = 0; at < count; ++at) {
            int descriptor = -1;
            std::memcpy(&descriptor, CMSG_DATA(header) + at * sizeof(int), sizeof descriptor);
            files_.emplace_back(descriptor);
        }
    }
    received_.append(bytes.data(), static_cast<std::size_t>(got));
    const bool is_cut = (message.msg_flags & MSG_CTRUNC) != 0;
    return got > 0 && !is_cut && files_.size() <= limits_.files;
}

net::awaitable<Result<json::value>> ControlConnection::run(ControlRequest request) {
    const auto self = shared_from_this();
    const std::weak_ptr<ControlConnection> weak = self;
    ProgressSink sink = [weak, executor = socket_.get_executor()](json::value value) {
        net::post(executor, [weak, progress = std::move(value)]() mutable {
            if (const auto connection = weak.lock(); connection && connection->is_busy_) {
                connection->progress_ = std::move(progress);
                connection->wake_.cancel();
            }
        });
    };
    std::optional<Result<json::value>> answer;
    auto finished = [&answer, this](const std::exception_ptr& thrown, Result<json::value> result) {
        answer = thrown ? Result<json::value>{from_exception(thrown)} : std::move(result);
        wake_.cancel();
    };
    net::co_spawn(
        socket_.get_executor(), handler_(std::move(request), std::move(sink)), std::move(finished)
    );
    while (!answer) {
        wake_.expires_at(net::steady_timer::time_point::max());
        co_await wake_.async_wait(as_result);
        while (progress_ && !answer && !is_gone_) {
            const json::value line = json::object{{"progress", std::move(*progress_)}};
            progress_.reset();
            co_await write(line);
        }
    }
    progress_.reset();
    co_return std::move(*answer);
}

net::awaitable<bool> ControlConnection::write(const json::value& value) {
    if (is_gone_) {
        co_return false;
    }
    const std::string line = json::serialize(value) + '\n';
    start_deadline(limits_.write_time);
    const auto [error, bytes] = co_await net::async_write(socket_, net::buffer(line), as_result);
    deadline_.cancel();
    is_gone_ = is_gone_ || static_cast<bool>(error);
    co_return !is_gone_;
}

} // namespace reviewd::runtime
