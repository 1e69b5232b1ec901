#pragma once

// daemon/app: the running daemon as an object: start, reload, stop. Puts the clock, the loop, the
// store's thread, notifiers and the control socket around the service. Includes daemon/control,
// daemon/notify/registry, daemon/runtime and what they include.

#include "config/loader/configuration.hpp"
#include "daemon/notify/api/plugin.hpp"

#include <boost/asio/ip/address.hpp>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace reviewd::app {

/// The configured channels with their notifiers; immutable. A reload makes new ones while
/// deliveries under way keep theirs.
class Channels {
public:
    struct Channel {
        std::string type;
        std::shared_ptr<notify::Notifier> notifier;
        std::string (*check_address)(std::string_view address) = nullptr;
    };

    /// Makes a notifier of each channel. A channel that was checked with channel_check() cannot
    /// fail; one that does anyway is left out, and nothing is delivered on it.
    Channels(const config::Settings& settings, const notify::PluginContext& context);

    [[nodiscard]] const std::map<std::string, Channel, std::less<>>& all() const {
        return channels_;
    }
    /// Null for an unknown name.
    [[nodiscard]] const Channel* find(std::string_view name) const;
    /// What is wrong with an address for a channel, or an empty text.
    [[nodiscard]] std::string check_address(std::string_view channel, std::string_view address)
        const;

    /// What the outbox has to know of a channel's kind; the defaults for an unknown name.
    [[nodiscard]] notify::DeliveryTraits traits(std::string_view channel) const;

private:
    std::map<std::string, Channel, std::less<>> channels_;
};

/// What the loader calls for each channel: whether there is such a type, what its plugin says of
/// the settings, and what it can do. @param outbound outlives the function
[[nodiscard]] std::function<config::ChannelTraits(const config::ChannelSettings&, config::Report&)>
channel_check(notify::PluginContext context);

/// Whether the daemon will not connect the channel's web server at `address`: one in no public
/// network has to be named. @param host lower case, as it stands in the channel's address
[[nodiscard]] bool is_refused(
    const config::ChannelSettings& channel,
    const std::string& host,
    const boost::asio::ip::address& address
);

} // namespace reviewd::app
