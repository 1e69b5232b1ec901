#include "daemon/notify/web/chat_notifier.hpp"

#include "daemon/notify/api/channel_settings.hpp"

#include <utility>

namespace reviewd::notify {

ChatNotifier::ChatNotifier(
    WebEndpoint endpoint, std::optional<SecretSource> token, Payload payload, Outbound& outbound
)
    : poster_(std::move(endpoint), outbound),
      token_(std::move(token)),
      payload_(std::move(payload)) {
    traits_.schedule = DeliveryTraits::Schedule::webhook;
    traits_.when_uncertain = DeliveryTraits::WhenUncertain::resend_once;
}

boost::asio::awaitable<Outcome> ChatNotifier::deliver(const Message& message, Attempt& attempt) {
    Result<std::string> body = payload_(message);
    if (!body.has_value()) {
        co_return failed(Verdict::permanent, Reason::bad_address, body.error().message);
    }
    Result<WebRequest> request = poster_.request(std::move(*body));
    if (!request.has_value()) {
        co_return cannot_begin(request.error());
    }
    std::vector<std::string> secrets;
    if (token_) {
        const Result<Secret> token = token_->read();
        if (!token.has_value()) {
            co_return cannot_begin(token.error());
        }
        request->headers.emplace_back("Authorization", "Bearer " + token->reveal());
        secrets.push_back(token->reveal());
    }
    co_return co_await poster_.post(std::move(*request), attempt, std::move(secrets));
}

std::unique_ptr<Notifier> make_chat_notifier(
    config::MapReader& settings,
    const PluginContext& context,
    ChatNotifier::Payload payload,
    int per_minute
) {
    const std::ptrdiff_t before = count_errors(settings.report());
    WebEndpoint endpoint = read_web_endpoint(settings, context);
    if (const config::Node* url = settings.find("url")) {
        settings.report().warning(
            *url,
            "whoever knows the address of a room can write into it: it is a secret",
            "put it into a file only the service may read: `url_file: /path`"
        );
    }
    if (count_errors(settings.report()) > before) {
        return nullptr;
    }
    auto notifier = std::make_unique<ChatNotifier>(
        std::move(endpoint), std::nullopt, std::move(payload), context.outbound
    );
    DeliveryTraits traits = notifier->traits();
    traits.per_minute = per_minute;
    notifier->set_traits(traits);
    return notifier;
}

} // namespace reviewd::notify
