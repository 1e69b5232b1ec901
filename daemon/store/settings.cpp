// Every setting of a connection is one line of a table: set, read back, compared. A build of SQLite
// that ignores one of them must not be trusted with the data.
#include "daemon/store/internal/implementation.hpp"

#include <fmt/core.h>

#include <array>
#include <string>

namespace reviewd::store {
namespace {

struct Pragma {
    const char* name;
    const char* set; ///< null: only compared
    std::string_view expected;
    bool is_for_writer_only = false;
};

constexpr std::array pragmas{
    Pragma{"journal_mode", "PRAGMA journal_mode = WAL", "wal", true},
    Pragma{"synchronous", "PRAGMA synchronous = FULL", "2"},
    Pragma{"foreign_keys", "PRAGMA foreign_keys = ON", "1"},
    Pragma{"trusted_schema", "PRAGMA trusted_schema = OFF", "0"},
    Pragma{"cell_size_check", "PRAGMA cell_size_check = ON", "1"},
    Pragma{"mmap_size", "PRAGMA mmap_size = 0", "0"},
    Pragma{"wal_autocheckpoint", "PRAGMA wal_autocheckpoint = 1000", "1000", true},
    Pragma{"journal_size_limit", "PRAGMA journal_size_limit = 67108864", "67108864", true},
    Pragma{"temp_store", "PRAGMA temp_store = MEMORY", "2"},
    Pragma{"secure_delete", "PRAGMA secure_delete = ON", "1", true},
    Pragma{"locking_mode", "PRAGMA locking_mode = NORMAL", "normal"},
    Pragma{"busy_timeout", "PRAGMA busy_timeout = 5000", "5000"},
};

struct Switch {
    const char* name;
    int option;
    int expected;
};

constexpr std::array switches{
    Switch{"DEFENSIVE", SQLITE_DBCONFIG_DEFENSIVE, 1},
    Switch{"ENABLE_LOAD_EXTENSION", SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0},
    Switch{"ENABLE_TRIGGER", SQLITE_DBCONFIG_ENABLE_TRIGGER, 0},
    Switch{"ENABLE_VIEW", SQLITE_DBCONFIG_ENABLE_VIEW, 0},
    Switch{"DQS_DML", SQLITE_DBCONFIG_DQS_DML, 0},
    Switch{"DQS_DDL", SQLITE_DBCONFIG_DQS_DDL, 0},
    Switch{"TRUSTED_SCHEMA", SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
    Switch{"WRITABLE_SCHEMA", SQLITE_DBCONFIG_WRITABLE_SCHEMA, 0},
};

struct Limit {
    const char* name;
    int limit;
    int expected;
};

constexpr std::array limits{
    Limit{"LENGTH", SQLITE_LIMIT_LENGTH, 1'000'000},
    Limit{"SQL_LENGTH", SQLITE_LIMIT_SQL_LENGTH, 100'000},
    Limit{"ATTACHED", SQLITE_LIMIT_ATTACHED, 0},
    Limit{"VARIABLE_NUMBER", SQLITE_LIMIT_VARIABLE_NUMBER, 999},
    Limit{"LIKE_PATTERN_LENGTH", SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 50},
};

std::string read_pragma(Connection::Implementation& connection, const char* name) {
    const std::string sql = std::string{"PRAGMA "} + name; // outlives the query, which refers to it
    const Query query{connection, sql};
    return query->step() ? query->text(0) : std::string{};
}

void compare(
    std::string& wrong, std::string_view name, std::string_view expected, std::string_view found
) {
    if (expected != found) {
        wrong += fmt::format(
            "{}{} is {} instead of {}", wrong.empty() ? "" : ", ", name, found, expected
        );
    }
}

} // namespace

std::string configure(Connection::Implementation& connection) {
    for (const Limit& limit : limits) {
        sqlite3_limit(connection.handle(), limit.limit, limit.expected);
    }
    for (const Switch& change : switches) {
        sqlite3_db_config(connection.handle(), change.option, change.expected, nullptr);
    }
    for (const Pragma& pragma : pragmas) {
        if (connection.access == Access::write || !pragma.is_for_writer_only) {
            connection.execute(pragma.set);
        }
    }
    if (connection.access == Access::read) {
        connection.execute("PRAGMA query_only = ON");
    }
    return find_wrong_settings(connection);
}

std::string find_wrong_settings(Connection::Implementation& connection) {
    std::string wrong;
    for (const Pragma& pragma : pragmas) {
        if (connection.access == Access::write || !pragma.is_for_writer_only) {
            compare(wrong, pragma.name, pragma.expected, read_pragma(connection, pragma.name));
        }
    }
    for (const Switch& change : switches) {
        int value = -1;
        sqlite3_db_config(connection.handle(), change.option, -1, &value);
        compare(wrong, change.name, fmt::format("{}", change.expected), fmt::format("{}", value));
    }
    for (const Limit& limit : limits) {
        const int value = sqlite3_limit(connection.handle(), limit.limit, -1);
        compare(wrong, limit.name, fmt::format("{}", limit.expected), fmt::format("{}", value));
    }
    if (connection.access == Access::read) {
        compare(wrong, "query_only", "1", read_pragma(connection, "query_only"));
    }
    return wrong;
}

} // namespace reviewd::store
