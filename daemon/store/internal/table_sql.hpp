#pragma once

#include "scoring/rules/table.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace reviewd::store {

/// The statements about one portfolio table. Their only identifiers are those of
/// rules::built_in_schema(), a constant: nothing that a person writes becomes SQL.
struct TableSql {
    /// Built-in columns that have an SQL column of their own name, in the schema's order; `key` and
    /// `recorded` are bookkeeping columns and not among them.
    struct StoredColumn {
        std::size_t index = 0; ///< in the TableSchema
        std::string name;
        rules::ColumnType type = rules::ColumnType::text;
    };
    rules::Table table = rules::Table::accounts;
    std::vector<StoredColumn> columns;
    std::size_t built_in_count = 0; ///< columns of the schema that are built in
    std::size_t key = 0;
    std::optional<std::size_t> account;  ///< index of the column with the account's key
    std::optional<std::size_t> recorded; ///< index of the mapped `recorded` column

    std::string reference; ///< "account_id", "owner_id" or empty
    /// source_id, key, generation, content_hash, recorded, [reference], columns …, custom
    std::string insert;
    /// ?1 key, ?2 source -> id, content_hash, retired, generation
    std::string find;
    /// ?1 first id, ?2 source, ?3 generation -> accounts of the rows that an import added; empty
    /// where rows belong to none
    std::string accounts_of_added;
    /// ?1 import, ?2 the last row id of the batch -> accounts of the rows that it changes; likewise
    std::string accounts_of_changed;
    /// What continue_some does with ?1 import, ?2 the last row id of the batch, ?3 day.
    std::vector<std::string> keep_history; ///< accounts only
    std::string count_revived;
    std::string change;
    std::string retire;
    /// ?1 first id, ?2 source, ?3 generation, ?4 limit
    std::string remove;
    std::string newest_id;
    /// ?1 source, ?2 generation, ?3 after id, ?4 limit -> id of visible active rows
    std::string list_active;
};

[[nodiscard]] const TableSql& table_sql(rules::Table table);

/// `name` as an SQL identifier.
[[nodiscard]] std::string as_identifier(std::string_view name);

} // namespace reviewd::store
