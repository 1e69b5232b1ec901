#include "daemon/notify/web/web_endpoint.hpp"

#include "daemon/notify/api/channel_settings.hpp"
#include "scoring/base/text.hpp"

#include <boost/url/parse.hpp>
#include <boost/url/url.hpp>

#include <algorithm>
#include <array>

namespace reviewd::notify {
namespace {

namespace urls = boost::urls;

/// Ports on which an HTTP request would be taken for something else.
constexpr std::array<unsigned short, 9> refused_ports{21, 22, 23, 25, 110, 143, 465, 587, 6379};

void read_url(config::MapReader& settings, const PluginContext& context, WebEndpoint& result) {
    config::Report& report = settings.report();
    const config::Node* url = settings.find("url");
    if (url == nullptr) {
        result.url_source = SecretSource::from_settings(
            settings, "url", context.base_directory, context.credentials_directory
        );
        if (!result.url_source) {
            report.error(settings.node(), "`url` (or `url_file`) is missing");
        }
        return;
    }
    const auto text = config::read_text(*url, report);
    const std::string fault = text ? check_web_url(*text, result.scheme) : "";
    if (!fault.empty()) {
        report.error(*url, fault);
    }
    const bool has_both =
        settings.find("url_file") != nullptr || settings.find("url_credential") != nullptr;
    if (has_both) {
        report.error(*url, "`url` stands beside another source of the address");
    }
    result.url = text.value_or("");
}

} // namespace

WebEndpoint read_web_endpoint(config::MapReader& settings, const PluginContext& context) {
    config::Report& report = settings.report();
    WebEndpoint result;
    if (const config::Node* node = settings.find("allow_http")) {
        if (config::read_boolean(*node, report).value_or(false)) {
            result.scheme = WebEndpoint::Scheme::http_allowed;
        }
    }
    if (const config::Node* node = settings.find("allow_hosts")) {
        for (const std::string& host : config::read_texts(*node, report)) {
            result.allow_hosts.push_back(lower_case(host));
        }
    }
    if (const config::Node* node = settings.find("authority_file")) {
        const auto name = config::read_text(*node, report);
        result.authority_file = resolve_path(context.base_directory, name.value_or(""));
    }
    result.concurrency = read_concurrency(settings, deliveries_at_once_max);
    read_url(settings, context, result);
    return result;
}

std::string check_web_url(std::string_view url, WebEndpoint::Scheme scheme) {
    const auto parsed = urls::parse_uri({url.data(), url.size()});
    if (parsed.has_error()) {
        return "the address of a webhook looks like https://host/path";
    }
    const bool is_http = parsed->scheme_id() == urls::scheme::http;
    if (is_http && scheme == WebEndpoint::Scheme::https_only) {
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

} // namespace reviewd::notify
