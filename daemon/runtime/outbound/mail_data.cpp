#include "daemon/runtime/outbound/mail_data.hpp"

namespace reviewd::runtime {

std::string to_mail_data(std::string_view content) {
    std::string result;
    result.reserve(content.size() + 64);
    bool is_line_start = true;
    for (const char byte : content) {
        if (byte == '\r') {
            continue; // comes back with its line feed: a lone one must not reach the peer
        }
        if (byte == '\n') {
            result += "\r\n";
            is_line_start = true;
            continue;
        }
        if (is_line_start && byte == '.') {
            result += '.';
        }
        result += byte;
        is_line_start = false;
    }
    if (!is_line_start) {
        result += "\r\n";
    }
    return result;
}

} // namespace reviewd::runtime
