#pragma once

#include "daemon/notify/api/plugin.hpp"
#include "daemon/notify/web/web_poster.hpp"

#include <functional>
#include <memory>
#include <string>

namespace reviewd::notify {

/// A channel that posts each message as one document of a chat service. What differs between
/// services is one pure function.
class ChatNotifier final : public Notifier {
public:
    /// The body of the request, or why the message cannot be posted here.
    /// @errors `bad_config` and others, for a person
    using Payload = std::function<Result<std::string>(const Message& message)>;

    /// `token` may be absent; else it is sent as `Authorization: Bearer …`.
    ChatNotifier(
        WebEndpoint endpoint, std::optional<SecretSource> token, Payload payload, Outbound& outbound
    );

    [[nodiscard]] boost::asio::awaitable<Outcome> deliver(const Message& message, Attempt& attempt)
        override;
    [[nodiscard]] int concurrency() const override { return poster_.concurrency(); }
    [[nodiscard]] DeliveryTraits traits() const override { return traits_; }

    /// For services that recognise a repetition.
    void set_traits(DeliveryTraits traits) { traits_ = traits; }

private:
    WebPoster poster_;
    std::optional<SecretSource> token_;
    Payload payload_;
    DeliveryTraits traits_;
};

/// Such a channel for a service with an address and nothing else: reads the settings of
/// WebEndpoint.
/// @param per_minute what the service takes; 0: no known limit
/// @returns nothing when the settings have errors, which are in their report
[[nodiscard]] std::unique_ptr<Notifier> make_chat_notifier(
    config::MapReader& settings,
    const PluginContext& context,
    ChatNotifier::Payload payload,
    int per_minute = 0
);

} // namespace reviewd::notify
