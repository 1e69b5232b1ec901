#include "daemon/store/internal/json_text.hpp"

#include <fmt/compile.h>
#include <fmt/format.h>

#include <iterator>

namespace reviewd::store {

void append_json(std::string& json, std::string_view text) {
    json += '"';
    // Texts have few letters to escape: what lies between them is copied as a whole.
    const char* copied = text.data();
    const char* const end = text.data() + text.size();
    for (const char* at = copied; at != end; ++at) {
        const auto byte = static_cast<unsigned char>(*at);
        if (*at != '"' && *at != '\\' && byte >= 0x20) {
            continue;
        }
        json.append(copied, at);
        copied = at + 1;
        if (byte < 0x20) {
            fmt::format_to(std::back_inserter(json), "\\u{:04x}", byte);
        } else {
            json += '\\';
            json += *at;
        }
    }
    json.append(copied, end);
    json += '"';
}

namespace {

struct Appender {
    std::string& json;

    void operator()(std::monostate) const { json += "null"; }
    void operator()(const std::string& text) const { append_json(json, std::string_view{text}); }
    void operator()(std::int64_t value) const {
        const fmt::format_int digits{value};
        json.append(digits.data(), digits.size());
    }
    void operator()(double value) const {
        fmt::format_to(std::back_inserter(json), FMT_COMPILE("{}"), value);
    }
    void operator()(Money value) const { (*this)(value.minor); }
    void operator()(Date value) const { (*this)(std::int64_t{to_day_number(value)}); }
    void operator()(bool value) const { json += value ? '1' : '0'; }
};

} // namespace

void append_json(std::string& json, const Field& field) {
    std::visit(Appender{json}, field);
}

} // namespace reviewd::store
