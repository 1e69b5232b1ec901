#pragma once

#include "daemon/store/internal/statement.hpp"
#include "scoring/cel/value.hpp"
#include "scoring/rules/table.hpp"

namespace reviewd::store {

/// A column's value as facts see it; NULL, or something of another type, as null.
[[nodiscard]] cel::Value read_value(
    const Statement& row, int column, rules::ColumnType type, int minor_digits
);

/// An answer of JSON: `type_column` has json_type(), the next column json_extract().
[[nodiscard]] cel::Value read_answer(const Statement& row, int type_column);

} // namespace reviewd::store
