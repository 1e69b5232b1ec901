#pragma once

// daemon/notify/plugins/discord: the channel `discord` posts each message to one of Discord's
// webhooks. A person whose address on this channel is a user id (a long number) is mentioned;
// nobody else can be. The address of the webhook is its own password: keep it in a file.
//
//     channels:
//       guild:
//         type: discord
//         url_file: discord-hook                  # or url_credential: NAME, or url; and
//         content: minimal                        # authority_file, allow_hosts, allow_http,
//                                                 # concurrency

#include "daemon/notify/api/plugin.hpp"

#include <memory>

namespace reviewd::notify {

[[nodiscard]] std::unique_ptr<Notifier> make_discord_notifier(
    config::MapReader& settings, const PluginContext& context
);

} // namespace reviewd::notify
