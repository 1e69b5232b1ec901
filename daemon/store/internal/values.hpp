#pragma once

#include "daemon/store/internal/statement.hpp"
#include "scoring/cel/value.hpp"
#include "scoring/rules/table.hpp"

#include <string_view>

namespace reviewd::store {

/// A column's value as facts see it; NULL, or something of another type, as null.
[[nodiscard]] cel::Value read_value(
    const Statement& row, int column, rules::ColumnType type, int minor_digits
);

/// An answer as it is kept, a JSON scalar; null when it is none that facts know.
[[nodiscard]] cel::Value read_answer(std::string_view json);

} // namespace reviewd::store
