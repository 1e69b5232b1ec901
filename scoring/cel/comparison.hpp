#pragma once

#include "scoring/cel/budget.hpp"
#include "scoring/cel/value.hpp"

#include <compare>
#include <optional>

namespace reviewd::cel {

[[nodiscard]] bool is_number(const Value& value) noexcept;

/// The number that the value holds, whatever its type; nothing when it holds none.
[[nodiscard]] std::optional<double> number_of(const Value& value) noexcept;

/// CEL's order of two numbers of any types; `unordered` with NaN. An integer meets a double as a
/// double, so neighbours beyond 2^53 are equal, as the specification's cases have it.
/// @pre both are numbers
[[nodiscard]] std::partial_ordering compare_numbers(const Value& a, const Value& b) noexcept;

/// The order of two values that CEL can order (numbers, text, bytes, bool, timestamp, duration);
/// nothing for others.
[[nodiscard]] std::optional<std::partial_ordering> compare(const Value& a, const Value& b) noexcept;

/// As `equals` of value.hpp, and gives up with false when the budget is spent.
[[nodiscard]] bool equals(const Value& a, const Value& b, Budget& budget);

/// The value of the key that equals `key`, or null.
[[nodiscard]] const Value* find_key(const Map& map, const Value& key, Budget& budget);

} // namespace reviewd::cel
