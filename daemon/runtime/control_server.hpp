#pragma once

#include "daemon/runtime/control_request.hpp"
#include "daemon/runtime/log.hpp"
#include "scoring/base/result.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/json/value.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <string>

namespace reviewd::runtime {

/// Shows how far a long command has come. Any thread; after the command's end it does nothing.
/// Values that come faster than the client reads replace each other.
using ProgressSink = std::function<void(boost::json::value)>;

/// Runs a command. Runs on the server's executor; a command goes on when its client hangs up.
using ControlHandler = std::function<boost::asio::awaitable<Result<boost::json::value>>(
    ControlRequest request, ProgressSink progress
)>;

struct ControlLimits {
    std::size_t request_bytes = 1024 * 1024;
    std::size_t files = 8;
    std::size_t connections = 64;
    std::chrono::milliseconds request_time{10'000}; ///< from the connection, or the last answer, to
                                                    ///< the end of the line
    std::chrono::milliseconds write_time{30'000};   ///< for one line of an answer
};

/// The local control socket: JSON lines over a Unix stream socket. Each request is answered by any
/// number of `{"progress": …}` lines and then one `{"result": …}` or
/// `{"error": {"code": "not_found", "message": "…"}}`.
///
/// Only root, the service's own user and members of the socket's group are served; others get one
/// error line, and the attempt is logged. Belongs to its executor.
class ControlServer {
public:
    /// Makes the socket (mode 0660) and listens. A socket that nobody listens on any more is
    /// replaced; anything else in its place is not.
    /// @errors `cannot_create` with what is wrong with the path or its directory
    [[nodiscard]] static Result<std::unique_ptr<ControlServer>> open(
        const boost::asio::any_io_executor& executor,
        const std::string& path,
        ControlHandler handler,
        const Log& log,
        ControlLimits limits = {}
    );

    ControlServer(const ControlServer&) = delete;
    ControlServer& operator=(const ControlServer&) = delete;
    /// Closes all connections and removes the socket.
    ~ControlServer();

    /// Takes no new connections and no new commands; those under way go on.
    void stop_accepting();
    /// `answered` is called after each answer, when its command is under way no more.
    void tell_answered(std::function<void()> answered);
    /// Commands whose answer is not written yet.
    [[nodiscard]] std::size_t commands_under_way() const;

    struct State;
    /// For open() alone: State is known to nobody else.
    explicit ControlServer(std::shared_ptr<State> state);

private:
    std::shared_ptr<State> state_; ///< shared with the connections' coroutines
};

} // namespace reviewd::runtime
