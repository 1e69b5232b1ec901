#include "daemon/store/read_database.hpp"

#include "daemon/store/database.hpp"
#include "daemon/store/errors.hpp"
#include "daemon/store/internal/implementation.hpp"
#include "daemon/store/internal/migration.hpp"
#include "scoring/base/assert.hpp"

#include <SQLiteCpp/Exception.h>
#include <fmt/core.h>

#include <utility>

namespace reviewd::store {
namespace {

/// Virtual machine instructions between two questions whether the time is over: some 100 µs.
constexpr int instructions_between_questions = 10'000;

int begin_limit(unsigned /*event*/, void* context, void* /*statement*/, void* /*text*/) {
    auto& connection = *static_cast<Connection::Implementation*>(context);
    if (connection.depth == 0 && connection.begin_limit) {
        connection.is_over = connection.begin_limit();
    }
    return 0;
}

int ask_whether_over(void* context) {
    const auto& connection = *static_cast<Connection::Implementation*>(context);
    return connection.is_over && connection.is_over() ? 1 : 0;
}

Result<void> prepare(Connection::Implementation& connection) {
    const auto newest = static_cast<std::size_t>(newest_schema_version());
    if (Result<void> origin = check_origin(connection, newest); origin.has_error()) {
        return origin;
    }
    const Query version{connection, "PRAGMA user_version"};
    connection.schema_version = version->step() ? version->small_integer(0) : 0;
    if (connection.schema_version != newest_schema_version()) {
        return fail(
            ErrorCode::bad_data,
            fmt::format(
                "{} has schema version {} and must be brought to {} first; start reviewd once",
                connection.database.getFilename(),
                connection.schema_version,
                newest_schema_version()
            )
        );
    }
    if (const std::string wrong = configure(connection); !wrong.empty()) {
        return fail(
            ErrorCode::io_failed,
            fmt::format("SQLite {} does not keep its settings: {}", sqlite3_libversion(), wrong)
        );
    }
    connection.prepare_undo();
    return {};
}

} // namespace

Result<std::unique_ptr<ReadDatabase>> ReadDatabase::open(const std::filesystem::path& file) {
    std::error_code ignored;
    if (!std::filesystem::exists(file, ignored)) {
        return fail(ErrorCode::not_found, fmt::format("there is no database {}", file.string()));
    }
    std::unique_ptr<Implementation> connection;
    try {
        connection = std::make_unique<Implementation>(
            file.string(),
            SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW
                | SQLITE_OPEN_EXRESCODE,
            Access::read
        );
        if (Result<void> prepared = prepare(*connection); prepared.has_error()) {
            return prepared.error();
        }
        return std::make_unique<ReadDatabase>(std::move(connection));
    } catch (const SQLite::Exception& problem) {
        return describe_open_failure(file.string(), problem.getErrorCode(), problem.what());
    } catch (const StorageLost& problem) {
        const int code = sqlite3_extended_errcode(connection->handle());
        return describe_open_failure(file.string(), code, problem.what());
    } catch (const Failure& problem) {
        return problem.error();
    }
}

ReadDatabase::ReadDatabase(std::unique_ptr<Implementation> implementation)
    : Connection(std::move(implementation)) {}

ReadDatabase::~ReadDatabase() = default;

void ReadDatabase::limit_reads(std::function<Limit()> begin) {
    Implementation& connection = implementation();
    connection.check_use();
    connection.is_over = {};
    connection.begin_limit = std::move(begin);
    const bool is_limited = static_cast<bool>(connection.begin_limit);
    sqlite3_trace_v2(
        connection.handle(),
        is_limited ? SQLITE_TRACE_STMT : 0,
        is_limited ? &begin_limit : nullptr,
        &connection
    );
    sqlite3_progress_handler(
        connection.handle(),
        is_limited ? instructions_between_questions : 0,
        is_limited ? &ask_whether_over : nullptr,
        &connection
    );
}

Snapshot::Snapshot(Connection& connection) : connection_(connection) {
    REVIEWD_ASSERT(!connection.is_in_transaction());
    Connection::Implementation& implementation = connection_.implementation();
    implementation.check_use();
    implementation.execute("BEGIN DEFERRED");
    ++implementation.depth;
}

Snapshot::~Snapshot() {
    Connection::Implementation& implementation = connection_.implementation();
    --implementation.depth;
    implementation.roll_back();
}

} // namespace reviewd::store
