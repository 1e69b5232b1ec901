#pragma once

// daemon/notify/plugins/smtp: the channel `smtp` sends each message as one mail to one person
// through a mail server. TLS is required, either from the first byte (`implicit`, port 465, the
// default) or by STARTTLS (port 587); only a server on this machine may be spoken to without
// (`none`, port 25). A resend has the same Message-ID and Date, so that mail programs can show it
// once.
//
//     channels:
//       mail:
//         type: smtp
//         host: smtp.example.com
//         tls: starttls                    # implicit, starttls or none
//         user: reviews@example.com
//         password_file: smtp-password     # or password_credential: NAME
//         from: reviews@example.com
//         from_name: Account reviews
//         reply_to: sales@example.com      # and envelope_from, unsubscribe, list_id,
//                                          # helo, port, authority_file, concurrency

#include "daemon/notify/api/plugin.hpp"
#include "daemon/notify/api/secret.hpp"
#include "daemon/notify/mail/mail_settings.hpp"

#include <memory>
#include <optional>
#include <string>

namespace reviewd::notify {

struct SmtpSettings {
    std::string host;
    int port = 465;
    TlsSettings tls;
    std::string user; ///< empty: no login
    std::optional<SecretSource> password;
    std::string helo;
    MailSender sender;
    int concurrency = 1;
};

class SmtpNotifier final : public Notifier {
public:
    /// `outbound` outlives the notifier.
    SmtpNotifier(SmtpSettings settings, Outbound& outbound);

    [[nodiscard]] boost::asio::awaitable<Outcome> deliver(const Message& message, Attempt& attempt)
        override;
    [[nodiscard]] int concurrency() const override { return settings_.concurrency; }

private:
    SmtpSettings settings_;
    Outbound& outbound_;
};

[[nodiscard]] std::unique_ptr<Notifier> make_smtp_notifier(
    config::MapReader& settings, const PluginContext& context
);

} // namespace reviewd::notify
