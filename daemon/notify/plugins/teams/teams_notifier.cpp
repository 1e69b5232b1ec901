#include "daemon/notify/plugins/teams/teams_notifier.hpp"

#include "daemon/notify/plugins/teams/teams_payload.hpp"
#include "daemon/notify/web/chat_notifier.hpp"

namespace reviewd::notify {

std::unique_ptr<Notifier> make_teams_notifier(
    config::MapReader& settings, const PluginContext& context
) {
    return make_chat_notifier(settings, context, &teams_payload);
}

} // namespace reviewd::notify
