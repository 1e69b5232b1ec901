#include "daemon/notify/plugins/ntfy/ntfy_notifier.hpp"

#include "daemon/notify/api/channel_settings.hpp"
#include "daemon/notify/plugins/ntfy/ntfy_payload.hpp"
#include "daemon/notify/web/chat_notifier.hpp"

#include <utility>

namespace reviewd::notify {

std::unique_ptr<Notifier> make_ntfy_notifier(
    config::MapReader& settings, const PluginContext& context
) {
    config::Report& report = settings.report();
    const std::ptrdiff_t before = count_errors(report);
    WebEndpoint endpoint = read_web_endpoint(settings, context);
    std::optional<SecretSource> token = SecretSource::from_settings(
        settings, "token", context.base_directory, context.credentials_directory
    );
    std::string topic;
    if (const config::Node* node = settings.find("topic")) {
        topic = config::read_text(*node, report).value_or("");
        if (!is_ntfy_topic(topic)) {
            report.error(*node, "a topic has letters, digits, `-` and `_`, at most 64 of them");
        }
    }
    if (count_errors(report) > before) {
        return nullptr;
    }
    const auto payload = [topic](const Message& message) {
        return ntfy_payload(message, topic);
    };
    auto notifier = std::make_unique<ChatNotifier>(
        std::move(endpoint), std::move(token), payload, context.outbound
    );
    DeliveryTraits traits = notifier->traits();
    traits.when_uncertain = DeliveryTraits::WhenUncertain::resend;
    notifier->set_traits(traits);
    return notifier;
}

} // namespace reviewd::notify
