#include "daemon/store/internal/migration.hpp"

#include "daemon/store/errors.hpp"
#include "scoring/base/assert.hpp"

#include <fmt/core.h>

#include <string>

namespace reviewd::store {
namespace {

std::int64_t read_number(Connection::Implementation& connection, std::string_view sql) {
    const Query query{connection, sql};
    return query->step() ? query->integer(0) : 0;
}

std::size_t read_version(Connection::Implementation& connection) {
    return static_cast<std::size_t>(read_number(connection, "PRAGMA user_version"));
}

bool is_empty(Connection::Implementation& connection) {
    return read_number(connection, "PRAGMA application_id") == 0
           && read_number(connection, "PRAGMA user_version") == 0
           && read_number(connection, "SELECT count(*) FROM sqlite_schema") == 0;
}

/// All steps or none. An upgrade that ended between two of them would begin again with a copy of
/// what no release ever was, in the place of the copy that is there for the way back.
void apply(
    Connection::Implementation& connection, std::span<const SchemaStep> steps, std::size_t version
) {
    const Definable definable{connection};
    connection.execute("BEGIN IMMEDIATE");
    try {
        connection.execute(fmt::format("PRAGMA application_id = {}", application_id).c_str());
        for (const SchemaStep& step : steps) {
            connection.execute(std::string{step.sql}.c_str());
        }
        connection.execute(fmt::format("PRAGMA user_version = {}", version).c_str());
        connection.execute("COMMIT");
    } catch (...) {
        connection.roll_back();
        throw;
    }
}

} // namespace

Definable::Definable(Connection::Implementation& connection) : connection_(connection) {
    set_defensive(0);
}

Definable::~Definable() {
    set_defensive(1);
}

void Definable::set_defensive(int value) {
    const int code =
        sqlite3_db_config(connection_.handle(), SQLITE_DBCONFIG_DEFENSIVE, value, nullptr);
    REVIEWD_ASSERT(code == SQLITE_OK);
}

Result<void> check_origin(Connection::Implementation& connection, std::size_t newest_version) {
    if (is_empty(connection)) {
        return {};
    }
    if (read_number(connection, "PRAGMA application_id") != application_id) {
        return fail(
            ErrorCode::bad_data,
            fmt::format(
                "{} is a database of another program, not a database of reviewd",
                connection.database.getFilename()
            )
        );
    }
    const std::size_t version = read_version(connection);
    if (version > newest_version) {
        return fail(
            ErrorCode::bad_data,
            fmt::format(
                "{} has schema version {}, this reviewd knows versions up to {}; install the "
                "newer reviewd again, or restore a backup made before the upgrade",
                connection.database.getFilename(),
                version,
                newest_version
            )
        );
    }
    return {};
}

Result<void> migrate(Connection::Implementation& connection, std::span<const SchemaStep> steps) {
    if (Result<void> origin = check_origin(connection, steps.size()); origin.has_error()) {
        return origin;
    }
    const std::size_t version = read_version(connection);
    if (version < steps.size()) {
        apply(connection, steps.subspan(version), steps.size());
    }
    connection.schema_version = static_cast<int>(read_version(connection));
    return {};
}

} // namespace reviewd::store
