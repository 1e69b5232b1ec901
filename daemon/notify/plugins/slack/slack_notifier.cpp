#include "daemon/notify/plugins/slack/slack_notifier.hpp"

#include "daemon/notify/plugins/slack/slack_payload.hpp"
#include "daemon/notify/web/chat_notifier.hpp"

namespace reviewd::notify {

std::unique_ptr<Notifier> make_slack_notifier(
    config::MapReader& settings, const PluginContext& context
) {
    return make_chat_notifier(settings, context, &slack_payload, 60);
}

} // namespace reviewd::notify
