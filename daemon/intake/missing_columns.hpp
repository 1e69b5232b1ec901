#pragma once

#include "config/loader/settings.hpp"
#include "scoring/rules/table.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace reviewd::intake {

/// Whether a file of this table must have a key: rows of people, products and accounts are what
/// other rows name. A row of another table may do without; it is then known by its content.
[[nodiscard]] bool needs_key(rules::Table table) noexcept;

/// Columns that every row needs, that `columns:` does not name and that the file does not have.
/// @returns indices of the schema's columns, ascending
[[nodiscard]] std::vector<std::size_t> missing_columns(
    const config::SourceSettings& source,
    const rules::TableSchema& schema,
    const std::vector<std::string>& headers
);

/// Helps somebody who named a column that the file does not have: "did you mean `name`?", or "its
/// columns are id, name".
[[nodiscard]] std::string column_hint(
    std::string_view wanted, const std::vector<std::string>& headers
);
/// The same about a column of the table that nothing names: one that looks like a key is meant by
/// the key.
[[nodiscard]] std::string column_hint(
    const rules::Column& wanted, const std::vector<std::string>& headers
);

} // namespace reviewd::intake
