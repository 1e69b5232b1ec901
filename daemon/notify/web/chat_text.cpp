#include "daemon/notify/web/chat_text.hpp"

#include "daemon/notify/api/message_text.hpp"
#include "scoring/base/text.hpp"

#include <boost/json.hpp>
#include <fmt/core.h>

#include <algorithm>
#include <vector>

namespace reviewd::notify {
namespace {

namespace json = boost::json;

std::size_t character_bytes(char lead) {
    const auto byte = static_cast<unsigned char>(lead);
    return byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
}

bool is_address(std::string_view rest) {
    return rest.substr(0, 8) == "https://" || rest.substr(0, 7) == "http://";
}

/// Bytes of the address at the start of `rest`: up to a blank or a bracket of any kind.
std::size_t address_bytes(std::string_view rest) {
    const std::size_t end = rest.find_first_of(" \t<>()[]{}\"'`|\\");
    return std::min(end, rest.size());
}

/// The pieces of one line, each of which must stay whole.
std::vector<std::string> pieces_of(std::string_view line, const ChatFormat& format) {
    std::vector<std::string> pieces;
    std::string_view before;
    for (std::size_t at = 0; at < line.size();) {
        const std::string_view rest = line.substr(at);
        if (format.addresses == ChatFormat::Addresses::untouched && is_address(rest)) {
            const std::size_t length = address_bytes(rest);
            pieces.emplace_back(rest.substr(0, length));
            before = rest.substr(length - 1, 1);
            at += length;
            continue;
        }
        const std::size_t length = character_bytes(line[at]);
        const std::string_view character = rest.substr(0, length);
        pieces.push_back(
            format.escape == nullptr ? std::string{character} : format.escape(character, before)
        );
        before = character;
        at += length;
    }
    return pieces;
}

std::string tail_of(std::size_t missing_lines, std::string_view link) {
    return link.empty() ? fmt::format("[+{}]", missing_lines)
                        : fmt::format("[+{}: {}]", missing_lines, link);
}

std::vector<std::string> lines_of(std::string_view text) {
    std::vector<std::string> lines;
    const std::string valid = valid_utf8(trim(text));
    std::string_view rest = valid;
    while (true) {
        const std::size_t end = rest.find('\n');
        std::string_view line = rest.substr(0, end);
        if (!line.empty() && line.back() == '\r') {
            line.remove_suffix(1);
        }
        lines.push_back(
            has_controls(line) || escape_controls(line) != line ? one_line(line, line.size())
                                                                : std::string{line}
        );
        if (end == std::string_view::npos) {
            return lines;
        }
        rest.remove_prefix(end + 1);
    }
}

std::string text_at(const json::value& object, std::string_view name) {
    const json::value* found = object.is_object() ? object.get_object().if_contains(name) : nullptr;
    return found != nullptr && found->is_string() ? std::string{found->get_string()}
                                                  : std::string{};
}

} // namespace

std::size_t measured(std::string_view text, Measure measure) {
    if (measure == Measure::bytes) {
        return text.size();
    }
    std::size_t units = 0;
    for (const char byte : text) {
        const auto value = static_cast<unsigned char>(byte);
        units += (value & 0xC0U) == 0x80U ? 0 : value >= 0xF0U ? 2 : 1;
    }
    return units;
}

std::string chat_text(std::string_view text, std::string_view link, const ChatFormat& format) {
    const std::vector<std::string> lines = lines_of(text);
    std::string whole;
    std::size_t used = 0;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const std::vector<std::string> pieces = pieces_of(lines[i], format);
        std::size_t length = i == 0 ? 0 : 1;
        for (const std::string& piece : pieces) {
            length += measured(piece, format.measure);
        }
        const bool is_last = i + 1 == lines.size();
        const std::string tail = tail_of(lines.size() - i, link);
        const std::size_t room = measured(tail, format.measure) + 1;
        if (used + length + (is_last ? 0 : room) <= format.limit) {
            whole += i == 0 ? "" : "\n";
            for (const std::string& piece : pieces) {
                whole += piece;
            }
            used += length;
            continue;
        }
        whole += i == 0 ? "" : "\n";
        used += i == 0 ? 0 : 1;
        for (const std::string& piece : pieces) {
            used += measured(piece, format.measure);
            if (i != 0 || used + room > format.limit) {
                break;
            }
            whole += piece;
        }
        return whole + (i == 0 ? " " : "") + tail;
    }
    return whole;
}

std::string link_of(const Message& message) {
    boost::system::error_code error;
    const json::value payload = json::parse(message.payload, error);
    if (error) {
        return {};
    }
    std::string link = text_at(payload, "url");
    const json::value* items =
        payload.is_object() ? payload.get_object().if_contains("items") : nullptr;
    if (link.empty() && items != nullptr && items->is_array() && !items->get_array().empty()) {
        link = text_at(items->get_array().front(), "answer_url");
    }
    const bool is_safe = link.substr(0, 8) == "https://" && !has_controls(link)
                         && link.find_first_of(" <>|\"") == std::string::npos;
    return is_safe ? link : std::string{};
}

} // namespace reviewd::notify
