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
constexpr int status_bad_request = 400;
constexpr int status_forbidden = 403;
constexpr int status_not_found = 404;
constexpr int status_gone = 410;
constexpr int status_unsupported_type = 415;

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

/// Why a form is not even read: the status to refuse it with; 0: it is.
int form_refusal(const RequestHead& head) {
    if (!is_own_form(head)) {
        return status_forbidden;
    }
    const bool is_form = head.content_type == "application/x-www-form-urlencoded";
    return is_form ? 0 : status_unsupported_type;
}

/// Of whom a token of ours was signed for, be it too old; else the one that the browser asks for.
std::string reader_language(
    service::Service& service, const LinkKeys::Checked& checked, const RequestHead& head
) {
    return service.answers().language_of(checked.person).value_or(head.language);
}

LinkResponse calendar_response(
    service::Service& service, const LinkKeys& keys, const RequestHead& head, TimePoint now
) {
    constexpr int method_not_allowed = 405;
    const std::string_view token = std::string_view{head.target}.substr(
        calendar_path.size(), head.target.size() - calendar_path.size() - calendar_end.size()
    );
    const LinkKeys::Checked checked = keys.check(token, "calendar", now);
    const std::string language = reader_language(service, checked, head);
    if (head.method == "POST") {
        return plain_response(method_not_allowed, language);
    }
    LinkResponse response;
    if (!checked.grant) {
        const bool is_old = checked.fault == TokenFault::expired;
        response.status = is_old ? status_gone : status_forbidden;
        response.body = calendar_page(response.status, language);
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

LinkResponse plain_response(int status, std::string_view language) {
    LinkResponse response;
    response.status = status;
    response.body = plain_page(status, language);
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
    if (head.target.starts_with(calendar_path) && head.target.ends_with(calendar_end)) {
        return calendar_response(service, keys, head, now);
    }
    if (!head.target.starts_with(answer_path)) {
        LinkResponse response = plain_response(status_not_found, head.language);
        response.is_fault = true;
        return response;
    }
    service::AnswerDesk& desk = service.answers();
    const std::string_view token = std::string_view{head.target}.substr(answer_path.size());
    const LinkKeys::Checked checked = keys.check(token, "answer", now);
    const std::string language = reader_language(service, checked, head);
    if (!checked.grant) {
        const bool is_old = checked.fault == TokenFault::expired;
        const int status = is_old ? status_gone : status_forbidden;
        return page_response(
            service, desk.refuse(is_old ? Kind::expired : Kind::unknown, status, language)
        );
    }
    if (!desk.language_of(checked.grant->person)) {
        // Whoever it was for is gone.
        return page_response(service, desk.refuse(Kind::unknown, status_gone, language));
    }
    if (head.method != "POST") {
        return page_response(service, desk.show(*checked.grant, now));
    }
    if (const int refusal = form_refusal(head)) {
        return plain_response(refusal, language);
    }
    const auto form = read_form(body);
    if (!form) {
        return plain_response(status_bad_request, language);
    }
    return page_response(service, desk.act(*checked.grant, *form, now));
}

} // namespace reviewd::links
