#pragma once

// daemon/notify/plugins/webhook: the channel `webhook` posts each message as JSON, signed as
// Standard Webhooks says: webhook-id is the same over all attempts, so that a receiver can leave
// out what it has seen; webhook-timestamp and webhook-signature are those of the attempt. Two keys
// in the secret's file, one a line, both sign while a key is rotated. Redirects are not followed,
// no proxy is used, and a name that leads to a private address is refused unless `allow_hosts` has
// it.
//
//     channels:
//       crm:
//         type: webhook
//         url: https://crm.example.com/hooks/reviews    # or url_file / url_credential: the address
//                                                       # is often a secret itself
//         secret_file: crm-hook-key                     # or secret_credential: NAME
//         allow_hosts: [crm.internal]                   # may be in the private network
//         allow_http: false                             # and authority_file, concurrency

#include "daemon/notify/web/web_poster.hpp"

#include <memory>

namespace reviewd::notify {

class WebhookNotifier final : public Notifier {
public:
    /// `outbound` outlives the notifier.
    WebhookNotifier(WebEndpoint endpoint, SecretSource secret, Outbound& outbound);

    [[nodiscard]] boost::asio::awaitable<Outcome> deliver(const Message& message, Attempt& attempt)
        override;
    [[nodiscard]] int concurrency() const override { return poster_.concurrency(); }
    [[nodiscard]] DeliveryTraits traits() const override {
        DeliveryTraits traits;
        traits.schedule = DeliveryTraits::Schedule::webhook;
        traits.limits = DeliveryTraits::Limits::none; // a program reads it
        return traits;
    }

private:
    /// The request but for its gate and deadline, or what is wrong with a secret.
    [[nodiscard]] Result<WebRequest> make_request(const Message& message, TimePoint now) const;

    WebPoster poster_;
    SecretSource secret_;
};

[[nodiscard]] std::unique_ptr<Notifier> make_webhook_notifier(
    config::MapReader& settings, const PluginContext& context
);

} // namespace reviewd::notify
