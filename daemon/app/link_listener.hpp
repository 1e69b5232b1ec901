#pragma once

#include "config/loader/settings.hpp"
#include "daemon/app/store_door.hpp"
#include "daemon/links/link_server.hpp"
#include "daemon/runtime/log.hpp"
#include "scoring/base/clock.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace reviewd::app {

/// The keys of links and the listener that answers them, as the configuration in force says.
/// Everything but sign() belongs to the loop.
class LinkListener {
public:
    /// @param answered is called after each request; references outlive this
    LinkListener(
        boost::asio::any_io_executor executor,
        StoreDoor& store,
        const Clock& clock,
        const runtime::Log& log,
        std::function<void()> answered
    );

    /// Reads the secrets anew, and listens where the settings say; without `links:` it stops.
    /// @param mode sign: messages get links, but nobody listens (`--once`)
    /// @errors `bad_config` for the secrets: then everything stays; `cannot_create` for the
    /// address: then the new secrets hold, and it listens where it did
    enum class Mode { listen, sign };
    [[nodiscard]] Result<void> use(
        const config::Settings& settings, const std::string& credentials_directory, Mode mode
    );

    /// The token of a link; "-" when there are no keys. Any thread.
    [[nodiscard]] std::string sign(const store::LinkGrant& grant) const;

    /// Takes no new connections.
    void close() { server_.reset(); }

private:
    [[nodiscard]] Result<void> place(const config::LinkSettings& settings);
    [[nodiscard]] Result<std::unique_ptr<links::LinkServer>> listen(
        const config::LinkSettings& settings
    );

    boost::asio::any_io_executor executor_;
    StoreDoor& store_;
    const Clock& clock_;
    const runtime::Log& log_;
    std::function<void()> answered_;
    std::atomic<std::shared_ptr<const links::LinkKeys>> keys_;
    std::unique_ptr<links::LinkServer> server_;
    std::optional<config::LinkSettings> listening_; ///< what server_ was made from
};

} // namespace reviewd::app
