#pragma once

#include "scoring/base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace reviewd {

/// An amount in minor units (cents) of the reporting currency; conversion happens at import.
struct Money {
    std::int64_t minor = 0;

    friend auto operator<=>(const Money&, const Money&) = default;
};

/// Parses a decimal number such as "1234.5" or "-7" into minor units, rounding half away from zero,
/// without passing through binary floating point. Thousands separators are an error.
/// @param minor_digits decimal places of the currency, 0 … 4
/// @errors `bad_data` when it is no number or out of range
[[nodiscard]] Result<Money> parse_money(std::string_view text, int minor_digits = 2);

/// Prints "42,000" or "1,054.50": the fraction only when there is one.
[[nodiscard]] std::string to_string(Money money, int minor_digits = 2);

} // namespace reviewd
