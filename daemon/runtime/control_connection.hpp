#pragma once

#include "daemon/runtime/control_server.hpp"

#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>

#include <optional>
#include <string>
#include <vector>

namespace reviewd::runtime {

/// One client of the control socket, from its first line to its last. Belongs to the server's
/// executor; kept alive by its own coroutine.
class ControlConnection : public std::enable_shared_from_this<ControlConnection> {
public:
    using Socket = boost::asio::local::stream_protocol::socket;

    ControlConnection(Socket socket, Peer peer, ControlHandler handler, ControlLimits limits);

    /// `answered` is called after each answer, when the command is under way no more.
    void tell_answered(std::function<void()> answered) { answered_ = std::move(answered); }

    /// Serves requests until the client hangs up, breaks a limit, or close() is called.
    [[nodiscard]] boost::asio::awaitable<void> serve();
    /// Writes one error line; nothing is read.
    [[nodiscard]] boost::asio::awaitable<void> refuse(Error error);
    void close();
    /// Closes as soon as no command is under way; takes no other one.
    void finish();
    [[nodiscard]] bool is_busy() const { return is_busy_; }

private:
    [[nodiscard]] boost::asio::awaitable<std::optional<std::string>> read_line();
    [[nodiscard]] bool receive();
    [[nodiscard]] boost::asio::awaitable<bool> write(const boost::json::value& value);
    [[nodiscard]] boost::asio::awaitable<Result<boost::json::value>> run(ControlRequest request);
    void start_deadline(std::chrono::milliseconds time);

    Socket socket_;
    boost::asio::steady_timer deadline_;
    boost::asio::steady_timer wake_;
    Peer peer_;
    ControlHandler handler_; ///< a copy: a command may outlive the server
    ControlLimits limits_;
    std::function<void()> answered_;
    std::string received_;
    std::vector<FileDescriptor> files_;
    std::optional<boost::json::value> progress_;
    bool is_busy_ = false;
    bool is_finishing_ = false;
    bool is_gone_ = false; ///< the client does not read any more
};

} // namespace reviewd::runtime
