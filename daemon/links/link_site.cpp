#include "daemon/links/link_site.hpp"

#include "daemon/links/form_fields.hpp"
#include "daemon/links/plain_pages.hpp"

#include <fmt/format.h>

#include <openssl/evp.h>
#include <openssl/sha.h>

#include <array>
#include <string_view>

namespace reviewd::links {
namespace {

using Kind = message::AnswerPage::Kind;

constexpr std::string_view answer_path = "/a/";
constexpr std::string_view calendar_path = "/c/";
constexpr std::string_view calendar_end = ".ics";
constexpr int status_forbidden = 403;
constexpr int status_gone = 410;

std::string style_hash(const std::string& html) {
    constexpr std::string_view begin = "<style>";
    const std::size_t from = html.find(begin);
    const std::size_t to = html.find("</style>");
    if (from == std::string::npos || to == std::string::npos) {
        return "'none'";
    }
    const std::string_view style =
        std::string_view{html}.substr(from + begin.size(), to - from - begin.size());
    std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
    SHA256(reinterpret_cast<const unsigned char*>(style.data()), style.size(), digest.data());
    std::array<unsigned char, 4 * ((SHA256_DIGEST_LENGTH + 2) / 3) + 1> text{};
    const int size = EVP_EncodeBlock(text.data(), digest.data(), SHA256_DIGEST_LENGTH);
    return fmt::format(
        "'sha256-{}'",
        std::string_view{reinterpret_cast<const char*>(text.data()), static_cast<std::size_t>(size)}
    );
}

LinkResponse page_response(service::Service& service, const service::Answer& answer) {
    LinkResponse response;
    response.status = answer.status;
    response.body = service.answers().html_of(answer);
    response.fields = strict_fields(response.body);
    response.is_fault = answer.page.kind == Kind::unknown;
    return response;
}

/// Whether a form was sent from our own page: browsers that can say so say it. `Origin` is `null`
/// for a page without referrer, and says nothing.
bool is_own_form(const RequestHead& head) {
    return head.fetch_site.empty() || head.fetch_site == "same-origin";
}

LinkResponse calendar_response(
    service::Service& service, const LinkKeys& keys, const RequestHead& head, TimePoint now
) {
    constexpr int method_not_allowed = 405;
    if (head.method == "POST") {
        return plain_response(method_not_allowed);
    }
    const std::string_view token = std::string_view{head.target}.substr(
        calendar_path.size(), head.target.size() - calendar_path.size() - calendar_end.size()
    );
    const LinkKeys::Checked checked = keys.check(token, "calendar", now);
    LinkResponse response;
    if (!checked.grant) {
        const bool is_old = checked.fault == TokenFault::expired;
        response.status = is_old ? status_gone : status_forbidden;
        response.body = calendar_page(response.status);
        response.fields = strict_fields(response.body);
        response.is_fault = !is_old;
        return response;
    }
    response.body = service.feed(checked.grant->person, now);
    response.fields = strict_fields("");
    response.fields.front().second = "text/calendar; charset=utf-8";
    response.fields.emplace_back("Content-Disposition", "inline; filename=\"reviews.ics\"");
    return response;
}

} // namespace

std::vector<std::pair<std::string, std::string>> strict_fields(const std::string& html) {
    return {
        {"Content-Type", "text/html; charset=utf-8"},
        {"Content-Security-Policy",
         fmt::format(
             "default-src 'none'; style-src {}; form-action 'self'; frame-ancestors 'none'; "
             "base-uri 'none'",
             style_hash(html)
         )},
        {"Referrer-Policy", "no-referrer"},
        {"Cache-Control", "no-store"},
        {"X-Content-Type-Options", "nosniff"},
        {"X-Frame-Options", "DENY"},
        {"X-Robots-Tag", "noindex, nofollow"},
        {"Cross-Origin-Opener-Policy", "same-origin"},
        {"Cross-Origin-Resource-Policy", "same-origin"},
        {"Permissions-Policy", "camera=(), geolocation=(), microphone=()"},
    };
}

LinkResponse plain_response(int status) {
    LinkResponse response;
    response.status = status;
    response.body = plain_page(status);
    response.fields = strict_fields(response.body);
    constexpr int method_not_allowed = 405;
    if (status == method_not_allowed) {
        response.fields.emplace_back("Allow", "GET, HEAD, POST");
    }
    return response;
}

LinkResponse answer_request(
    service::Service& service,
    const LinkKeys& keys,
    const RequestHead& head,
    const std::string& body,
    TimePoint now
) {
    constexpr int not_found = 404;
    constexpr int unsupported_type = 415;
    constexpr int bad_request = 400;
    service::AnswerDesk& desk = service.answers();
    if (head.target.starts_with(calendar_path) && head.target.ends_with(calendar_end)) {
        return calendar_response(service, keys, head, now);
    }
    if (!head.target.starts_with(answer_path)) {
        LinkResponse response = plain_response(not_found);
        response.is_fault = true;
        return response;
    }
    const std::string_view token = std::string_view{head.target}.substr(answer_path.size());
    const LinkKeys::Checked checked = keys.check(token, "answer", now);
    if (!checked.grant) {
        const bool is_old = checked.fault == TokenFault::expired;
        return page_response(
            service,
            desk.refuse(
                is_old ? Kind::expired : Kind::unknown, is_old ? status_gone : status_forbidden
            )
        );
    }
    if (head.method != "POST") {
        return page_response(service, desk.show(*checked.grant, now));
    }
    if (!is_own_form(head)) {
        return plain_response(status_forbidden);
    }
    if (head.content_type != "application/x-www-form-urlencoded") {
        return plain_response(unsupported_type);
    }
    const auto form = read_form(body);
    if (!form) {
        return plain_response(bad_request);
    }
    return page_response(service, desk.act(*checked.grant, *form, now));
}

} // namespace reviewd::links
