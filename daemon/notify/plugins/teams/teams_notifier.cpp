#include "daemon/notify/plugins/teams/teams_notifier.hpp"

#include "daemon/notify/plugins/teams/teams_payload.hpp"
#include "daemon/notify/web/chat_notifier.hpp"

#include <utility>

namespace reviewd::notify {

std::unique_ptr<Notifier> make_teams_notifier(
    config::MapReader& settings, const PluginContext& context
) {
    const std::ptrdiff_t before = count_errors(settings.report());
    WebEndpoint endpoint = read_web_endpoint(settings, context);
    if (count_errors(settings.report()) > before) {
        return nullptr;
    }
    return std::make_unique<ChatNotifier>(
        std::move(endpoint), std::nullopt, &teams_payload, context.outbound
    );
}

} // namespace reviewd::notify
