#include "daemon/links/form_fields.hpp"

#include <algorithm>

namespace reviewd::links {
namespace {

constexpr std::size_t fields_max = 64;
constexpr std::size_t name_bytes_max = 64;

int hex_value(char c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

std::optional<std::string> decoded(std::string_view text) {
    std::string result;
    for (std::size_t at = 0; at < text.size(); ++at) {
        char c = text[at] == '+' ? ' ' : text[at];
        if (c == '%') {
            const bool is_whole = text.size() - at > 2;
            const int high = is_whole ? hex_value(text[at + 1]) : -1;
            const int low = is_whole ? hex_value(text[at + 2]) : -1;
            if (high < 0 || low < 0) {
                return std::nullopt;
            }
            c = static_cast<char>(high * 16 + low);
            at += 2;
        }
        if (c == '\0') {
            return std::nullopt;
        }
        // Forms send line ends as CR LF.
        if (c != '\r') {
            result += c;
        }
    }
    return result;
}

} // namespace

std::optional<std::map<std::string, std::string>> read_form(std::string_view body) {
    std::map<std::string, std::string> fields;
    while (!body.empty()) {
        const std::size_t end = std::min(body.find('&'), body.size());
        const std::string_view field = body.substr(0, end);
        body.remove_prefix(std::min(end + 1, body.size()));
        const std::size_t equals = field.find('=');
        if (equals == std::string_view::npos) {
            return std::nullopt;
        }
        const auto name = decoded(field.substr(0, equals));
        auto value = decoded(field.substr(equals + 1));
        if (!name || !value || name->empty() || name->size() > name_bytes_max
            || fields.size() >= fields_max || !fields.emplace(*name, *std::move(value)).second) {
            return std::nullopt;
        }
    }
    return fields;
}

} // namespace reviewd::links
