// Staged changes are kept as a JSON array [recorded, column …, custom], so that a whole batch of
// them can be applied by a handful of statements without leaving SQLite.
#include "daemon/store/internal/table_sql.hpp"

#include "daemon/store/internal/next_id.hpp"

#include <fmt/core.h>

#include <array>
#include <string_view>
#include <utility>

namespace reviewd::store {
namespace {

constexpr std::string_view batch = "FROM import_changes AS change"
                                   " WHERE change.import_id = ?1 AND change.row_id <= ?2";

/// The staged value of the n-th stored column.
std::string staged(std::size_t column) {
    return fmt::format("json_extract(change.fields, '$[{}]')", column + 1);
}

std::string make_insert(const TableSql& sql, std::string_view table) {
    std::string names = "source_id, key, generation, content_hash, recorded";
    int parameters = 5;
    if (!sql.reference.empty()) {
        names += ", " + sql.reference;
        ++parameters;
    }
    for (const TableSql::StoredColumn& column : sql.columns) {
        names += ", " + as_identifier(column.name);
        ++parameters;
    }
    names += ", custom";
    ++parameters;
    std::string values;
    for (int index = 1; index <= parameters; ++index) {
        values += fmt::format("{}?{}", index == 1 ? "" : ", ", index);
    }
    if (sql.table == rules::Table::people) { // links and calendars of theirs are outside
        names += ", id";
        values += fmt::format(", {}", next_id("people"));
    }
    return fmt::format(
        "INSERT INTO {} ({}) VALUES ({}) ON CONFLICT (key, source_id) DO NOTHING",
        table,
        names,
        values
    );
}

std::string make_change(const TableSql& sql, std::string_view table) {
    std::string assignments = fmt::format(
        "content_hash = change.content_hash, retired = NULL,"
        " recorded = coalesce(json_extract(change.fields, '$[0]'), {}.recorded)",
        table
    );
    for (std::size_t index = 0; index < sql.columns.size(); ++index) {
        assignments +=
            fmt::format(", {} = {}", as_identifier(sql.columns[index].name), staged(index));
        if (sql.account == sql.columns[index].index) {
            // Another account: looked up when references are linked.
            assignments += fmt::format(
                ", account_id = iif({0}.account = {1}, {0}.account_id, NULL)", table, staged(index)
            );
        }
    }
    assignments += ", custom = " + staged(sql.columns.size());
    return fmt::format(
        "UPDATE {0} SET {1} {2} AND change.fields IS NOT NULL AND {0}.id = change.row_id",
        table,
        assignments,
        batch
    );
}

/// Former values of accounts: one statement for each stored column, two for the custom ones.
std::vector<std::string> make_history(const TableSql& sql) {
    constexpr std::string_view into = "INSERT OR IGNORE INTO account_history"
                                      " (account_id, until, column_name, former_value) ";
    constexpr std::string_view rows =
        "FROM import_changes AS change JOIN accounts AS old ON old.id = change.row_id";
    constexpr std::string_view chosen = "WHERE change.import_id = ?1 AND change.row_id <= ?2"
                                        " AND change.fields IS NOT NULL";
    std::vector<std::string> statements;
    for (std::size_t index = 0; index < sql.columns.size(); ++index) {
        const std::string& name = sql.columns[index].name;
        statements.push_back(fmt::format(
            "{}SELECT old.id, ?3, '{}', old.{} {} {} AND old.{} IS NOT {}",
            into,
            name,
            as_identifier(name),
            rows,
            chosen,
            as_identifier(name),
            staged(index)
        ));
    }
    const std::string custom = staged(sql.columns.size());
    statements.push_back(fmt::format(
        "{}SELECT old.id, ?3, former.key, former.value {}, json_each(old.custom) AS former {}"
        " AND former.value IS NOT (SELECT value FROM json_each({}) WHERE key = former.key)",
        into,
        rows,
        chosen,
        custom
    ));
    statements.push_back(fmt::format(
        "{}SELECT old.id, ?3, added.key, NULL {}, json_each({}) AS added {}"
        " AND NOT EXISTS (SELECT 1 FROM json_each(old.custom) WHERE key = added.key)",
        into,
        rows,
        custom,
        chosen
    ));
    return statements;
}

/// Whose rows an import adds, and whose it changes.
void find_accounts(TableSql& sql, std::string_view table) {
    const bool is_accounts = sql.table == rules::Table::accounts;
    if (!is_accounts && !sql.account) {
        return;
    }
    const std::string_view account = is_accounts ? "id" : "account_id";
    sql.accounts_of_added = fmt::format(
        "SELECT {0} FROM {1} WHERE id >= ?1 AND source_id = ?2 AND generation = ?3"
        " AND {0} IS NOT NULL",
        account,
        table
    );
    sql.accounts_of_changed = fmt::format(
        "SELECT {0} FROM {1} WHERE id IN (SELECT row_id {2}) AND {0} IS NOT NULL",
        account,
        table,
        batch
    );
}

void describe_columns(TableSql& sql, const rules::TableSchema& schema) {
    sql.built_in_count = schema.columns.size();
    for (std::size_t index = 0; index < schema.columns.size(); ++index) {
        const rules::Column& column = schema.columns[index];
        switch (column.role) {
        case rules::ColumnRole::key:
            sql.key = index;
            break;
        case rules::ColumnRole::recorded:
            sql.recorded = index;
            break;
        case rules::ColumnRole::account:
            sql.account = index;
            sql.reference = "account_id";
            [[fallthrough]];
        default:
            sql.columns.push_back({index, column.name, column.type});
        }
    }
    if (sql.table == rules::Table::accounts) {
        sql.reference = "owner_id";
    }
}

TableSql make_table_sql(const rules::TableSchema& schema) {
    TableSql sql;
    sql.table = schema.table;
    describe_columns(sql, schema);
    const std::string_view table = rules::name(schema.table);
    sql.insert = make_insert(sql, table);
    sql.find = fmt::format(
        "SELECT id, content_hash, retired, generation, {} FROM {} WHERE key = ?1 AND source_id = ?2",
        schema.table == rules::Table::accounts ? "merged_into" : "NULL",
        table
    );
    if (schema.table == rules::Table::accounts) {
        sql.keep_history = make_history(sql);
    }
    find_accounts(sql, table);
    sql.count_revived = fmt::format(
        "SELECT count(*) {} AND change.fields IS NOT NULL AND EXISTS"
        " (SELECT 1 FROM {} AS old WHERE old.id = change.row_id AND old.retired IS NOT NULL)",
        batch,
        table
    );
    sql.change = make_change(sql, table);
    sql.retire = fmt::format(
        "UPDATE {} SET retired = ?3 WHERE retired IS NULL AND id IN"
        " (SELECT row_id {} AND change.fields IS NULL)",
        table,
        batch
    );
    sql.remove = fmt::format(
        "DELETE FROM {0} WHERE id IN (SELECT id FROM {0} WHERE id >= ?1 AND source_id = ?2"
        " AND generation = ?3 ORDER BY id LIMIT ?4)",
        table
    );
    sql.newest_id = fmt::format("SELECT coalesce(max(id), 0) FROM {}", table);
    sql.list_active = fmt::format(
        "SELECT id FROM {} WHERE id > ?3 AND source_id = ?1 AND generation <= ?2"
        " AND retired IS NULL ORDER BY id LIMIT ?4",
        table
    );
    return sql;
}

} // namespace

std::string as_identifier(std::string_view name) {
    std::string quoted{'"'};
    quoted += name;
    quoted += '"';
    return quoted;
}

const TableSql& table_sql(rules::Table table) {
    static const std::array<TableSql, rules::table_count> all = [] {
        std::array<TableSql, rules::table_count> made;
        const rules::Schema schema = rules::built_in_schema();
        for (const rules::Table each : rules::all_tables()) {
            made[static_cast<std::size_t>(each)] = make_table_sql(schema[each]);
        }
        return made;
    }();
    return all[static_cast<std::size_t>(table)];
}

} // namespace reviewd::store
