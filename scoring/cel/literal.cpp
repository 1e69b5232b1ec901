#include "scoring/cel/literal.hpp"

#include "scoring/cel/unicode.hpp"

#include <charconv>
#include <limits>

namespace reviewd::cel {
namespace {

std::optional<unsigned> digit(char c, unsigned base) {
    unsigned value = 99;
    if (c >= '0' && c <= '9') {
        value = static_cast<unsigned>(c - '0');
    } else if (c >= 'a' && c <= 'f') {
        value = static_cast<unsigned>(c - 'a') + 10;
    } else if (c >= 'A' && c <= 'F') {
        value = static_cast<unsigned>(c - 'A') + 10;
    }
    return value < base ? std::optional<unsigned>{value} : std::nullopt;
}

/// Reads exactly `count` digits of `base` at `at`; moves `at` behind them.
std::optional<char32_t> fixed_digits(
    std::string_view body, std::size_t& at, std::size_t count, unsigned base
) {
    if (at + count > body.size()) {
        return std::nullopt;
    }
    char32_t value = 0;
    for (std::size_t i = 0; i < count; ++i) {
        const auto next = digit(body[at + i], base);
        if (!next) {
            return std::nullopt;
        }
        value = value * base + *next;
    }
    at += count;
    return value;
}

std::optional<char> simple_escape(char c) {
    switch (c) {
    case 'a':
        return '\a';
    case 'b':
        return '\b';
    case 'f':
        return '\f';
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 't':
        return '\t';
    case 'v':
        return '\v';
    case '\\':
    case '?':
    case '"':
    case '\'':
    case '`':
        return c;
    default:
        return std::nullopt;
    }
}

/// Resolves the escape whose letter stands at `at`. @returns what is wrong, or ""
std::string escape(std::string_view body, std::size_t& at, LiteralKind kind, std::string& out) {
    const char letter = body[at];
    if (const auto simple = simple_escape(letter)) {
        out += *simple;
        ++at;
        return {};
    }
    std::optional<char32_t> point;
    if (letter == 'x' || letter == 'X') {
        point = fixed_digits(body, ++at, 2, 16);
    } else if (letter == 'u' && kind == LiteralKind::string) {
        point = fixed_digits(body, ++at, 4, 16);
    } else if (letter == 'U' && kind == LiteralKind::string) {
        point = fixed_digits(body, ++at, 8, 16);
    } else if (letter >= '0' && letter <= '3') {
        point = fixed_digits(body, at, 3, 8);
    } else {
        return std::string{"`\\"} + letter
               + "` is no escape sequence; write `\\\\` for a backslash";
    }
    if (!point) {
        return "the escape sequence is incomplete: \\xHH, \\uHHHH, \\UHHHHHHHH or \\OOO is expected";
    }
    if (kind == LiteralKind::bytes) {
        out += static_cast<char>(*point);
        return {};
    }
    if (!is_scalar(*point)) {
        return "the escape sequence names no character";
    }
    append_utf8(out, *point);
    return {};
}

/// Whether digits that no double can hold are too large, not too small.
bool is_huge(std::string_view digits) {
    const std::size_t exponent = digits.find_first_of("eE");
    if (exponent != std::string_view::npos) {
        return digits.substr(exponent + 1, 1) != "-";
    }
    return digits.find('.') > 300; // or there is none at all
}

} // namespace

Unescaped unescape(std::string_view body, LiteralKind kind) {
    Unescaped result;
    result.text.reserve(body.size());
    std::size_t at = 0;
    while (at < body.size()) {
        if (body[at] != '\\') {
            result.text += body[at++];
            continue;
        }
        const std::size_t start = at++;
        result.problem =
            at < body.size() ? escape(body, at, kind, result.text) : "a lone `\\` ends the text";
        if (!result.problem.empty()) {
            result.problem_at = start;
            return result;
        }
    }
    return result;
}

std::optional<std::uint64_t> parse_digits(std::string_view digits) {
    int base = 10;
    if (digits.starts_with("0x")) {
        base = 16;
        digits.remove_prefix(2);
    }
    std::uint64_t value = 0;
    const char* end = digits.data() + digits.size();
    const auto [stop, code] = std::from_chars(digits.data(), end, value, base);
    if (code != std::errc{} || stop != end || digits.empty()) {
        return std::nullopt;
    }
    return value;
}

std::optional<double> parse_real(std::string_view text) {
    std::string_view digits = text;
    const bool is_negative = digits.starts_with('-');
    if (is_negative || digits.starts_with('+')) {
        digits.remove_prefix(1);
    }
    if (digits.empty() || digits.front() == '-' || digits.front() == '+'
        || digits.find('(') != std::string_view::npos) {
        return std::nullopt;
    }
    double value = 0;
    const char* end = digits.data() + digits.size();
    const auto [stop, code] = std::from_chars(digits.data(), end, value);
    if (stop != end) {
        return std::nullopt;
    }
    if (code == std::errc::result_out_of_range) {
        value = is_huge(digits) ? std::numeric_limits<double>::infinity() : 0.0;
    } else if (code != std::errc{}) {
        return std::nullopt;
    }
    return is_negative ? -value : value;
}

} // namespace reviewd::cel
