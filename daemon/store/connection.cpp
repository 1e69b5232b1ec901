#include "daemon/store/connection.hpp"

#include "daemon/store/errors.hpp"
#include "daemon/store/internal/folded.hpp"
#include "daemon/store/internal/implementation.hpp"
#include "daemon/store/sqlite_log.hpp"
#include "scoring/base/assert.hpp"

#include <fmt/core.h>

#include <string_view>
#include <utility>

namespace reviewd::store {

namespace {

constexpr int busy_timeout_ms = 5000;
constexpr int reader_patience_ms = 100;
/// After readers were not waited for, the log may grow by this much before they are again.
constexpr std::int64_t log_bytes_step = 4LL << 20;

/// SQLite calls it for each row that is written, whatever statement writes it.
void count_delivery(void* count, int, const char*, const char* table, sqlite3_int64) {
    if (std::string_view{table} == "deliveries") {
        ++*static_cast<std::int64_t*>(count);
    }
}

} // namespace

Connection::Connection(std::unique_ptr<Implementation> implementation)
    : implementation_(std::move(implementation)) {}

Connection::~Connection() {
    if (implementation_->is_lost) {
        // Closing must not checkpoint what may or may not be on the disk: a new process will see.
        sqlite3_db_config(implementation_->handle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    }
}

bool Connection::is_writer() const noexcept {
    return implementation_->access == Access::write;
}

bool Connection::is_in_transaction() const noexcept {
    return implementation_->depth > 0;
}

void Connection::move_to_this_thread() noexcept {
    implementation_->thread = std::this_thread::get_id();
}

Connection::Implementation& Connection::implementation() noexcept {
    return *implementation_;
}

const Connection::Implementation& Connection::implementation() const noexcept {
    return *implementation_;
}

Connection::Implementation::Implementation(
    const std::string& file, int flags, Access how, const char* vfs
)
    : database(file, flags, busy_timeout_ms, vfs == nullptr ? "" : vfs), access(how) {
    sqlite3_extended_result_codes(handle(), 1);
    if (access == Access::write) {
        sqlite3_update_hook(handle(), &count_delivery, &delivery_changes);
    }
    add_folded(handle());
    prepare_undo();
}

void Connection::Implementation::prepare_undo() {
    undo = std::make_unique<Statement>(*this, "ROLLBACK");
}

void Connection::Implementation::check_use() const {
    REVIEWD_ASSERT(thread == std::this_thread::get_id());
    if (is_lost) {
        throw StorageLost("the database failed earlier and is not used any more; restart reviewd");
    }
}

void Connection::Implementation::raise(int code, std::string_view what) {
    if (code == SQLITE_IOERR_SHMSIZE) { // the log's index is a file as well, and found no room
        raise(SQLITE_FULL, sqlite3_errstr(SQLITE_FULL));
    }
    const std::string message =
        fmt::format("database {}: {} (SQLite {})", database.getFilename(), what, code);
    switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        throw StorageBusy(message);
    case SQLITE_INTERRUPT:
        throw StorageBusy("the query took too long and was ended");
    case SQLITE_FULL:
    case SQLITE_NOMEM:
    case SQLITE_READONLY:
        throw StorageFull(message);
    case SQLITE_IOERR:
        if (code == SQLITE_IOERR_NOMEM) {
            throw StorageFull(message);
        }
        [[fallthrough]];
    case SQLITE_PROTOCOL:
    case SQLITE_CANTOPEN:
        is_lost = true;
        throw StorageLost(message);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        is_lost = true;
        throw StorageLost(fmt::format("{}; {}", message, damage_remedy));
    default:
        throw Failure(Error{ErrorCode::internal, message});
    }
}

void Connection::Implementation::execute(const char* sql) {
    const int code = sqlite3_exec(handle(), sql, nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) {
        raise(sqlite3_extended_errcode(handle()), sqlite3_errmsg(handle()));
    }
}

void Connection::Implementation::roll_back() {
    // SQLite rolls back by itself on a full disk and some I/O errors; then there is nothing to
    // undo. After an I/O error nothing is written in place any more, and so nothing undone.
    if (is_lost || sqlite3_get_autocommit(handle()) != 0) {
        return;
    }
    try {
        undo->step();
    } catch (const std::exception&) { // what it was is said by what made it necessary
        is_lost = is_lost || sqlite3_get_autocommit(handle()) == 0;
    }
    undo->restart();
}

void Connection::Implementation::keep_log_short() {
    sqlite3_file* log = nullptr;
    sqlite3_int64 size = 0;
    sqlite3_file_control(handle(), "main", SQLITE_FCNTL_JOURNAL_POINTER, &log);
    if (log == nullptr || log->pMethods == nullptr
        || log->pMethods->xFileSize(log, &size) != SQLITE_OK || size < log_bytes_borne) {
        return;
    }
    // What was committed is safe in the log: a checkpoint that fails is tried again, and says so.
    sqlite3_busy_timeout(handle(), reader_patience_ms);
    const int code =
        sqlite3_wal_checkpoint_v2(handle(), nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
    sqlite3_busy_timeout(handle(), busy_timeout_ms);
    log_bytes_borne = code == SQLITE_OK ? log_bytes_most : size + log_bytes_step;
}

void require_transaction(Connection& connection) {
    REVIEWD_ASSERT(connection.is_writer());
    REVIEWD_ASSERT(connection.is_in_transaction());
}

void set_sqlite_log(SqliteLog log) {
    // SQLite keeps the pointer for the life of the process, and so do we.
    static SqliteLog kept;
    kept = std::move(log);
    const auto forward = [](void*, int code, const char* message) {
        if (kept) {
            kept(code, message);
        }
    };
    void (*const callback)(void*, int, const char*) = forward;
    REVIEWD_ASSERT(sqlite3_config(SQLITE_CONFIG_LOG, callback, nullptr) == SQLITE_OK);
}

std::string_view sqlite_version() noexcept {
    return sqlite3_libversion();
}

} // namespace reviewd::store
