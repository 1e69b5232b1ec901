#pragma once

// daemon/notify/plugins/ntfy: the channel `ntfy` publishes each message to a topic of an ntfy
// server: the person's own, which is their address on this channel, or the channel's. A topic is as
// good as a password where reading needs no login; `content: minimal` keeps customers' data out.
//
//     channels:
//       phone:
//         type: ntfy
//         url: https://ntfy.example.com/        # the server itself, without a topic; or url_file,
//                                               # url_credential: NAME
//         topic: reviews                        # for people without an own one
//         token_file: ntfy-token                # or token_credential: NAME; and authority_file,
//                                               # allow_hosts, allow_http, concurrency
//     people:
//       ana: { addresses: { phone: ana-k3J9x } }

#include "daemon/notify/api/plugin.hpp"

#include <memory>

namespace reviewd::notify {

[[nodiscard]] std::unique_ptr<Notifier> make_ntfy_notifier(
    config::MapReader& settings, const PluginContext& context
);

} // namespace reviewd::notify
