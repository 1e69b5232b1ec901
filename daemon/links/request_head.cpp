// Beast's parser reads the fields; what it would let pass is refused before it sees the bytes.
#include "daemon/links/request_head.hpp"

#include "daemon/links/accept_language.hpp"
#include "scoring/base/text.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>

#include <algorithm>
#include <charconv>

namespace reviewd::links {
namespace {

namespace http = boost::beast::http;

constexpr int bad_request = 400;
constexpr int method_not_allowed = 405;
constexpr int length_required = 411;
constexpr int content_too_large = 413;
constexpr int expectation_failed = 417;
constexpr int head_too_large = 431;
constexpr int not_implemented = 501;
constexpr int version_not_supported = 505;

bool is_token(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        const bool is_alphanumeric =
            (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        return is_alphanumeric
               || std::string_view{"!#$%&'*+-.^_`|~"}.find(c) != std::string_view::npos;
    });
}

bool is_visible(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) {
        return c == '\t' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f);
    });
}

/// What is wrong with the request line; 0: nothing.
int line_problem(std::string_view line) {
    const std::size_t first = line.find(' ');
    const std::size_t last = line.rfind(' ');
    if (first == std::string_view::npos || last == first || line.find(' ', first + 1) != last
        || !is_token(line.substr(0, first))) {
        return bad_request;
    }
    const std::string_view target = line.substr(first + 1, last - first - 1);
    const bool is_plain = std::all_of(target.begin(), target.end(), [](char c) {
        return static_cast<unsigned char>(c) > 0x20 && static_cast<unsigned char>(c) < 0x7f;
    });
    if (target.empty() || target.front() != '/' || !is_plain) {
        return bad_request;
    }
    const std::string_view version = line.substr(last + 1);
    if (version != "HTTP/1.1" && version != "HTTP/1.0") {
        return version.starts_with("HTTP/") ? version_not_supported : bad_request;
    }
    return 0;
}

/// What is wrong with the lines as such; 0: nothing.
int lines_problem(std::string_view head, const RequestLimits& limits) {
    std::size_t count = 0;
    while (!head.empty()) {
        const std::size_t end = head.find("\r\n");
        if (end == std::string_view::npos) {
            return bad_request;
        }
        const std::string_view line = head.substr(0, end);
        head.remove_prefix(end + 2);
        if (line.empty()) {
            return count > 0 && head.empty() ? 0 : bad_request;
        }
        if (!is_visible(line)) {
            return bad_request;
        }
        if (++count > limits.head_lines) {
            return head_too_large;
        }
        if (count == 1) {
            if (const int problem = line_problem(line)) {
                return problem;
            }
            continue;
        }
        // A line that begins with a blank has no token for a name: folding is refused with it.
        const std::size_t colon = line.find(':');
        if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) {
            return bad_request;
        }
        // No coding at all: Beast has let some of them pass beside a length.
        if (lower_case(line.substr(0, colon)) == "transfer-encoding") {
            return not_implemented;
        }
    }
    return bad_request;
}

template <class Fields>
int fields_problem(const Fields& fields, RequestHead& head, const RequestLimits& limits) {
    if (fields.count(http::field::host) != 1 || fields.count(http::field::content_length) > 1) {
        return bad_request;
    }
    if (fields.count(http::field::expect) > 0) {
        return expectation_failed;
    }
    const bool has_length = fields.count(http::field::content_length) == 1;
    const auto length = fields[http::field::content_length];
    const auto [end, error] =
        std::from_chars(length.data(), length.data() + length.size(), head.body_bytes);
    const bool is_digits =
        std::all_of(length.begin(), length.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (has_length && (length.empty() || !is_digits)) {
        return bad_request;
    }
    if (has_length && (error != std::errc{} || head.body_bytes > limits.body_bytes)) {
        return content_too_large;
    }
    if (head.method == "POST" && !has_length) {
        return length_required;
    }
    return head.method != "POST" && head.body_bytes > 0 ? bad_request : 0;
}

RequestHead refused(int status, std::string_view language = "en") {
    RequestHead head;
    head.refusal = status;
    head.language = language;
    return head;
}

} // namespace

bool may_become_head(std::string_view bytes) {
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        if (bytes[at] == '\0' || (bytes[at] == '\n' && (at == 0 || bytes[at - 1] != '\r'))) {
            return false;
        }
    }
    return true;
}

RequestHead read_head(std::string_view text, const RequestLimits& limits) {
    if (text.size() > limits.head_bytes) {
        return refused(head_too_large);
    }
    if (const int problem = lines_problem(text, limits)) {
        return refused(problem);
    }
    http::request_parser<http::empty_body> parser;
    parser.header_limit(static_cast<std::uint32_t>(limits.head_bytes));
    parser.body_limit(boost::none);
    parser.skip(true);
    boost::beast::error_code error;
    parser.put(boost::asio::buffer(text.data(), text.size()), error);
    if (error && error != http::error::need_more) {
        // It gives up at lengths that are no numbers or come twice.
        return refused(bad_request);
    }
    const auto& message = parser.get();
    RequestHead head;
    head.method = std::string{message.method_string()};
    head.target = std::string{message.target()};
    const auto languages = message[http::field::accept_language];
    head.language = preferred_language({languages.data(), languages.size()});
    if (const int problem = fields_problem(message.base(), head, limits)) {
        return refused(problem, head.language);
    }
    if (head.method != "GET" && head.method != "HEAD" && head.method != "POST") {
        return refused(method_not_allowed, head.language);
    }
    const auto type = message[http::field::content_type];
    const std::string kind = lower_case({type.data(), type.size()});
    head.content_type = kind.substr(0, kind.find(';'));
    head.fetch_site = lower_case(std::string{message["Sec-Fetch-Site"]});
    // Each proxy may add a line of its own: together they are one list, whose end is of the one
    // that spoke to us.
    const auto [first, end] = message.equal_range("X-Forwarded-For");
    for (auto field = first; field != end; ++field) {
        head.forwarded_for += field == first ? "" : ",";
        head.forwarded_for += std::string{field->value()};
    }
    return head;
}

} // namespace reviewd::links
