#include "daemon/message/mustache.hpp"

#include "scoring/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <unordered_map>

namespace reviewd::message {
namespace {

std::string escape_html(const std::string& text) {
    std::string escaped;
    escaped.reserve(text.size());
    for (const char c : text) {
        switch (c) {
        case '&':
            escaped += "&amp;";
            break;
        case '<':
            escaped += "&lt;";
            break;
        case '>':
            escaped += "&gt;";
            break;
        case '"':
            escaped += "&quot;";
            break;
        case '\'':
            escaped += "&#39;";
            break;
        case '`':
            escaped += "&#96;";
            break;
        case '=':
            escaped += "&#61;";
            break;
        default:
            escaped += c;
        }
    }
    return escaped;
}

/// The first tag that templates may not use, or nothing.
std::string_view find_forbidden_tag(std::string_view source) {
    for (std::size_t at = source.find("{{"); at != std::string_view::npos;
         at = source.find("{{", at + 2)) {
        const std::size_t kind = source.find_first_not_of(" \t\r\n", at + 2);
        constexpr std::string_view forbidden = "{&>=";
        if (kind != std::string_view::npos && forbidden.find(source[kind]) != forbidden.npos) {
            return source.substr(at, kind - at + 1);
        }
    }
    return {};
}

/// Stands for a line's end while the library fills the template. It never meets a value: `fill`
/// drops it from them.
constexpr char line_end = '\x01';

/// Whether the line is one tag of a section or a comment, and nothing else.
bool is_lone_tag(std::string_view line) {
    const std::string_view tag = trim(line);
    return tag.size() > 4 && tag.starts_with("{{") && tag.ends_with("}}")
           && tag.find("{{", 2) == std::string_view::npos
           && std::string_view{"#^/!"}.find(tag[2]) != std::string_view::npos;
}

/// Lines that are one tag leave no line behind, as mustache has it. The library does so only for
/// sections that are filled; so those lines are joined with the next one here, and the ends of the
/// others are hidden from it.
std::string without_tag_lines(std::string_view source) {
    std::string joined;
    for (std::size_t begin = 0; begin < source.size();) {
        const std::size_t end = std::min(source.find('\n', begin), source.size());
        const std::string_view line = source.substr(begin, end - begin);
        if (is_lone_tag(line)) {
            joined += trim(line);
        } else {
            joined += line;
            joined += end < source.size() ? std::string_view{&line_end, 1} : std::string_view{};
        }
        begin = end + 1;
    }
    return joined;
}

bool is_letter_or_digit(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
           || byte >= 0x80;
}

/// `host.name/` or `host.name:80`: a point between letters in a word that a `/`, `:` or `@` is in.
bool has_address_word(std::string_view name) {
    for (std::size_t begin = 0; begin < name.size();) {
        const std::size_t end = std::min(name.find(' ', begin), name.size());
        const std::string_view word = name.substr(begin, end - begin);
        const std::size_t point = word.find('.');
        const bool has_point = point != std::string_view::npos && point > 0
                               && point + 1 < word.size() && is_letter_or_digit(word[point - 1])
                               && is_letter_or_digit(word[point + 1]);
        if (has_point && word.find_first_of("/:@?#") != std::string_view::npos) {
            return true;
        }
        begin = end + 1;
    }
    return false;
}

bool looks_like_a_link(std::string_view name) {
    const std::string lower = lower_case(name);
    return lower.find("://") != std::string::npos || lower.find("www.") != std::string::npos
           || lower.find("javascript:") != std::string::npos
           || lower.find("mailto:") != std::string::npos || has_address_word(lower);
}

struct Parsed {
    explicit Parsed(const std::string& source) : mustache(without_tag_lines(source)) {}

    kainjow::mustache::mustache mustache;
    std::string problem; ///< why it cannot be used; empty: it can
};

/// A template takes longer to parse than to fill, and the same few are filled again and again: they
/// are kept by their text. The library's parsed form is changed by filling it, so each thread has
/// its own.
Parsed& parsed_of(const std::string& source) {
    constexpr std::size_t most_kept = 256;
    thread_local std::unordered_map<std::string, std::unique_ptr<Parsed>> kept;
    const auto known = kept.find(source);
    if (known != kept.end()) {
        return *known->second;
    }
    auto parsed = std::make_unique<Parsed>(source);
    if (const std::string_view tag = find_forbidden_tag(source); !tag.empty()) {
        parsed->problem = fmt::format(
            "the template uses `{}`; only variables, sections and comments may stand in it",
            escape_controls(tag)
        );
    } else if (!parsed->mustache.is_valid()) {
        parsed->problem = escape_controls(parsed->mustache.error_message());
    }
    if (kept.size() == most_kept) {
        kept.clear(); // drafts of templates and of reasons would pile up
    }
    return *kept.emplace(source, std::move(parsed)).first->second;
}

} // namespace

Result<std::string> fill(
    const std::string& source, const kainjow::mustache::data& values, Escaping escaping
) {
    Parsed& parsed = parsed_of(source);
    if (!parsed.problem.empty()) {
        return fail(ErrorCode::bad_data, parsed.problem);
    }
    parsed.mustache.set_custom_escape([escaping](const std::string& value) {
        std::string text = escaping == Escaping::html ? escape_html(value) : value;
        std::erase(text, line_end);
        return text;
    });
    std::string text = parsed.mustache.render(values);
    if (!parsed.mustache.is_valid()) {
        parsed.problem = escape_controls(parsed.mustache.error_message());
        return fail(ErrorCode::bad_data, parsed.problem);
    }
    std::replace(text.begin(), text.end(), line_end, '\n');
    return text;
}

std::string shown(std::string_view value) {
    constexpr std::size_t columns = 200;
    const std::string text = cut_to_width(escape_controls(value), columns);
    if (!looks_like_a_link(text)) {
        return text;
    }
    std::string quoted = "\"";
    for (const char c : text) {
        if (c == '.') {
            quoted += "[.]";
        } else if (c == ':') {
            quoted += "[:]";
        } else {
            quoted += c;
        }
    }
    return quoted + "\"";
}

} // namespace reviewd::message
