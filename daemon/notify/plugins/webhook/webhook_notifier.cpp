#include "daemon/notify/plugins/webhook/webhook_notifier.hpp"

#include "daemon/notify/api/channel_settings.hpp"
#include "daemon/notify/api/message_text.hpp"
#include "daemon/notify/api/reply_text.hpp"
#include "daemon/notify/plugins/webhook/signature.hpp"

#include <boost/json.hpp>
#include <fmt/core.h>

#include <cstddef>
#include <utility>

namespace reviewd::notify {
namespace {

namespace json = boost::json;

/// The frozen payload; a message without one is wrapped, so that a receiver gets JSON always.
std::string body_of(const Message& message) {
    if (!message.payload.empty()) {
        return message.payload;
    }
    return json::serialize(json::object{
        {"type", "reminder"},
        {"id", valid_utf8(message.id)},
        {"recipient", valid_utf8(message.recipient.name)},
        {"subject", valid_utf8(message.subject)},
        {"text", valid_utf8(message.text)},
    });
}

} // namespace

WebhookNotifier::WebhookNotifier(WebEndpoint endpoint, SecretSource secret, Outbound& outbound)
    : poster_(std::move(endpoint), outbound), secret_(std::move(secret)) {}

Result<WebRequest> WebhookNotifier::make_request(const Message& message, TimePoint now) const {
    Result<WebRequest> request = poster_.request(body_of(message));
    if (!request.has_value()) {
        return request;
    }
    const Result<Secret> secret = secret_.read();
    if (!secret.has_value()) {
        return secret.error();
    }
    const Result<std::vector<Secret>> keys = read_signing_keys(*secret);
    if (!keys.has_value()) {
        return keys.error();
    }
    const std::string id = one_line(message.id, reply_bytes_max);
    const auto seconds = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
    request->headers.emplace_back("webhook-id", id);
    request->headers.emplace_back("webhook-timestamp", fmt::format("{}", seconds));
    request->headers.emplace_back(
        "webhook-signature", signature(*keys, id, seconds, request->body)
    );
    return request;
}

boost::asio::awaitable<Outcome> WebhookNotifier::deliver(const Message& message, Attempt& attempt) {
    Result<WebRequest> request = make_request(message, attempt.now());
    if (!request.has_value()) {
        co_return cannot_begin(request.error());
    }
    std::vector<std::string> no_more_secrets;
    co_return co_await poster_.post(std::move(*request), attempt, std::move(no_more_secrets));
}

std::unique_ptr<Notifier> make_webhook_notifier(
    config::MapReader& settings, const PluginContext& context
) {
    const std::ptrdiff_t before = count_errors(settings.report());
    WebEndpoint endpoint = read_web_endpoint(settings, context);
    std::optional<SecretSource> secret = SecretSource::from_settings(
        settings, "secret", context.base_directory, context.credentials_directory
    );
    if (!secret) {
        settings.report().error(
            settings.node(),
            "a webhook is signed: `secret_file` (or `secret_credential`) is missing",
            "`whsec_` and base64 of 32 random bytes: openssl rand -base64 32"
        );
    }
    if (count_errors(settings.report()) > before || !secret) {
        return nullptr;
    }
    return std::make_unique<WebhookNotifier>(
        std::move(endpoint), std::move(*secret), context.outbound
    );
}

} // namespace reviewd::notify
