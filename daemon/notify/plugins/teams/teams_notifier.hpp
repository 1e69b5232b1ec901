#pragma once

// daemon/notify/plugins/teams: the channel `teams` posts each message as an Adaptive Card to a
// Workflow of Microsoft Teams ("post to a channel when a webhook request is received"). The old
// connectors are not spoken to: they are switched off. The address of the workflow is its own
// password: keep it in a file.
//
//     channels:
//       sales:
//         type: teams
//         url_file: teams-workflow                # or url_credential: NAME, or url; and
//         content: minimal                        # authority_file, allow_hosts, allow_http,
//                                                 # concurrency

#include "daemon/notify/api/plugin.hpp"

#include <memory>

namespace reviewd::notify {

[[nodiscard]] std::unique_ptr<Notifier> make_teams_notifier(
    config::MapReader& settings, const PluginContext& context
);

} // namespace reviewd::notify
