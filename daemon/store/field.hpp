#pragma once

#include "scoring/base/date.hpp"
#include "scoring/base/money.hpp"
#include "scoring/cel/value.hpp"
#include "scoring/rules/table.hpp"

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace reviewd::store {

/// One value of an imported row, in the type of its column: text is std::string, integer
/// std::int64_t, number double (finite), money Money in minor units of the reporting currency, date
/// Date, boolean bool. std::monostate: the source has nothing.
using Field = std::variant<std::monostate, std::string, std::int64_t, double, Money, Date, bool>;

/// One row by the columns of its TableSchema. Keep and reuse it: its strings keep their memory.
struct ImportRow {
    std::vector<Field> fields;
};

/// Whether `field` is empty or has the type that `type` asks for.
[[nodiscard]] bool fits(const Field& field, rules::ColumnType type) noexcept;

/// The value as facts see it: money in major units as a double, a date as a timestamp at midnight
/// UTC, nothing as null.
/// @param minor_digits decimal places of the reporting currency
[[nodiscard]] cel::Value to_value(const Field& field, int minor_digits);

} // namespace reviewd::store
