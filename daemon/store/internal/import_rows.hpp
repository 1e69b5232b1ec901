#pragma once

#include "daemon/store/imports.hpp"
#include "daemon/store/internal/statement.hpp"
#include "daemon/store/sources.hpp"

#include <string_view>

namespace reviewd::store {

/// Rows of one transaction of the work after an import.
inline constexpr int rows_per_step = 1000;

/// The imports that are not at their end, a few whatever the number of those that are. As their
/// index imports_unfinished has it, which is used only where its condition stands.
inline constexpr std::string_view is_unfinished =
    "state IN ('staging', 'held', 'applying', 'dropping')";

/// Seven columns from `first` on, in the order of ImportCounts.
[[nodiscard]] ImportCounts read_counts(const Query& query, int first);

/// Makes a staged import visible; the caller's transaction. @pre its vanished rows are staged
void flip(Database& database, ImportId import, TimePoint now);

} // namespace reviewd::store
