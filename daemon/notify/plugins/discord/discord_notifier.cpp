#include "daemon/notify/plugins/discord/discord_notifier.hpp"

#include "daemon/notify/plugins/discord/discord_payload.hpp"
#include "daemon/notify/web/chat_notifier.hpp"

#include <utility>

namespace reviewd::notify {

std::unique_ptr<Notifier> make_discord_notifier(
    config::MapReader& settings, const PluginContext& context
) {
    const std::ptrdiff_t before = count_errors(settings.report());
    WebEndpoint endpoint = read_web_endpoint(settings, context);
    if (count_errors(settings.report()) > before) {
        return nullptr;
    }
    auto notifier = std::make_unique<ChatNotifier>(
        std::move(endpoint), std::nullopt, &discord_payload, context.outbound
    );
    DeliveryTraits traits = notifier->traits();
    traits.per_minute = 30;
    notifier->set_traits(traits);
    return notifier;
}

} // namespace reviewd::notify
