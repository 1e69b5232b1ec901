#include "daemon/notify/plugins/webhook/webhook_notifier.hpp"

#include "daemon/notify/api/message_text.hpp"
#include "daemon/notify/api/reply_text.hpp"
#include "daemon/notify/plugins/webhook/signature.hpp"
#include "daemon/notify/plugins/webhook/web_status.hpp"

#include <boost/json.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url.hpp>
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

namespace reviewd::notify {
namespace {

namespace json = boost::json;
namespace urls = boost::urls;

constexpr int concurrency_max = 64;
/// Ports on which an HTTP request would be taken for something else.
constexpr std::array<unsigned short, 9> refused_ports{21, 22, 23, 25, 110, 143, 465, 587, 6379};

std::string lower_case(std::string_view text) {
    std::string result{text};
    std::transform(result.begin(), result.end(), result.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return result;
}

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

/// Path and query of an address: what a peer could echo, and what may be secret in it.
std::vector<std::string> secrets_of(const std::string& url) {
    const auto parsed = urls::parse_uri(url);
    if (parsed.has_error()) {
        return {};
    }
    std::vector<std::string> secrets{std::string{parsed->encoded_target()}};
    secrets.emplace_back(parsed->encoded_query());
    const std::string path{parsed->encoded_path()};
    secrets.push_back(path);
    secrets.push_back(path.substr(path.rfind('/') + 1));
    return secrets;
}

class SettingsReader {
public:
    SettingsReader(config::MapReader& settings, const PluginContext& context)
        : settings_(settings), context_(context) {}

    std::optional<WebhookSettings> read() {
        const std::ptrdiff_t before = errors();
        WebhookSettings result;
        read_security(result);
        read_url(result);
        return errors() > before ? std::nullopt : std::optional{std::move(result)};
    }

private:
    std::ptrdiff_t errors() const {
        const Diagnostics& found = settings_.report().diagnostics();
        return std::count_if(found.begin(), found.end(), [](const Diagnostic& diagnostic) {
            return diagnostic.severity == Severity::error;
        });
    }

    std::optional<SecretSource> secret(std::string_view key) {
        return SecretSource::from_settings(
            settings_, key, context_.base_directory, context_.credentials_directory
        );
    }

    void read_security(WebhookSettings& result) {
        config::Report& report = settings_.report();
        if (const config::Node* node = settings_.find("allow_http")) {
            if (config::read_boolean(*node, report).value_or(false)) {
                result.scheme = WebhookSettings::Scheme::http_allowed;
            }
        }
        if (const config::Node* node = settings_.find("allow_hosts")) {
            for (const std::string& host : config::read_texts(*node, report)) {
                result.allow_hosts.push_back(lower_case(host));
            }
        }
        if (const config::Node* node = settings_.find("authority_file")) {
            const auto name = config::read_text(*node, report);
            result.authority_file = resolve_path(context_.base_directory, name.value_or(""));
        }
        if (const config::Node* node = settings_.find("concurrency")) {
            const auto number = config::read_integer(*node, report, 1, concurrency_max);
            result.concurrency = static_cast<int>(number.value_or(1));
        }
        result.secret = secret("secret");
        if (!result.secret) {
            report.error(
                settings_.node(),
                "a webhook is signed: `secret_file` (or `secret_credential`) is missing",
                "`whsec_` and base64 of 32 random bytes: openssl rand -base64 32"
            );
        }
    }

    void read_url(WebhookSettings& result) {
        config::Report& report = settings_.report();
        const config::Node* url = settings_.find("url");
        if (url == nullptr) {
            result.url_source = secret("url");
            if (!result.url_source) {
                report.error(settings_.node(), "`url` (or `url_file`) is missing");
            }
            return;
        }
        const auto text = config::read_text(*url, report);
        const std::string fault = text ? check_webhook_url(*text, result.scheme) : "";
        if (!fault.empty()) {
            report.error(*url, fault);
        }
        const bool has_both =
            settings_.find("url_file") != nullptr || settings_.find("url_credential") != nullptr;
        if (has_both) {
            report.error(*url, "`url` stands beside another source of the address");
        }
        result.url = text.value_or("");
    }

    config::MapReader& settings_;
    const PluginContext& context_;
};

} // namespace

std::string check_webhook_url(std::string_view url, WebhookSettings::Scheme scheme) {
    const auto parsed = urls::parse_uri({url.data(), url.size()});
    if (parsed.has_error()) {
        return "the address of a webhook looks like https://host/path";
    }
    const bool is_http = parsed->scheme_id() == urls::scheme::http;
    if (is_http && scheme == WebhookSettings::Scheme::https_only) {
        return "the address of a webhook begins with https:// (or set `allow_http: true`)";
    }
    if (!is_http && parsed->scheme_id() != urls::scheme::https) {
        return "the address of a webhook begins with https://";
    }
    if (parsed->encoded_host().empty()) {
        return "the address of a webhook has a host";
    }
    if (parsed->has_userinfo()) {
        return "the address of a webhook has no user and no password";
    }
    if (parsed->has_fragment()) {
        return "the address of a webhook has no part behind `#`";
    }
    const bool is_refused =
        parsed->has_port()
        && std::find(refused_ports.begin(), refused_ports.end(), parsed->port_number())
               != refused_ports.end();
    if (is_refused) {
        return "on that port no webhook is received";
    }
    return {};
}

WebhookNotifier::WebhookNotifier(WebhookSettings settings, Outbound& outbound)
    : settings_(std::move(settings)), outbound_(outbound) {}

Result<WebRequest> WebhookNotifier::make_request(const Message& message, TimePoint now) const {
    WebRequest request;
    request.url = settings_.url;
    if (settings_.url_source) {
        const Result<Secret> url = settings_.url_source->read();
        if (!url.has_value()) {
            return url.error();
        }
        request.url = url->reveal();
        const std::string fault = check_webhook_url(request.url, settings_.scheme);
        if (!fault.empty()) {
            return fail(ErrorCode::bad_config, fault);
        }
    }
    const Result<Secret> secret = settings_.secret->read();
    if (!secret.has_value()) {
        return secret.error();
    }
    const Result<std::vector<Secret>> keys = read_signing_keys(*secret);
    if (!keys.has_value()) {
        return keys.error();
    }
    const auto parsed = urls::parse_uri(request.url);
    const std::string host = lower_case(std::string{parsed->encoded_host()});
    const bool is_named =
        std::find(settings_.allow_hosts.begin(), settings_.allow_hosts.end(), host)
        != settings_.allow_hosts.end();
    request.addresses = is_named ? AddressPolicy::any : AddressPolicy::public_only;
    request.tls.mode = parsed->scheme_id() == urls::scheme::http ? TlsSettings::Mode::none
                                                                 : TlsSettings::Mode::implicit;
    request.tls.authority_file = settings_.authority_file;
    request.body = body_of(message);
    const std::string id = one_line(message.id, reply_bytes_max);
    const auto seconds = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
    request.headers = {
        {"Content-Type", "application/json"},
        {"webhook-id", id},
        {"webhook-timestamp", fmt::format("{}", seconds)},
        {"webhook-signature", signature(*keys, id, seconds, request.body)},
    };
    return request;
}

boost::asio::awaitable<Outcome> WebhookNotifier::deliver(const Message& message, Attempt& attempt) {
    Result<WebRequest> request = make_request(message, attempt.now());
    if (!request.has_value()) {
        co_return failed(Verdict::misconfigured, Reason::local_io, request.error().message);
    }
    request->deadline = attempt.deadline();
    request->commit = [&attempt] {
        return attempt.commit();
    };
    request->dialogue = [&attempt](std::string_view line) {
        attempt.dialogue(line);
    };
    const std::pair<Outcome, WebReply> result = co_await outbound_.post(*request);
    if (result.first.verdict != Verdict::accepted) {
        co_return result.first;
    }
    Outcome outcome = judge_status(result.second, attempt.now());
    outcome.reply = clean_reply(result.second.body, secrets_of(request->url));
    co_return outcome;
}

std::unique_ptr<Notifier> make_webhook_notifier(
    config::MapReader& settings, const PluginContext& context
) {
    std::optional<WebhookSettings> read = SettingsReader{settings, context}.read();
    if (!read) {
        return nullptr;
    }
    return std::make_unique<WebhookNotifier>(std::move(*read), context.outbound);
}

} // namespace reviewd::notify
