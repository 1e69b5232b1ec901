#include "daemon/notify/plugins/mattermost/mattermost_notifier.hpp"

#include "daemon/notify/plugins/mattermost/mattermost_payload.hpp"
#include "daemon/notify/web/chat_notifier.hpp"

namespace reviewd::notify {

std::unique_ptr<Notifier> make_mattermost_notifier(
    config::MapReader& settings, const PluginContext& context
) {
    return make_chat_notifier(settings, context, &mattermost_payload);
}

} // namespace reviewd::notify
