#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace reviewd::intake {

/// A number as it is written: `digits` / 10^`places`, exactly.
struct Decimal {
    std::uint64_t digits = 0; ///< below 10^19
    int places = 0;           ///< 0 … 18
    bool is_negative = false;
};

/// Reads `1234.50`, or with a decimal comma `1234,50` and `1.234,50`. Places beyond the eighteenth
/// digit are dropped. Nothing for anything else: no blanks, no currency sign, no exponent, and with
/// a decimal point no grouping, since `1,234` means 1.234 in half of the world.
/// @param decimal `.` or `,`
[[nodiscard]] std::optional<Decimal> parse_decimal(std::string_view text, char decimal);

/// Whether a column's numbers may have decimal places.
enum class Places { none, some };

/// Why parse_decimal refused: what a number of the column looks like in this file, and what to
/// change.
[[nodiscard]] std::string why_no_decimal(std::string_view text, char decimal, Places places);

/// `digits` * 10^shift / 10^places, rounded half away from zero; nothing when it does not fit.
[[nodiscard]] std::optional<std::int64_t> shifted(const Decimal& value, int shift);

[[nodiscard]] double to_double(const Decimal& value);

} // namespace reviewd::intake
