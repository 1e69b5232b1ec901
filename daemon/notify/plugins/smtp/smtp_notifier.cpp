#include "daemon/notify/plugins/smtp/smtp_notifier.hpp"

#include "daemon/notify/api/channel_settings.hpp"
#include "daemon/notify/api/mail_address.hpp"
#include "daemon/notify/mail/host_name.hpp"

#include <boost/asio/ip/address.hpp>
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>
#include <utility>

namespace reviewd::notify {
namespace {

constexpr std::array<std::string_view, 3> tls_words{"implicit", "starttls", "none"};
constexpr std::array tls_modes{
    TlsSettings::Mode::implicit, TlsSettings::Mode::starttls_required, TlsSettings::Mode::none};
constexpr std::array default_ports{465, 587, 25};
constexpr int concurrency_max = 64;

bool is_loopback(const std::string& host) {
    boost::system::error_code error;
    const auto address = boost::asio::ip::make_address(host, error);
    return host == "localhost" || (!error && address.is_loopback());
}

/// Reads the channel's map; each function reports what is wrong and goes on.
class SettingsReader {
public:
    SettingsReader(config::MapReader& settings, const PluginContext& context)
        : settings_(settings), context_(context) {}

    std::optional<SmtpSettings> read() {
        const std::ptrdiff_t before = errors();
        SmtpSettings result;
        if (const config::Node* host = settings_.require("host")) {
            result.host = text("host");
            check_host(*host, result.host);
        }
        read_connection(result);
        read_login(result);
        result.sender = read_mail_sender(settings_);
        return errors() > before ? std::nullopt : std::optional{std::move(result)};
    }

private:
    std::ptrdiff_t errors() const {
        const Diagnostics& found = settings_.report().diagnostics();
        return std::count_if(found.begin(), found.end(), [](const Diagnostic& diagnostic) {
            return diagnostic.severity == Severity::error;
        });
    }

    std::string text(std::string_view key) {
        const auto read = [this](const config::Node& node) {
            return config::read_text(node, settings_.report());
        };
        return settings_.read(key, read).value_or("");
    }

    int integer(std::string_view key, int smallest, int largest, int otherwise) {
        const auto read = [&](const config::Node& node) {
            return config::read_integer(node, settings_.report(), smallest, largest);
        };
        return static_cast<int>(settings_.read(key, read).value_or(otherwise));
    }

    void check_host(const config::Node& node, const std::string& host) {
        if (!node.is_scalar()) {
            return; // reported when it was read
        }
        if (const std::optional<HostFault> fault = find_host_fault(host)) {
            settings_.report().error(node, fault->message, fault->hint);
        }
    }

    void read_connection(SmtpSettings& result) {
        const auto read_mode = [this](const config::Node& node) {
            return config::read_word(node, settings_.report(), tls_words);
        };
        const std::size_t mode = settings_.read("tls", read_mode).value_or(0);
        result.tls.mode = tls_modes.at(mode);
        result.port = integer("port", 1, 65535, default_ports.at(mode));
        if (result.tls.mode == TlsSettings::Mode::none && !is_loopback(result.host)) {
            settings_.report().error(
                *settings_.find("tls"),
                "mail without TLS is sent to this machine only",
                "take `starttls`, or a mail server on 127.0.0.1"
            );
        }
        const std::string authority = text("authority_file");
        if (!authority.empty()) {
            result.tls.authority_file = resolve_path(context_.base_directory, authority);
        }
        result.helo = text("helo");
        result.concurrency = read_concurrency(settings_, concurrency_max);
    }

    void read_login(SmtpSettings& result) {
        result.user = text("user");
        result.password = SecretSource::from_settings(
            settings_, "password", context_.base_directory, context_.credentials_directory
        );
        if (result.user.empty() == result.password.has_value()) {
            settings_.report().error(
                settings_.node(),
                "a login needs both `user` and `password_file` (or `password_credential`)"
            );
        }
    }

    config::MapReader& settings_;
    const PluginContext& context_;
};

} // namespace

SmtpNotifier::SmtpNotifier(SmtpSettings settings, Outbound& outbound)
    : settings_(std::move(settings)), outbound_(outbound) {}

boost::asio::awaitable<Outcome> SmtpNotifier::deliver(const Message& message, Attempt& attempt) {
    const std::string fault = check_mail_address(message.recipient.address);
    if (!fault.empty()) {
        co_return failed(Verdict::permanent, Reason::bad_address, fault);
    }
    MailSubmission mail;
    if (settings_.password) {
        const Result<Secret> password = settings_.password->read();
        if (!password.has_value()) {
            co_return cannot_begin(password.error());
        }
        mail.login = Login{settings_.user, password->reveal()};
    }
    mail.host = settings_.host;
    mail.port = settings_.port;
    mail.tls = settings_.tls;
    mail.helo_name = settings_.helo;
    mail.envelope_from = settings_.sender.envelope_from;
    mail.envelope_to = message.recipient.address;
    mail.content = build_mail(message, settings_.sender.identity);
    mail.deadline = attempt.deadline();
    mail.answer_time = attempt.answer_time();
    mail.commit = [&attempt] {
        return attempt.commit();
    };
    if (attempt.is_watched()) {
        mail.dialogue = [&attempt](std::string_view line) {
            attempt.dialogue(line);
        };
    }
    co_return co_await outbound_.submit(mail);
}

std::unique_ptr<Notifier> make_smtp_notifier(
    config::MapReader& settings, const PluginContext& context
) {
    std::optional<SmtpSettings> read = SettingsReader{settings, context}.read();
    if (!read) {
        return nullptr;
    }
    return std::make_unique<SmtpNotifier>(std::move(*read), context.outbound);
}

} // namespace reviewd::notify
