#pragma once

#include "scoring/engine/facts.hpp"

#include <cstddef>
#include <optional>

namespace reviewd::engine {

/// One table seen from one day. Everything that reads rows goes through it, so that there is one
/// place in which the future is cut off.
class TableAsOf {
public:
    /// `schema` outlives this.
    TableAsOf(const rules::TableSchema& schema, Date as_of);

    /// Whether the row was known, had happened, and had not vanished by then.
    [[nodiscard]] bool has(const Record& row) const;

    /// The column's value then; null where there was none. A day of ending that lay ahead is null.
    [[nodiscard]] const cel::Value& value(const Record& row, std::size_t column) const;

    /// The day on which the row's event took place; where the table has no such column, or it is
    /// empty, the day on which the row was recorded.
    [[nodiscard]] Date day_of(const Record& row) const;

    [[nodiscard]] const rules::TableSchema& schema() const { return *schema_; }

private:
    const rules::TableSchema* schema_;
    Date as_of_;
    std::optional<std::size_t> happened_;
    std::optional<std::size_t> ended_;
};

/// The value that a column of the account had on that day; null where it had none, and where the
/// account's history does not reach back so far and the column is not timeless.
[[nodiscard]] const cel::Value& account_value_as_of(
    const AccountRecords& records,
    const rules::TableSchema& accounts,
    std::size_t column,
    Date as_of
);

/// A civil day as expressions see it: its midnight in UTC.
[[nodiscard]] cel::Value to_value(Date date);

/// The day of a timestamp; nothing for any other value.
[[nodiscard]] std::optional<Date> to_date(const cel::Value& value);

} // namespace reviewd::engine
