#pragma once

// scoring/rules: what managers write, as values: tables and their columns, facts, rules, levels,
// cadences, triggers. Includes scoring/base and scoring/cel.

#include "scoring/cel/environment.hpp"

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace reviewd::rules {

/// The tables that sources fill. The order is the order of import: what is referred to comes first.
enum class Table {
    people,
    products,
    accounts,
    contacts,
    purchases,
    contracts,
    tickets,
    interactions
};

inline constexpr std::size_t table_count = 8;

enum class ColumnType { text, integer, number, money, date, boolean };

/// What a column means beside its value.
enum class ColumnRole {
    plain,
    key,      ///< the row's identity within its source; text
    account,  ///< key of the account it belongs to; text
    happened, ///< the day on which the row's event took place; a fact never looks past the day it
              ///< is asked for
    ended,    ///< the day of a later event (a ticket closed); as of an earlier day it is empty
    recorded, ///< the day on which it became known; not mapped: the day of the import
};

struct Column {
    std::string name;
    ColumnType type = ColumnType::text;
    ColumnRole role = ColumnRole::plain;
    bool is_required = false; ///< a row without it is a bad row
    bool is_custom = false;   ///< declared in configuration, not built in
    bool is_timeless = false; ///< accounts: takes part in a backtest although it has no history
};

/// The columns of one table: the built-in ones first, in a fixed order, then the custom ones in
/// order of declaration.
struct TableSchema {
    Table table = Table::accounts;
    std::vector<Column> columns;

    [[nodiscard]] std::optional<std::size_t> index_of(std::string_view column) const;
    /// Index of the first column of that role, if the table has one.
    [[nodiscard]] std::optional<std::size_t> index_of(ColumnRole role) const;
};

/// All tables, indexed by Table.
struct Schema {
    std::array<TableSchema, table_count> tables;

    [[nodiscard]] const TableSchema& operator[](Table table) const {
        return tables[static_cast<std::size_t>(table)];
    }
    [[nodiscard]] TableSchema& operator[](Table table) {
        return tables[static_cast<std::size_t>(table)];
    }
};

/// The built-in columns only, in the order in which the manual lists them.
[[nodiscard]] Schema built_in_schema();

/// What helps whoever named a column that the table does not have: the nearest one, or all.
/// @param otherwise what else they can do where none is near
[[nodiscard]] std::string hint_for_column(
    const TableSchema& schema, std::string_view word, std::string_view otherwise = {}
);

/// What a built-in column holds, in a few words for the manual. Empty for a column that is none.
[[nodiscard]] std::string_view meaning(Table table, std::string_view column);

[[nodiscard]] std::string_view name(Table table);
[[nodiscard]] std::string_view name(ColumnType type);
[[nodiscard]] std::optional<Table> find_table(std::string_view name);
[[nodiscard]] std::span<const Table> all_tables();

/// money and number are CEL doubles, a date is a timestamp at midnight UTC.
[[nodiscard]] cel::Type cel_type(ColumnType type);

/// What an expression over one row may name: the columns, by index, then `today`.
[[nodiscard]] cel::Environment row_environment(const TableSchema& schema);

} // namespace reviewd::rules
