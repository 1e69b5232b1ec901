// What comes to the listener of links: heads of requests, and the forms behind them.
#include "daemon/links/form_fields.hpp"
#include "daemon/links/request_head.hpp"
#include "tests/fuzz/fuzz.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>

namespace {

using namespace reviewd;
using fuzz::require;
using links::RequestHead;

RequestHead read(std::string_view head) {
    return links::read_head(head, {});
}

void check_head(std::string_view head) {
    const RequestHead read_head = read(head);
    require(
        read_head.refusal == 0 || (400 <= read_head.refusal && read_head.refusal < 600),
        "a refusal is a status of HTTP"
    );
    require(
        read_head.language == "en" || read_head.language == "bn", "the language is one of ours"
    );
    if (read_head.refusal != 0) {
        return;
    }
    const std::string& method = read_head.method;
    require(method == "GET" || method == "HEAD" || method == "POST", "it is a method of ours");
    require(read_head.target.starts_with('/'), "its target is a path");
    require(read_head.body_bytes <= links::RequestLimits{}.body_bytes, "its body is bounded");
    require(read_head.body_bytes == 0 || method == "POST", "only a form has a body");
    // No second request hides in the bytes: the head ends where the first empty line is.
    require(head.find("\r\n\r\n") + 4 == head.size(), "it ends with its first empty line");
    require(links::may_become_head(head), "it may come byte by byte");
    require(read(std::string{head} + "GET / HTTP/1.1\r\n\r\n").refusal != 0, "nothing follows it");
    require(read(head.substr(0, head.size() / 2)).refusal != 0, "half of it is no head");
}

/// Whatever stands in a header, the request is the one whose first line was read.
void check_header_value(std::string_view value) {
    for (const char* name : {"X-Forwarded-For", "Origin", "Accept-Language", "Cookie"}) {
        const RequestHead head =
            read(fmt::format("GET /r/x HTTP/1.1\r\nHost: h\r\n{}: {}\r\n\r\n", name, value));
        require(
            head.refusal != 0
                || (head.method == "GET" && head.target == "/r/x" && head.body_bytes == 0),
            "a header's value makes no other request"
        );
        require(
            head.refusal != 0 || value.find("\r\n\r\n") == std::string_view::npos,
            "nor a second one"
        );
    }
}

std::string encoded(std::string_view text) {
    std::string out;
    for (const char c : text) {
        out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
    return out;
}

void check_form(std::string_view body) {
    const auto fields = links::read_form(body);
    if (!fields) {
        return;
    }
    require(fields->size() <= 64, "fields are bounded");
    std::string again;
    for (const auto& [name, value] : *fields) {
        require(value.find('\0') == std::string::npos, "a field has no NUL");
        again += again.empty() ? "" : "&";
        again += encoded(name) + "=" + encoded(value);
    }
    require(links::read_form(again) == fields, "a form is read as it was written");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes = fuzz::Input{data, size}.rest();
    check_head(bytes);
    check_header_value(bytes);
    check_form(bytes);
    const std::size_t end = bytes.find("\r\n\r\n");
    if (end != std::string_view::npos) {
        check_head(bytes.substr(0, end + 4));
        check_form(bytes.substr(end + 4));
    }
    return 0;
}
