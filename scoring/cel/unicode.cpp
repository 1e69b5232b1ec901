#include "scoring/cel/unicode.hpp"

#include <algorithm>

namespace reviewd::cel {
namespace {

std::size_t announced_bytes(unsigned char lead) {
    if (lead < 0xC0U) {
        return 1;
    }
    if (lead < 0xE0U) {
        return 2;
    }
    return lead < 0xF0U ? 3 : 4;
}

char32_t low_bits(char byte, unsigned mask) {
    return static_cast<unsigned char>(byte) & mask;
}

} // namespace

void append_utf8(std::string& out, char32_t point) {
    const auto tail = [&out](char32_t bits) {
        out += static_cast<char>(0x80U | (bits & 0x3FU));
    };
    if (point < 0x80) {
        out += static_cast<char>(point);
    } else if (point < 0x800) {
        out += static_cast<char>(0xC0U | (point >> 6U));
        tail(point);
    } else if (point < 0x10000) {
        out += static_cast<char>(0xE0U | (point >> 12U));
        tail(point >> 6U);
        tail(point);
    } else {
        out += static_cast<char>(0xF0U | (point >> 18U));
        tail(point >> 12U);
        tail(point >> 6U);
        tail(point);
    }
}

bool is_scalar(char32_t point) {
    return point <= 0x10FFFF && (point < 0xD800 || point > 0xDFFF);
}

std::size_t character_bytes(std::string_view text, std::size_t at) {
    const std::size_t announced = announced_bytes(static_cast<unsigned char>(text[at]));
    const std::size_t end = std::min(at + announced, text.size());
    for (std::size_t i = at + 1; i < end; ++i) {
        if ((static_cast<unsigned char>(text[i]) & 0xC0U) != 0x80U) {
            return 1;
        }
    }
    return end - at == announced ? announced : 1;
}

std::size_t count_characters(std::string_view text) {
    std::size_t count = 0;
    for (std::size_t at = 0; at < text.size(); at += character_bytes(text, at)) {
        ++count;
    }
    return count;
}

std::size_t byte_offset(std::string_view text, std::size_t index) {
    std::size_t at = 0;
    for (; index > 0 && at < text.size(); --index) {
        at += character_bytes(text, at);
    }
    return at;
}

char32_t code_point(std::string_view text, std::size_t at) {
    switch (character_bytes(text, at)) {
    case 2:
        return (low_bits(text[at], 0x1FU) << 6U) | low_bits(text[at + 1], 0x3FU);
    case 3:
        return (low_bits(text[at], 0x0FU) << 12U) | (low_bits(text[at + 1], 0x3FU) << 6U)
               | low_bits(text[at + 2], 0x3FU);
    case 4:
        return (low_bits(text[at], 0x07U) << 18U) | (low_bits(text[at + 1], 0x3FU) << 12U)
               | (low_bits(text[at + 2], 0x3FU) << 6U) | low_bits(text[at + 3], 0x3FU);
    default:
        return static_cast<unsigned char>(text[at]);
    }
}

} // namespace reviewd::cel
