#include "daemon/notify/plugins/discord/discord_notifier.hpp"

#include "daemon/notify/plugins/discord/discord_payload.hpp"
#include "daemon/notify/web/chat_notifier.hpp"

namespace reviewd::notify {

std::unique_ptr<Notifier> make_discord_notifier(
    config::MapReader& settings, const PluginContext& context
) {
    return make_chat_notifier(settings, context, &discord_payload, 30);
}

} // namespace reviewd::notify
