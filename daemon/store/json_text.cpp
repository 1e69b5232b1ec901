#include "daemon/store/internal/json_text.hpp"

#include <fmt/format.h>

#include <iterator>

namespace reviewd::store {

void append_json(std::string& json, std::string_view text) {
    json += '"';
    for (const char letter : text) {
        const auto byte = static_cast<unsigned char>(letter);
        if (letter == '"' || letter == '\\') {
            json += '\\';
            json += letter;
        } else if (byte < 0x20) {
            fmt::format_to(std::back_inserter(json), "\\u{:04x}", byte);
        } else {
            json += letter;
        }
    }
    json += '"';
}

namespace {

struct Appender {
    std::string& json;

    void operator()(std::monostate) const { json += "null"; }
    void operator()(const std::string& text) const { append_json(json, std::string_view{text}); }
    void operator()(std::int64_t value) const { put(value); }
    void operator()(double value) const { put(value); }
    void operator()(Money value) const { put(value.minor); }
    void operator()(Date value) const { put(to_day_number(value)); }
    void operator()(bool value) const { json += value ? '1' : '0'; }

    template <class Number>
    void put(Number value) const {
        fmt::format_to(std::back_inserter(json), "{}", value);
    }
};

} // namespace

void append_json(std::string& json, const Field& field) {
    std::visit(Appender{json}, field);
}

} // namespace reviewd::store
