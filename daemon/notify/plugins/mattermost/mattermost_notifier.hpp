#pragma once

// daemon/notify/plugins/mattermost: the channel `mattermost` posts each message to an incoming
// webhook of Mattermost. A person whose address on this channel is `@user` gets it as a direct
// message, if the webhook is not locked to a channel; `~channel` or `channel-name` goes there.
//
//     channels:
//       team:
//         type: mattermost
//         url_file: mattermost-hook               # or url_credential: NAME, or url; and
//         allow_hosts: [chat.internal]            # authority_file, allow_http, concurrency

#include "daemon/notify/api/plugin.hpp"

#include <memory>

namespace reviewd::notify {

[[nodiscard]] std::unique_ptr<Notifier> make_mattermost_notifier(
    config::MapReader& settings, const PluginContext& context
);

} // namespace reviewd::notify
