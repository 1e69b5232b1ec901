#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

namespace reviewd::store {

/// Marker: the number from which rows are numbered that links and calendars outside name. Only a
/// restore sets it, beyond all that were given since the backup was made.
inline constexpr std::string_view first_id_marker = "ids.first";

/// An expression for the id of a new row of the table: NULL, for which SQLite takes the next one,
/// in a database that was never restored.
[[nodiscard]] inline std::string next_id(std::string_view table) {
    return fmt::format(
        "(SELECT max(CAST(value AS INTEGER), ifnull((SELECT max(id) FROM {}), 0) + 1)"
        " FROM markers WHERE name = '{}')",
        table,
        first_id_marker
    );
}

} // namespace reviewd::store
