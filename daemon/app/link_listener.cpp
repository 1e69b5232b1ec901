#include "daemon/app/link_listener.hpp"

#include <boost/asio/awaitable.hpp>

#include <utility>

namespace reviewd::app {

namespace net = boost::asio;

LinkListener::LinkListener(
    net::any_io_executor executor,
    StoreDoor& store,
    const Clock& clock,
    const runtime::Log& log,
    std::function<void()> answered
)
    : executor_{std::move(executor)},
      store_{store},
      clock_{clock},
      log_{log},
      answered_{std::move(answered)} {}

Result<std::unique_ptr<links::LinkServer>> LinkListener::listen(const config::LinkSettings& settings
) {
    links::LinkServerOptions options;
    options.address = settings.address;
    options.port = settings.port;
    options.proxies = settings.proxies;
    auto handler =
        [this](links::RequestHead head, std::string body) -> net::awaitable<links::LinkResponse> {
        const std::shared_ptr<const links::LinkKeys> keys = keys_.load();
        auto work = [keys, head = std::move(head), body = std::move(body), now = clock_.now()](
                        service::Service& service
                    ) {
            return links::answer_request(service, *keys, head, body, now);
        };
        links::LinkResponse response = co_await store_.with(std::move(work));
        answered_();
        co_return response;
    };
    return links::LinkServer::open(executor_, options, std::move(handler), clock_, log_);
}

Result<void> LinkListener::use(
    const config::Settings& settings, const std::string& credentials_directory, Mode mode
) {
    if (!settings.links) {
        server_.reset();
        listening_.reset();
        return {};
    }
    const Result<links::LinkKeys> keys =
        links::read_link_keys(*settings.links, credentials_directory);
    if (!keys) {
        return keys.error();
    }
    // Whatever becomes of the address: what is signed from now on is checked with the same keys.
    keys_.store(std::make_shared<const links::LinkKeys>(*keys));
    return mode == Mode::listen ? place(*settings.links) : Result<void>{};
}

Result<void> LinkListener::place(const config::LinkSettings& settings) {
    const bool is_there =
        listening_ && settings.address == listening_->address && settings.port == listening_->port;
    if (is_there) {
        listening_ = settings;
        if (server_) {
            server_->believe(settings.proxies);
        }
        return {};
    }
    // An address and all addresses of the machine cannot share a port: the old one makes room.
    const bool makes_room = server_ && settings.port == listening_->port;
    if (makes_room) {
        server_.reset();
    }
    Result<std::unique_ptr<links::LinkServer>> server = listen(settings);
    if (server) {
        server_ = std::move(*server);
        listening_ = settings;
        return {};
    }
    if (makes_room) {
        Result<std::unique_ptr<links::LinkServer>> before = listen(*listening_);
        if (before) {
            server_ = std::move(*before);
        } else {
            listening_.reset();
        }
    }
    return server.error();
}

std::string LinkListener::sign(const store::LinkGrant& grant) const {
    const std::shared_ptr<const links::LinkKeys> keys = keys_.load();
    return keys ? keys->sign(grant) : "-";
}

} // namespace reviewd::app
