#pragma once

#include <functional>
#include <string_view>

namespace reviewd::store {

/// Gets what SQLite itself has to say (a file that was unlinked or has two names, a recovered log,
/// a damaged page): its result code and one line of text. Called from any thread that uses SQLite.
using SqliteLog = std::function<void(int code, std::string_view message)>;

/// Call once, before the first connection of the process is opened.
/// @pre no connection was opened before
void set_sqlite_log(SqliteLog log);

/// "3.40.1"
[[nodiscard]] std::string_view sqlite_version() noexcept;

} // namespace reviewd::store
