#include "scoring/base/money.hpp"

#include "scoring/base/assert.hpp"

#include <fmt/format.h>

namespace reviewd {
namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/// value * 10 + digit, or false when it does not fit.
bool append_digit(std::int64_t& value, int digit) {
    return !__builtin_mul_overflow(value, 10, &value)
           && !__builtin_add_overflow(value, digit, &value);
}

std::int64_t power_of_ten(int exponent) {
    std::int64_t power = 1;
    for (int i = 0; i < exponent; ++i) {
        power *= 10;
    }
    return power;
}

std::string group_thousands(std::uint64_t value) {
    std::string digits = std::to_string(value);
    for (std::size_t i = digits.size(); i > 3; i -= 3) {
        digits.insert(i - 3, ",");
    }
    return digits;
}

} // namespace

Result<Money> parse_money(std::string_view text, int minor_digits) {
    REVIEWD_ASSERT(minor_digits >= 0 && minor_digits <= 4);
    const auto wrong = [&](std::string_view why) {
        return fail(ErrorCode::bad_data, fmt::format("`{}` is not an amount{}", text, why));
    };
    std::string_view rest = text;
    const bool is_negative = !rest.empty() && rest.front() == '-';
    if (is_negative || (!rest.empty() && rest.front() == '+')) {
        rest.remove_prefix(1);
    }
    const std::size_t point = rest.find('.');
    const std::string_view whole = rest.substr(0, point);
    const std::string_view fraction = point == std::string_view::npos ? "" : rest.substr(point + 1);
    if (whole.empty() || (point != std::string_view::npos && fraction.empty())) {
        return wrong(" such as 1234.50");
    }
    std::int64_t minor = 0;
    for (const char c : whole) {
        if (!is_digit(c)) {
            return wrong(" such as 1234.50 (no thousands separator, no currency sign)");
        }
        if (!append_digit(minor, c - '0')) {
            return wrong(": it is too large");
        }
    }
    for (std::size_t i = 0; i < fraction.size(); ++i) {
        if (!is_digit(fraction[i])) {
            return wrong(" such as 1234.50");
        }
    }
    const auto kept = static_cast<std::size_t>(minor_digits);
    for (std::size_t i = 0; i < kept; ++i) {
        if (!append_digit(minor, i < fraction.size() ? fraction[i] - '0' : 0)) {
            return wrong(": it is too large");
        }
    }
    if (fraction.size() > kept && fraction[kept] >= '5'
        && __builtin_add_overflow(minor, 1, &minor)) {
        return wrong(": it is too large");
    }
    return Money{is_negative ? -minor : minor};
}

std::string to_string(Money money, int minor_digits) {
    const std::int64_t unit = power_of_ten(minor_digits);
    const auto magnitude = money.minor < 0 ? 0 - static_cast<std::uint64_t>(money.minor)
                                           : static_cast<std::uint64_t>(money.minor);
    const auto divisor = static_cast<std::uint64_t>(unit);
    const std::string sign = money.minor < 0 ? "-" : "";
    const std::string whole = group_thousands(magnitude / divisor);
    const std::uint64_t fraction = magnitude % divisor;
    return fraction == 0 ? sign + whole
                         : fmt::format("{}{}.{:0{}}", sign, whole, fraction, minor_digits);
}

} // namespace reviewd
