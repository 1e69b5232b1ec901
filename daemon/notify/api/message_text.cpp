#include "daemon/notify/api/message_text.hpp"

#include "scoring/base/text.hpp"

#include <algorithm>

namespace reviewd::notify {
namespace {

constexpr std::size_t name_bytes_max = 512;

/// Length of the character at the start of valid UTF-8.
std::size_t character_bytes(char lead) {
    const auto byte = static_cast<unsigned char>(lead);
    return byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
}

/// Whether a single character would be shown as an escape, that is: as more than itself.
bool is_special(std::string_view character) {
    return character == "\t" || (character != "\\" && escape_controls(character) != character);
}

} // namespace

std::string valid_utf8(std::string_view text) {
    std::string result;
    for (auto bad = find_invalid_utf8(text); bad; bad = find_invalid_utf8(text)) {
        result += text.substr(0, *bad);
        result += "\xEF\xBF\xBD";
        text.remove_prefix(*bad + 1);
    }
    return result += text;
}

std::string one_line(std::string_view text, std::size_t columns) {
    const std::string valid = valid_utf8(text);
    std::string result;
    for (std::size_t at = 0; at < valid.size();) {
        const std::size_t length = character_bytes(valid[at]);
        const std::string_view character = std::string_view{valid}.substr(at, length);
        result += is_special(character) ? std::string_view{" "} : character;
        at += length;
    }
    return cut_to_width(result, columns);
}

std::string check_plain_name(std::string_view address) {
    if (trim(address).empty()) {
        return "a name is missing";
    }
    if (address.size() > name_bytes_max) {
        return "a name has at most 512 bytes";
    }
    if (find_invalid_utf8(address) || has_controls(address)) {
        return "a name is one line of UTF-8 without control characters";
    }
    return {};
}

} // namespace reviewd::notify
