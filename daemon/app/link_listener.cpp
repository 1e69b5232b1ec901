#include "daemon/app/link_listener.hpp"

#include <boost/asio/awaitable.hpp>
#include <fmt/format.h>

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
        place_.clear();
        return {};
    }
    const Result<links::LinkKeys> keys =
        links::read_link_keys(*settings.links, credentials_directory);
    if (!keys) {
        return keys.error();
    }
    const std::string place = fmt::format(
        "{} {} {}",
        settings.links->address,
        settings.links->port,
        fmt::join(settings.links->proxies, ",")
    );
    if (mode == Mode::listen && place != place_) {
        // Keys first: a request may come as soon as it listens.
        keys_.store(std::make_shared<const links::LinkKeys>(*keys));
        Result<std::unique_ptr<links::LinkServer>> server = listen(*settings.links);
        if (!server) {
            return server.error();
        }
        server_ = std::move(*server);
        place_ = place;
    }
    keys_.store(std::make_shared<const links::LinkKeys>(*keys));
    return {};
}

std::string LinkListener::sign(const store::LinkGrant& grant) const {
    const std::shared_ptr<const links::LinkKeys> keys = keys_.load();
    return keys ? keys->sign(grant) : "-";
}

} // namespace reviewd::app
