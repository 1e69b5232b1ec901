#include "daemon/intake/decimal.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

namespace reviewd::intake {
namespace {

constexpr int most_digits = 18;

constexpr std::array<std::uint64_t, 20> powers_of_ten = [] {
    std::array<std::uint64_t, 20> powers{};
    std::uint64_t power = 1;
    for (std::uint64_t& entry : powers) {
        entry = power;
        power *= 10;
    }
    return powers;
}();

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/// `1.234.567`: one to three digits that do not begin with a zero, then groups of three.
bool is_well_grouped(std::string_view whole) {
    std::size_t point = whole.find('.');
    if (point == 0 || point > 3 || whole.front() == '0') {
        return false;
    }
    while (point != std::string_view::npos) {
        whole.remove_prefix(point + 1);
        point = whole.find('.');
        if ((point == std::string_view::npos ? whole.size() : point) != 3) {
            return false;
        }
    }
    return true;
}

/// Takes the digits before the decimal sign off `rest`; false when there is none, or too many.
bool take_whole(std::string_view& rest, char decimal, Decimal& into) {
    std::size_t size = 0;
    bool is_grouped = false;
    for (; size < rest.size(); ++size) {
        const char c = rest[size];
        if (c == '.' && decimal == ',') {
            is_grouped = true;
        } else if (!is_digit(c)) {
            break;
        } else if (into.digits >= powers_of_ten[most_digits - 1]) {
            return false;
        } else {
            into.digits = into.digits * 10 + static_cast<std::uint64_t>(c - '0');
        }
    }
    const std::string_view whole = rest.substr(0, size);
    rest.remove_prefix(size);
    return !whole.empty() && (!is_grouped || is_well_grouped(whole));
}

/// Takes the decimal sign and what follows.
bool take_fraction(std::string_view rest, char decimal, Decimal& into) {
    if (rest.empty()) {
        return true;
    }
    if (rest.front() != decimal || rest.size() == 1) {
        return false;
    }
    for (const char c : rest.substr(1)) {
        if (!is_digit(c)) {
            return false;
        }
        if (into.places < most_digits && into.digits < powers_of_ten[most_digits - 1]) {
            into.digits = into.digits * 10 + static_cast<std::uint64_t>(c - '0');
            ++into.places;
        }
    }
    return true;
}

/// Whether the comma of an amount is surely a decimal sign: 12,500 may be twelve and a half
/// thousand, and who declared a decimal comma for it would get a thousandth of it.
bool is_surely_fraction(std::string_view text) {
    if (!parse_decimal(text, ',')) {
        return false;
    }
    const std::string_view digits =
        text.substr(std::min(text.find_first_not_of("+-"), text.size()));
    const std::size_t comma = digits.find(',');
    constexpr std::size_t group = 3;
    return digits.find('.') != std::string_view::npos || digits.size() - comma - 1 != group
           || comma > group || digits.front() == '0';
}

} // namespace

std::optional<Decimal> parse_decimal(std::string_view text, char decimal) {
    Decimal value;
    value.is_negative = !text.empty() && text.front() == '-';
    if (value.is_negative || (!text.empty() && text.front() == '+')) {
        text.remove_prefix(1);
    }
    if (!take_whole(text, decimal, value) || !take_fraction(text, decimal, value)) {
        return std::nullopt;
    }
    return value;
}

std::string why_no_decimal(std::string_view text, char decimal, Places places) {
    const std::string expected =
        places == Places::none
            ? "expected a whole number such as 1234"
            : fmt::format("expected a number such as {}", decimal == ',' ? "1234,50" : "1234.50");
    const std::size_t strange = text.find_first_not_of("+-.,0123456789");
    if (strange != std::string_view::npos) {
        const bool is_exponent = text[strange] == 'e' || text[strange] == 'E';
        return expected
               + (is_exponent ? ", without an exponent" : ", without a unit or a currency sign");
    }
    const std::size_t comma = text.find(',');
    const bool is_comma_decimal = decimal == ',' && text.find('.', comma) == std::string_view::npos;
    if (comma == std::string_view::npos || is_comma_decimal) {
        return expected;
    }
    if (!is_surely_fraction(text)) {
        return expected
               + "; a comma between thousands cannot be read: let the export write no thousands "
                 "separator";
    }
    return places == Places::none
               ? expected
               : expected + "; if the file writes 1234,50, add `decimal: \",\"` to the source";
}

std::optional<std::int64_t> shifted(const Decimal& value, int shift) {
    const int exponent = shift - value.places;
    std::uint64_t magnitude = value.digits;
    if (exponent >= 0) {
        if (exponent > most_digits
            || __builtin_mul_overflow(
                magnitude, powers_of_ten[static_cast<std::size_t>(exponent)], &magnitude
            )) {
            return magnitude == 0 ? std::optional<std::int64_t>{0} : std::nullopt;
        }
    } else {
        const std::uint64_t divisor = powers_of_ten[static_cast<std::size_t>(-exponent)];
        magnitude = magnitude / divisor + (magnitude % divisor >= divisor - divisor / 2 ? 1 : 0);
    }
    if (magnitude > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
        return std::nullopt;
    }
    const auto result = static_cast<std::int64_t>(magnitude);
    return value.is_negative ? -result : result;
}

double to_double(const Decimal& value) {
    // Exact as long as both sides fit 53 bits, which is what files hold; else rounded twice.
    const double magnitude =
        static_cast<double>(value.digits)
        / static_cast<double>(powers_of_ten[static_cast<std::size_t>(value.places)]);
    return value.is_negative ? -magnitude : magnitude;
}

} // namespace reviewd::intake
