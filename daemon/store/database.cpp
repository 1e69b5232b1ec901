// Opening goes from harmless to binding: look whether the file is ours and not too new, then set
// what only this connection sees, then what the file keeps (write-ahead log, schema, instance id).
#include "daemon/store/database.hpp"

#include "daemon/store/database_mark.hpp"
#include "daemon/store/errors.hpp"
#include "daemon/store/internal/copy.hpp"
#include "daemon/store/internal/implementation.hpp"
#include "daemon/store/internal/migration.hpp"
#include "daemon/store/ownership.hpp"
#include "daemon/store/restore.hpp"
#include "scoring/base/assert.hpp"

#include <SQLiteCpp/Exception.h>
#include <fmt/core.h>

#include <array>
#include <filesystem>
#include <utility>

namespace reviewd::store {
namespace {

std::string make_instance_id() {
    std::array<unsigned char, 16> bytes{};
    sqlite3_randomness(static_cast<int>(bytes.size()), bytes.data());
    std::string id;
    for (const unsigned char byte : bytes) {
        id += fmt::format("{:02x}", byte);
    }
    return id;
}

bool has_no_pages(Connection::Implementation& connection) {
    const Query query{connection, "PRAGMA page_count"};
    return query->step() && query->integer(0) == 0;
}

std::int64_t version_of(Connection::Implementation& connection) {
    const Query query{connection, "PRAGMA user_version"};
    return query->step() ? query->integer(0) : 0;
}

/// Before the schema changes: a checked copy beside the database, for the way back. Only the last
/// one is kept.
Result<void> keep_old_version(Connection::Implementation& connection) {
    namespace fs = std::filesystem;
    const std::int64_t version = version_of(connection);
    const fs::path directory = fs::path{connection.database.getFilename()}.parent_path();
    const fs::path finished = directory / fmt::format("before-upgrade-from-{}.db", version);
    const fs::path begun = directory / "before-upgrade.new";
    std::error_code problem;
    fs::remove(begun, problem);
    const Result<CopyFacts> copied = copy_connection(connection, begun, {});
    if (copied.has_error()) {
        return fail(
            copied.error().code,
            fmt::format(
                "the database is not upgraded, because no backup of it could be made first: {}",
                copied.error().message
            )
        );
    }
    for (const fs::directory_entry& entry : fs::directory_iterator{directory, problem}) {
        const std::string name = entry.path().filename().string();
        if (name.rfind("before-upgrade-from-", 0) == 0 && entry.path() != finished) {
            fs::remove(entry.path(), problem);
        }
    }
    fs::rename(begun, finished, problem);
    if (problem) {
        return fail(
            ErrorCode::io_failed, fmt::format("{}: {}", finished.string(), problem.message())
        );
    }
    return sync_path(directory);
}

bool is_old(Connection::Implementation& connection) {
    const std::int64_t version = version_of(connection);
    return version >= 1 && version < newest_schema_version();
}

Result<void> prepare(Connection::Implementation& connection) {
    const std::size_t newest = schema_steps().size();
    if (Result<void> origin = check_origin(connection, newest); origin.has_error()) {
        return origin;
    }
    connection.is_new = version_of(connection) == 0;
    if (has_no_pages(connection)) {
        // Both can be chosen only before the first page is written. Pages of 8 KiB halve the calls
        // of a large import, which then takes a seventh less time; small transactions are bound by
        // their sync either way.
        connection.execute("PRAGMA page_size = 8192");
        connection.execute("PRAGMA auto_vacuum = INCREMENTAL");
    }
    const std::string wrong = configure(connection);
    if (!wrong.empty()) {
        return fail(
            ErrorCode::io_failed,
            fmt::format("SQLite {} does not keep its settings: {}", sqlite3_libversion(), wrong)
        );
    }
    if (is_old(connection)) {
        if (Result<void> kept = keep_old_version(connection); kept.has_error()) {
            return kept;
        }
    }
    if (Result<void> migrated = migrate(connection, schema_steps()); migrated.has_error()) {
        return migrated;
    }
    connection.prepare_undo();
    connection.instance_id = make_instance_id();
    connection.execute("BEGIN IMMEDIATE");
    Query{connection, "UPDATE instance SET instance_id = ?1 WHERE id = 1"}
        .bind(connection.instance_id)
        .run();
    connection.execute("COMMIT");
    return {};
}

} // namespace

Error describe_open_failure(const std::string& file, int code, std::string_view what) {
    if (code == SQLITE_IOERR_SHMSIZE) { // the log's index is a file as well, and found no room
        return describe_open_failure(file, SQLITE_FULL, sqlite3_errstr(SQLITE_FULL));
    }
    switch (code & 0xff) {
    case SQLITE_NOTADB:
        return fail(
            ErrorCode::bad_data,
            fmt::format("{} is not a database, or it is compressed or encrypted", file)
        );
    case SQLITE_CORRUPT:
        return fail(ErrorCode::bad_data, fmt::format("{} is a damaged database", file));
    case SQLITE_FULL:
    case SQLITE_BUSY:
    case SQLITE_NOMEM:
        return fail(ErrorCode::try_later, fmt::format("{}: {}", file, what));
    default:
        return fail(ErrorCode::io_failed, fmt::format("{}: {}", file, what));
    }
}

namespace {

// One thread at a time uses the connection (every use asserts it), so SQLite need not lock it.
constexpr int writer_flags =
    SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_EXRESCODE;

/// The database in use is of no use: what to do about it.
Error with_remedy(Error error) {
    if (error.code == ErrorCode::bad_data) {
        error.message += fmt::format("; {}", damage_remedy);
    }
    return error;
}

/// @param vfs null: SQLite's own
Result<std::unique_ptr<Database>> open_file(const std::string& file, int flags, const char* vfs) {
    std::unique_ptr<Connection::Implementation> connection;
    try {
        connection = std::make_unique<Connection::Implementation>(file, flags, Access::write, vfs);
        if (Result<void> prepared = prepare(*connection); prepared.has_error()) {
            return prepared.error();
        }
        return std::make_unique<Database>(std::move(connection));
    } catch (const SQLite::Exception& problem) {
        return with_remedy(describe_open_failure(file, problem.getErrorCode(), problem.what()));
    } catch (const StorageLost& problem) {
        const int code = sqlite3_extended_errcode(connection->handle());
        return with_remedy(describe_open_failure(file, code, problem.what()));
    } catch (const Failure& problem) {
        return problem.error();
    }
}

} // namespace

Result<std::unique_ptr<Database>> Database::open(const InstanceLock& lock, OpenMode mode) {
    const std::filesystem::path file = lock.database_file();
    std::error_code ignored;
    if (Result<void> may = check_access(file); may.has_error()) {
        return may.error();
    }
    if (std::filesystem::exists(unfinished_restore(file), ignored)) {
        return fail(
            ErrorCode::bad_data,
            fmt::format(
                "a restore of {} was interrupted; run `reviewctl restore FILE` again", file.string()
            )
        );
    }
    if (Result<void> kept = check_not_lost(file); kept.has_error()) {
        return kept.error();
    }
    if (mode == OpenMode::existing && !has_bytes(file)) {
        return fail(
            ErrorCode::not_found,
            fmt::format("there is no database {}; start reviewd once to create it", file.string())
        );
    }
    int flags = writer_flags;
    if (mode == OpenMode::create_if_missing) {
        flags |= SQLITE_OPEN_CREATE;
    }
    Result<std::unique_ptr<Database>> opened = open_file(file.string(), flags, nullptr);
    if (opened) {
        mark_as_made(file);
    }
    return opened;
}

Result<std::unique_ptr<Database>> Database::open_simulated(
    const std::string& file, const std::string& vfs
) {
    return open_file(file, writer_flags | SQLITE_OPEN_CREATE, vfs.c_str());
}

Database::Database(std::unique_ptr<Implementation> implementation)
    : Connection(std::move(implementation)) {}

Database::~Database() = default;

const std::string& Database::instance_id() const noexcept {
    return implementation().instance_id;
}

bool Database::is_new() const noexcept {
    return implementation().is_new;
}

int Database::schema_version() const noexcept {
    return implementation().schema_version;
}

std::int64_t Database::changes() const {
    return sqlite3_total_changes64(implementation().handle());
}

std::int64_t Database::delivery_changes() const noexcept {
    return implementation().delivery_changes;
}

std::optional<TimePoint> Database::last_seen() {
    const Query query{*this, "SELECT last_seen_ms FROM instance WHERE id = 1"};
    return query->step() ? query->optional_time(0) : std::nullopt;
}

void Database::remember_seen(TimePoint now) {
    require_transaction(*this);
    Query{
        *this,
        "UPDATE instance SET last_seen_ms = ?1"
        " WHERE id = 1 AND (last_seen_ms IS NULL OR last_seen_ms < ?1)"}
        .bind(now)
        .run();
}

std::string Database::check_settings() {
    return find_wrong_settings(implementation());
}

std::string Database::check_integrity() {
    std::string findings;
    Query query{*this, "PRAGMA integrity_check(20)"};
    while (query.step()) {
        findings += (findings.empty() ? "" : "; ") + query->text(0);
    }
    Query references{*this, "PRAGMA foreign_key_check"};
    if (references.step()) {
        findings += fmt::format(
            "; {} row {} refers to a missing row of {}",
            references->text_view(0),
            references->integer(1),
            references->text_view(2)
        );
    }
    return findings;
}

int newest_schema_version() noexcept {
    return static_cast<int>(schema_steps().size());
}

} // namespace reviewd::store
