// Statements are prepared once and kept by their text. A Query takes one out of the store while it
// is in use, so that a nested use of the same text gets a statement of its own.
#include "daemon/store/internal/statement.hpp"

#include "daemon/store/internal/implementation.hpp"
#include "scoring/base/assert.hpp"

#include <utility>

namespace reviewd::store {

Statement::Statement(Connection::Implementation& connection, std::string_view sql)
    : connection_(connection) {
    const int code = sqlite3_prepare_v3(
        connection.handle(),
        sql.data(),
        static_cast<int>(sql.size()),
        SQLITE_PREPARE_PERSISTENT,
        &statement_,
        nullptr
    );
    if (code != SQLITE_OK) {
        connection.raise(sqlite3_extended_errcode(connection.handle()), sql);
    }
}

Statement::~Statement() {
    sqlite3_finalize(statement_);
}

void Statement::bind(int index, std::nullptr_t) {
    check(sqlite3_bind_null(statement_, index));
}

void Statement::bind(int index, double value) {
    check(sqlite3_bind_double(statement_, index, value));
}

void Statement::bind(int index, std::string_view text) {
    // An empty view may have no data at all, and a null pointer would bind NULL.
    const char* data = text.data() == nullptr ? "" : text.data();
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-cstyle-cast): SQLite's own constant
    check(
        sqlite3_bind_text(statement_, index, data, static_cast<int>(text.size()), SQLITE_TRANSIENT)
    );
}

void Statement::bind_static(int index, std::string_view text) {
    const char* data = text.data() == nullptr ? "" : text.data();
    check(sqlite3_bind_text(statement_, index, data, static_cast<int>(text.size()), SQLITE_STATIC));
}

void Statement::bind_integer(int index, std::int64_t value) {
    check(sqlite3_bind_int64(statement_, index, value));
}

bool Statement::step() {
    const int code = sqlite3_step(statement_);
    if (code == SQLITE_ROW) {
        return true;
    }
    if (code == SQLITE_DONE) {
        return false;
    }
    // The error is the statement's: name it before the reset clears the connection's.
    const int extended = sqlite3_extended_errcode(connection_.handle());
    const std::string what = sqlite3_errmsg(connection_.handle());
    sqlite3_reset(statement_);
    connection_.raise(extended, what);
}

void Statement::reset() noexcept {
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_);
}

void Statement::restart() noexcept {
    sqlite3_reset(statement_);
}

bool Statement::is_null(int column) const {
    return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

std::int64_t Statement::integer(int column) const {
    return sqlite3_column_int64(statement_, column);
}

double Statement::number(int column) const {
    return sqlite3_column_double(statement_, column);
}

std::string_view Statement::text_view(int column) const {
    const void* data = sqlite3_column_text(statement_, column);
    if (data == nullptr) {
        return {};
    }
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
    return {static_cast<const char*>(data), size};
}

std::optional<Date> Statement::optional_date(int column) const {
    return is_null(column) ? std::nullopt : std::optional{date(column)};
}

std::optional<TimePoint> Statement::optional_time(int column) const {
    return is_null(column) ? std::nullopt : std::optional{time(column)};
}

int Statement::type(int column) const {
    return sqlite3_column_type(statement_, column);
}

void Statement::check(int code) {
    if (code != SQLITE_OK) {
        connection_.raise(code, sqlite3_errmsg(connection_.handle()));
    }
}

Query::Query(Connection& connection, std::string_view sql)
    : Query(connection.implementation(), sql) {}

Query::Query(Connection::Implementation& connection, std::string_view sql)
    : connection_(connection) {
    connection.check_use();
    auto kept = connection.statements.find(sql);
    if (kept == connection.statements.end()) {
        kept = connection.statements.emplace(sql, nullptr).first;
    }
    place_ = &kept->second; // stays where it is, whatever is added
    statement_ = std::move(kept->second);
    if (!statement_) {
        statement_ = std::make_unique<Statement>(connection, sql);
    }
}

Query::~Query() {
    statement_->reset();
    if (!*place_) {
        *place_ = std::move(statement_);
    }
}

int Query::run() {
    while (statement_->step()) {
    }
    const int changed = sqlite3_changes(connection_.handle());
    statement_->reset();
    return changed;
}

std::int64_t Query::insert() {
    return run() == 0 ? 0 : sqlite3_last_insert_rowid(connection_.handle());
}

} // namespace reviewd::store
