#pragma once

#include "config/node/channel_traits.hpp"
#include "config/node/reader.hpp"
#include "daemon/notify/api/notifier.hpp"
#include "daemon/notify/api/outbound.hpp"
#include "daemon/notify/api/process.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace reviewd::notify {

/// What a plugin may use of the world. References outlive every notifier.
struct PluginContext {
    Outbound& outbound;
    ProcessRunner& processes;
    std::string base_directory;        ///< relative file names of the channel start here
    std::string credentials_directory; ///< systemd's, or empty
    std::function<void(std::string_view)>
        terminal_line; ///< prints on the daemon's terminal, from any thread; empty under a service
                       ///< manager
    boost::asio::any_io_executor blocking{}; ///< for what may wait for a disk or a reader, which
                                             ///< the loop must not; empty: it runs on the loop
};

/// One kind of channel: a row of the table in daemon/notify/registry.
struct NotifierPlugin {
    std::string_view type;    ///< `type:` in YAML
    std::string_view summary; ///< half a sentence for the manual
    /// Reads the channel's map (all keys but `type` are the plugin's), reports every error with its
    /// position, and makes the notifier. Null after at least one error. Opens nothing and connects
    /// nowhere.
    std::unique_ptr<Notifier> (*create)(config::MapReader& settings, const PluginContext& context);
    /// Whether `address` could be a recipient of this channel; an empty text, or what is wrong with
    /// it.
    std::string (*check_address)(std::string_view address);
    /// What every channel of the type can do, whatever its settings.
    config::ChannelTraits traits{};
};

} // namespace reviewd::notify
