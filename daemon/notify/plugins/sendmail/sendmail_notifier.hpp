#pragma once

// daemon/notify/plugins/sendmail: the channel `sendmail` hands each mail to the host's own mail
// system, through the program that all of them have. Its exit status says what became of it. A mail
// that was handed over may still bounce: that is the mail system's business. Prefer `smtp` to
// 127.0.0.1 where there is a choice: the sandbox of the service lets this program do little.
//
//     channels:
//       mail:
//         type: sendmail
//         from: reviews@example.com
//         from_name: Account reviews
//         program: /usr/sbin/sendmail      # and reply_to, envelope_from, unsubscribe,
//                                          # list_id, concurrency

#include "daemon/notify/api/plugin.hpp"
#include "daemon/notify/mail/mail_settings.hpp"

#include <memory>
#include <string>

namespace reviewd::notify {

struct SendmailSettings {
    std::string program = "/usr/sbin/sendmail";
    MailSender sender;
    int concurrency = 1;
};

/// What the program's end means, by <sysexits.h>.
[[nodiscard]] Outcome sendmail_outcome(const ProcessResult& result);

class SendmailNotifier final : public Notifier {
public:
    /// `processes` outlives the notifier.
    SendmailNotifier(SendmailSettings settings, ProcessRunner& processes);

    [[nodiscard]] boost::asio::awaitable<Outcome> deliver(const Message& message, Attempt& attempt)
        override;
    [[nodiscard]] int concurrency() const override { return settings_.concurrency; }

private:
    SendmailSettings settings_;
    ProcessRunner& processes_;
};

[[nodiscard]] std::unique_ptr<Notifier> make_sendmail_notifier(
    config::MapReader& settings, const PluginContext& context
);

} // namespace reviewd::notify
