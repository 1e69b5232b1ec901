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

#include "daemon/notify/api/plugin.hpp"
#include "daemon/notify/api/secret.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reviewd::notify {

struct WebhookSettings {
    std::string url; ///< empty: read from url_source at each use
    std::optional<SecretSource> url_source;
    std::optional<SecretSource> secret;
    std::vector<std::string> allow_hosts;
    enum class Scheme { https_only, http_allowed } scheme = Scheme::https_only;
    std::string authority_file;
    int concurrency = 1;
};

/// What is wrong with `url` as the address of a webhook, or an empty text: an https address (http
/// if allowed) with a host, without user, password and fragment, on no port of mail or shells.
[[nodiscard]] std::string check_webhook_url(std::string_view url, WebhookSettings::Scheme scheme);

class WebhookNotifier final : public Notifier {
public:
    /// `outbound` outlives the notifier.
    WebhookNotifier(WebhookSettings settings, Outbound& outbound);

    [[nodiscard]] boost::asio::awaitable<Outcome> deliver(const Message& message, Attempt& attempt)
        override;
    [[nodiscard]] int concurrency() const override { return settings_.concurrency; }

private:
    /// The request but for its gate and deadline, or what is wrong with a secret.
    [[nodiscard]] Result<WebRequest> make_request(const Message& message, TimePoint now) const;

    WebhookSettings settings_;
    Outbound& outbound_;
};

[[nodiscard]] std::unique_ptr<Notifier> make_webhook_notifier(
    config::MapReader& settings, const PluginContext& context
);

} // namespace reviewd::notify
