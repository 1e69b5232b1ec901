#include "daemon/notify/web/web_poster.hpp"

#include "daemon/notify/api/reply_text.hpp"
#include "daemon/notify/web/web_status.hpp"
#include "scoring/base/text.hpp"

#include <boost/url/parse.hpp>
#include <boost/url/url.hpp>

#include <algorithm>
#include <utility>

namespace reviewd::notify {
namespace {

namespace urls = boost::urls;

/// Path and query of an address: what a peer could echo, and what may be secret in it.
void add_parts(const std::string& url, std::vector<std::string>& secrets) {
    const auto parsed = urls::parse_uri(url);
    if (parsed.has_error()) {
        return;
    }
    secrets.emplace_back(parsed->encoded_target());
    secrets.emplace_back(parsed->encoded_query());
    const std::string path{parsed->encoded_path()};
    secrets.push_back(path);
    secrets.push_back(path.substr(path.rfind('/') + 1));
}

} // namespace

WebPoster::WebPoster(WebEndpoint endpoint, Outbound& outbound)
    : endpoint_(std::move(endpoint)), outbound_(outbound) {}

Result<WebRequest> WebPoster::request(std::string body) const {
    WebRequest request;
    request.url = endpoint_.url;
    if (endpoint_.url_source) {
        const Result<Secret> url = endpoint_.url_source->read();
        if (!url.has_value()) {
            return url.error();
        }
        request.url = url->reveal();
        const std::string fault = check_web_url(request.url, endpoint_.scheme);
        if (!fault.empty()) {
            return fail(ErrorCode::bad_config, fault);
        }
    }
    const auto parsed = urls::parse_uri(request.url);
    const std::string host = lower_case(std::string{parsed->encoded_host()});
    const std::vector<std::string>& allowed = endpoint_.allow_hosts;
    const bool is_named = std::find(allowed.begin(), allowed.end(), host) != allowed.end();
    request.addresses = is_named ? AddressPolicy::any : AddressPolicy::public_only;
    request.tls.mode = parsed->scheme_id() == urls::scheme::http ? TlsSettings::Mode::none
                                                                 : TlsSettings::Mode::implicit;
    request.tls.authority_file = endpoint_.authority_file;
    request.body = std::move(body);
    request.headers = {{"Content-Type", "application/json"}};
    return request;
}

boost::asio::awaitable<Outcome> WebPoster::post(
    WebRequest request, Attempt& attempt, std::vector<std::string> secrets
) const {
    request.deadline = attempt.deadline();
    request.commit = [&attempt] {
        return attempt.commit();
    };
    if (attempt.is_watched()) {
        request.dialogue = [&attempt](std::string_view line) {
            attempt.dialogue(line);
        };
    }
    const std::pair<Outcome, WebReply> result = co_await outbound_.post(request);
    if (result.first.verdict != Verdict::accepted) {
        co_return result.first;
    }
    Outcome outcome = judge_status(result.second, attempt.now());
    add_parts(request.url, secrets);
    outcome.reply = clean_reply(result.second.body, secrets);
    co_return outcome;
}

} // namespace reviewd::notify
