#pragma once

#include "daemon/store/connection.hpp"
#include "daemon/store/internal/changed_accounts.hpp"
#include "daemon/store/internal/statement.hpp"
#include "scoring/base/id.hpp"
#include "scoring/base/result.hpp"

#include <SQLiteCpp/Database.h>

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <thread>

namespace reviewd::store {

enum class Access { write, read };

/// What to do about a database that is damaged.
inline constexpr std::string_view damage_remedy =
    "put the newest backup in its place: `reviewctl restore FILE` keeps what is there now";

/// More than an import lets it have, less than the 64 MiB that it keeps at most.
inline constexpr std::int64_t log_bytes_most = 40LL << 20;

struct Connection::Implementation {
    /// @param vfs name of an SQLite VFS; null: its own
    Implementation(const std::string& file, int flags, Access how, const char* vfs = nullptr);

    [[nodiscard]] sqlite3* handle() const { return database.getHandle(); }

    /// Every use of the connection passes here.
    void check_use() const;

    /// Throws what `code` (an extended result code) means: see errors.hpp.
    [[noreturn]] void raise(int code, std::string_view what);

    /// Runs statements without results or parameters.
    void execute(const char* sql);

    /// Undoes the open transaction, if SQLite has not done so already.
    void roll_back();
    /// Prepares what roll_back needs while there is memory for it. To be done again after settings
    /// or definitions were changed: SQLite prepares each statement anew at its next use then.
    void prepare_undo();

    /// After a commit: empties a write-ahead log that readers have kept from starting again. Waits
    /// for them a moment at most, and leaves it to a later commit when they take longer.
    void keep_log_short();

    SQLite::Database database;
    Access access;
    std::thread::id thread = std::this_thread::get_id();
    bool is_lost = false;
    std::int64_t log_bytes_borne = log_bytes_most; ///< keep_log_short does nothing below
    int depth = 0;                                 ///< open Transactions and Snapshots
    std::string instance_id;
    /// Of the file after our last transaction, which had found our instance id in it.
    std::optional<std::uint32_t> own_version;
    int schema_version = 0;
    bool is_new = false; ///< it had no tables when it was opened
    std::function<std::function<bool()>()> begin_limit; ///< of a reader; empty: no limit
    std::function<bool()> is_over;                      ///< the limit of what is read now
    /// Prepared once; those lent to a Query are missing here. Destroyed before `database`.
    Statements statements;
    /// ROLLBACK, which has to be done also when there is no memory left.
    std::unique_ptr<Statement> undo;
    /// Accounts whose reviews were written since somebody asked; perhaps rolled back again.
    std::set<AccountId> reviewed;
    /// Accounts whose rows imports changed since somebody asked; perhaps rolled back again.
    ChangedAccounts imported;
    /// Rows of the outbox written so far; perhaps rolled back again.
    std::int64_t delivery_changes = 0;
};

/// Sets limits, db_config and pragmas, and reads them back.
/// @returns what does not have its value; empty when all is well
[[nodiscard]] std::string configure(Connection::Implementation& connection);
[[nodiscard]] std::string find_wrong_settings(Connection::Implementation& connection);

/// Takes the shape of an expected failure for what went wrong while opening.
[[nodiscard]] Error describe_open_failure(const std::string& file, int code, std::string_view what);

/// @pre the connection is the writer, inside a Transaction
void require_transaction(Connection& connection);

} // namespace reviewd::store
