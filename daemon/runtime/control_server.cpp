#include "daemon/runtime/control_server.hpp"

#include "daemon/runtime/control_connection.hpp"
#include "daemon/runtime/control_socket_file.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

namespace reviewd::runtime {

namespace net = boost::asio;
using Protocol = net::local::stream_protocol;

namespace {

constexpr auto waited = net::as_tuple(net::use_awaitable);
constexpr std::chrono::milliseconds accept_pause{100};

} // namespace

struct ControlServer::State {
    State(
        const net::any_io_executor& used_executor,
        std::string used_path,
        ControlHandler used_handler,
        Log used_log,
        ControlLimits used_limits
    )
        : executor{used_executor},
          acceptor{used_executor},
          path{std::move(used_path)},
          handler{std::move(used_handler)},
          log{std::move(used_log)},
          limits{used_limits} {}

    net::any_io_executor executor;
    Protocol::acceptor acceptor;
    std::string path;
    gid_t group = 0; ///< the socket's
    ControlHandler handler;
    Log log;
    ControlLimits limits;
    std::function<void()> answered;
    std::vector<std::weak_ptr<ControlConnection>> connections;

    void forget_closed() {
        const auto is_closed = [](const std::weak_ptr<ControlConnection>& each) {
            return each.expired();
        };
        connections.erase(
            std::remove_if(connections.begin(), connections.end(), is_closed), connections.end()
        );
    }

    /// Decides who is served, and says why not.
    [[nodiscard]] std::optional<Error> objection(const Result<Peer>& peer) const {
        if (!peer) {
            return peer.error();
        }
        if (!may_control(*peer, ::geteuid(), group)) {
            log.tell(LogEvent::control_refused, {{"user", peer->user}, {"process", peer->process}});
            return fail(
                ErrorCode::no_permission,
                "only root, the service's own user and members of the socket's group may speak to "
                "the daemon"
            );
        }
        if (connections.size() >= limits.connections) {
            return fail(ErrorCode::try_later, "too many connections; try again in a moment");
        }
        return std::nullopt;
    }

    static void admit(const std::shared_ptr<State>& state, Protocol::socket socket) {
        state->take(std::move(socket), [weak = std::weak_ptr{state}] {
            const auto self = weak.lock();
            if (self && self->answered) {
                self->answered();
            }
        });
    }

    void take(Protocol::socket socket, std::function<void()> tell) {
        forget_closed();
        const Result<Peer> peer = peer_of(socket.native_handle());
        const std::optional<Error> refusal = objection(peer);
        const auto connection = std::make_shared<ControlConnection>(
            std::move(socket), peer ? *peer : Peer{}, handler, limits
        );
        if (refusal) {
            net::co_spawn(executor, connection->refuse(*refusal), net::detached);
            return;
        }
        connection->tell_answered(std::move(tell));
        connections.push_back(connection);
        net::co_spawn(executor, connection->serve(), net::detached);
    }

    static net::awaitable<void> accept(std::shared_ptr<State> state) {
        while (state->acceptor.is_open()) {
            Protocol::socket socket{state->executor};
            const auto [error] = co_await state->acceptor.async_accept(socket, waited);
            if (error == net::error::operation_aborted) {
                co_return;
            }
            if (error) {
                // No descriptors left, for instance: let others finish, then go on.
                state->log.tell(LogEvent::control_accept_failed, {{"reason", error.message()}});
                net::steady_timer pause{state->executor, accept_pause};
                co_await pause.async_wait(waited);
                continue;
            }
            admit(state, std::move(socket));
        }
    }
};

Result<std::unique_ptr<ControlServer>> ControlServer::open(
    const net::any_io_executor& executor,
    const std::string& path,
    ControlHandler handler,
    const Log& log,
    ControlLimits limits
) {
    const Result<int> listener = listen_at(path);
    if (!listener) {
        return listener.error();
    }
    auto state = std::make_shared<State>(executor, path, std::move(handler), log, limits);
    state->acceptor.assign(Protocol{}, *listener);
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) {
        return fail(ErrorCode::cannot_create, fmt::format("control socket {} vanished", path));
    }
    state->group = status.st_gid;
    net::co_spawn(executor, State::accept(state), net::detached);
    return std::make_unique<ControlServer>(std::move(state));
}

ControlServer::ControlServer(std::shared_ptr<State> state) : state_{std::move(state)} {}

ControlServer::~ControlServer() {
    stop_accepting();
    for (const auto& each : state_->connections) {
        if (const auto connection = each.lock()) {
            connection->close();
        }
    }
}

void ControlServer::stop_accepting() {
    if (!state_->acceptor.is_open()) {
        return;
    }
    boost::system::error_code ignored;
    state_->acceptor.close(ignored);
    ::unlink(state_->path.c_str());
    for (const auto& each : state_->connections) {
        if (const auto connection = each.lock()) {
            connection->finish();
        }
    }
}

void ControlServer::tell_answered(std::function<void()> answered) {
    state_->answered = std::move(answered);
}

std::size_t ControlServer::commands_under_way() const {
    std::size_t count = 0;
    for (const auto& each : state_->connections) {
        const auto connection = each.lock();
        count += connection && connection->is_busy() ? 1U : 0U;
    }
    return count;
}

} // namespace reviewd::runtime
