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

/// The built-in columns only:
/// people       key, name*, email, manager (key of a person), zone, language, region
/// products     key, name*, category, price (money), lifetime_months (integer)
/// accounts     key, name*, owner (key of a person), parent (key of an account), segment, size,
/// region, language,
///              budget (money), vip (boolean), since (date)
/// contacts     key, account*, name*, role, phone, email, language
/// purchases    key, account*, product*, date* (happened), amount (money), quantity (integer),
/// sold_by (key of a person),
///              recorded
/// contracts    key, account*, product, kind, start (date), end (date), amount (money), recorded
/// tickets      key, account*, product, kind, title, severity, opened* (happened), closed (ended),
/// fix, recorded interactions key, account*, contact, kind, date* (happened), person, note,
/// recorded
/// (* required)
[[nodiscard]] Schema built_in_schema();

[[nodiscard]] std::string_view name(Table table);
[[nodiscard]] std::optional<Table> find_table(std::string_view name);
[[nodiscard]] std::span<const Table> all_tables();

/// money and number are CEL doubles, a date is a timestamp at midnight UTC.
[[nodiscard]] cel::Type cel_type(ColumnType type);

/// What an expression over one row may name: the columns, by index, then `today`.
[[nodiscard]] cel::Environment row_environment(const TableSchema& schema);

} // namespace reviewd::rules
