#include "daemon/store/transaction.hpp"

#include "daemon/store/internal/implementation.hpp"
#include "scoring/base/assert.hpp"

namespace reviewd::store {
namespace {

/// Another one whenever something was committed to the file, by this connection or by another.
std::uint32_t version_of(Connection::Implementation& connection) {
    std::uint32_t version = 0;
    const int code =
        sqlite3_file_control(connection.handle(), "main", SQLITE_FCNTL_DATA_VERSION, &version);
    REVIEWD_ASSERT(code == SQLITE_OK);
    return version;
}

void check_instance(Connection::Implementation& connection) {
    if (connection.own_version == version_of(connection)) {
        return; // nobody has written since our last transaction
    }
    Query query{connection, "SELECT instance_id FROM instance WHERE id = 1"};
    if (!query.step() || query->text_view(0) != connection.instance_id) {
        connection.is_lost = true;
        throw StorageLost("another process has opened the database for writing; reviewd must stop");
    }
}

} // namespace

Transaction::Transaction(Database& database)
    : database_(database), depth_(database.implementation().depth) {
    Connection::Implementation& connection = database_.implementation();
    connection.check_use();
    if (depth_ > 0) {
        Query{connection, "SAVEPOINT nested"}.run();
        ++connection.depth;
        return;
    }
    Query{connection, "BEGIN IMMEDIATE"}.run();
    ++connection.depth;
    try {
        check_instance(connection);
    } catch (...) {
        connection.depth = 0;
        connection.roll_back();
        throw;
    }
}

Transaction::~Transaction() {
    if (!is_open_) {
        return;
    }
    Connection::Implementation& connection = database_.implementation();
    REVIEWD_ASSERT(connection.depth == depth_ + 1);
    connection.depth = depth_;
    if (depth_ == 0) {
        connection.roll_back();
        return;
    }
    // The whole transaction may be gone already, and its savepoints with it.
    if (sqlite3_get_autocommit(connection.handle()) == 0
        && sqlite3_exec(
               connection.handle(), "ROLLBACK TO nested; RELEASE nested", nullptr, nullptr, nullptr
           ) != SQLITE_OK) {
        connection.is_lost = true; // what was half done is not to be committed with the rest
    }
}

void Transaction::commit() {
    Connection::Implementation& connection = database_.implementation();
    REVIEWD_ASSERT(is_open_ && connection.depth == depth_ + 1);
    connection.check_use();
    if (depth_ > 0) {
        Query{connection, "RELEASE nested"}.run();
    } else {
        Query{connection, "COMMIT"}.run();
    }
    // On an exception the destructor rolls back.
    is_open_ = false;
    connection.depth = depth_;
    if (depth_ == 0) {
        connection.own_version = version_of(connection);
        connection.keep_log_short();
    }
}

} // namespace reviewd::store
