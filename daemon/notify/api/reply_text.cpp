#include "daemon/notify/api/reply_text.hpp"

#include "scoring/base/text.hpp"

namespace reviewd::notify {
namespace {

constexpr std::size_t shortest_secret = 4;

bool is_continuation(char byte) {
    return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U;
}

} // namespace

std::string mask_secrets(std::string_view text, std::span<const std::string> secrets) {
    std::string result{text};
    for (const std::string& secret : secrets) {
        if (secret.size() < shortest_secret) {
            continue;
        }
        for (std::size_t at = result.find(secret); at != std::string::npos;
             at = result.find(secret, at + 3)) {
            result.replace(at, secret.size(), "***");
        }
    }
    return result;
}

std::string clean_reply(std::string_view words, std::span<const std::string> secrets) {
    // Masked before it is cut, or half a secret could stand at the end.
    const std::string masked = mask_secrets(words, secrets);
    std::string one_line;
    for (const char byte : trim(masked)) {
        const bool is_line_end = byte == '\r' || byte == '\n';
        if (!is_line_end) {
            one_line += byte;
        } else if (!one_line.empty() && one_line.back() != ' ') {
            one_line += ' ';
        }
    }
    std::string result = escape_controls(one_line);
    if (result.size() > reply_bytes_max) {
        std::size_t end = reply_bytes_max;
        while (end > 0 && is_continuation(result[end])) {
            --end;
        }
        result.resize(end);
    }
    return result;
}

} // namespace reviewd::notify
