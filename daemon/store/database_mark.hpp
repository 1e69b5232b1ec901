#pragma once

#include "scoring/base/result.hpp"

#include <filesystem>

namespace reviewd::store {

/// The file beside `database` that says that there was one: `reviewd.made`. Whether the directory is
/// there says nothing, for a service manager makes it anew each time.
[[nodiscard]] std::filesystem::path database_mark(const std::filesystem::path& database);

/// Whether the file is there and not empty: SQLite takes one without bytes for a new database.
[[nodiscard]] bool has_bytes(const std::filesystem::path& file);

/// Whether `database` may be begun anew where it is missing or has no bytes: not if one was in use
/// here, or if a log with transactions lies beside it, which SQLite would throw away. A first start
/// that was interrupted leaves neither.
/// @errors `bad_data` when a database is lost; nothing was touched
[[nodiscard]] Result<void> check_not_lost(const std::filesystem::path& database);

/// Leaves the mark beside a database that has its tables. Without room for it the next opening
/// tries again: the mark is for later, and what is here now is whole.
void mark_as_made(const std::filesystem::path& database);

} // namespace reviewd::store
