#pragma once

// daemon/notify/plugins/slack: the channel `slack` posts each message to one of Slack's incoming
// webhooks. A person whose address on this channel is a member id (U012AB3CD) is mentioned. The
// address of the webhook is its own password: keep it in a file. What is too long is cut between
// lines and says so. Set `content: minimal` to keep customers' data out of the cloud.
//
//     channels:
//       room:
//         type: slack
//         url_file: slack-hook                    # or url_credential: NAME, or url; and
//         content: minimal                        # authority_file, allow_hosts, allow_http,
//                                                 # concurrency

#include "daemon/notify/api/plugin.hpp"

#include <memory>

namespace reviewd::notify {

[[nodiscard]] std::unique_ptr<Notifier> make_slack_notifier(
    config::MapReader& settings, const PluginContext& context
);

} // namespace reviewd::notify
