// The built-in columns are one constant table; a column's index in its schema is its place there.
#include "scoring/rules/table.hpp"

#include "scoring/base/assert.hpp"
#include "scoring/base/text.hpp"

#include <algorithm>

namespace reviewd::rules {
namespace {

enum class Need { optional, required };

struct BuiltInColumn {
    Table table;
    std::string_view name;
    std::string_view meaning;
    ColumnType type = ColumnType::text;
    ColumnRole role = ColumnRole::plain;
    Need need = Need::optional;
};

constexpr BuiltInColumn needed_in(
    Table table,
    std::string_view name,
    std::string_view meaning,
    ColumnRole role = ColumnRole::plain
) {
    return {table, name, meaning, ColumnType::text, role, Need::required};
}

constexpr BuiltInColumn key_in(Table table, std::string_view meaning = "identity of the row") {
    return needed_in(table, "key", meaning, ColumnRole::key);
}

constexpr BuiltInColumn account_in(Table table) {
    return needed_in(table, "account", "key of the account", ColumnRole::account);
}

constexpr BuiltInColumn recorded_in(Table table) {
    constexpr std::string_view meaning =
        "day on which the row became known; empty: the day of its import";
    return {table, "recorded", meaning, ColumnType::date, ColumnRole::recorded};
}

constexpr std::array built_in_columns{
    key_in(Table::people, "by which other rows and the configuration name the person"),
    needed_in(Table::people, "name", "as messages and lists show it"),
    BuiltInColumn{Table::people, "email", "where mail goes"},
    BuiltInColumn{
        Table::people, "manager", "key of the person who is told when reviews stay overdue"},
    BuiltInColumn{Table::people, "zone", "time zone (IANA), such as Europe/London"},
    BuiltInColumn{Table::people, "language", "of what the person receives, such as en"},
    BuiltInColumn{Table::people, "region", "whose holidays are days off: a key of `holidays:`"},

    key_in(Table::products, "by which other rows name the product"),
    needed_in(Table::products, "name", "as messages and lists show it"),
    BuiltInColumn{Table::products, "category", "such as printers; for rules"},
    BuiltInColumn{Table::products, "price", "of one", ColumnType::money},
    BuiltInColumn{
        Table::products,
        "lifetime_months",
        "how long one lasts until it is replaced; empty: it is not",
        ColumnType::integer},

    key_in(Table::accounts, "by which other rows name the account; it stays for good"),
    needed_in(Table::accounts, "name", "as messages and lists show it"),
    BuiltInColumn{Table::accounts, "owner", "key of the person who looks after it"},
    BuiltInColumn{Table::accounts, "parent", "key of the account that it is part of"},
    BuiltInColumn{Table::accounts, "segment", "its trade or kind; similar customers share it"},
    BuiltInColumn{Table::accounts, "size", "such as small; similar customers share it"},
    BuiltInColumn{Table::accounts, "region", "where it is; for rules and lists"},
    BuiltInColumn{Table::accounts, "language", "its own, such as en"},
    BuiltInColumn{Table::accounts, "budget", "what it may spend; for rules", ColumnType::money},
    BuiltInColumn{Table::accounts, "vip", "whether it is one; for rules", ColumnType::boolean},
    BuiltInColumn{Table::accounts, "since", "customer since that day", ColumnType::date},

    key_in(Table::contacts),
    account_in(Table::contacts),
    needed_in(Table::contacts, "name", "whom to call"),
    BuiltInColumn{Table::contacts, "role", "what they do there"},
    BuiltInColumn{Table::contacts, "phone", "number to call"},
    BuiltInColumn{Table::contacts, "email", "address to write to"},
    BuiltInColumn{Table::contacts, "language", "that they speak, such as en"},

    key_in(Table::purchases),
    account_in(Table::purchases),
    needed_in(Table::purchases, "product", "key of the product"),
    BuiltInColumn{
        Table::purchases,
        "date",
        "day of the purchase",
        ColumnType::date,
        ColumnRole::happened,
        Need::required},
    BuiltInColumn{Table::purchases, "amount", "paid in all", ColumnType::money},
    BuiltInColumn{Table::purchases, "quantity", "how many", ColumnType::integer},
    BuiltInColumn{Table::purchases, "sold_by", "key of the person who sold it"},
    recorded_in(Table::purchases),

    key_in(Table::contracts),
    account_in(Table::contracts),
    BuiltInColumn{
        Table::contracts,
        "product",
        "key of the product that it covers; empty: all that the account owns"},
    BuiltInColumn{Table::contracts, "kind", "such as maintenance; for rules and lists"},
    BuiltInColumn{Table::contracts, "start", "first day", ColumnType::date},
    BuiltInColumn{Table::contracts, "end", "last day; empty: open end", ColumnType::date},
    BuiltInColumn{Table::contracts, "amount", "what it is worth", ColumnType::money},
    recorded_in(Table::contracts),

    key_in(Table::tickets),
    account_in(Table::tickets),
    BuiltInColumn{Table::tickets, "product", "key of the product that it is about"},
    BuiltInColumn{Table::tickets, "kind", "such as complaint; for rules and triggers"},
    BuiltInColumn{Table::tickets, "title", "what is wrong, in a few words"},
    BuiltInColumn{Table::tickets, "severity", "such as high; for rules and triggers"},
    BuiltInColumn{
        Table::tickets,
        "opened",
        "day on which it was opened",
        ColumnType::date,
        ColumnRole::happened,
        Need::required},
    BuiltInColumn{
        Table::tickets,
        "closed",
        "day on which it was closed; empty: it is open",
        ColumnType::date,
        ColumnRole::ended},
    BuiltInColumn{Table::tickets, "fix", "how it can be solved; the sheet for the call shows it"},
    recorded_in(Table::tickets),

    key_in(Table::interactions),
    account_in(Table::interactions),
    BuiltInColumn{Table::interactions, "contact", "key of the contact who was spoken with"},
    BuiltInColumn{Table::interactions, "kind", "such as call or visit; for rules"},
    BuiltInColumn{
        Table::interactions,
        "date",
        "day of the talk",
        ColumnType::date,
        ColumnRole::happened,
        Need::required},
    BuiltInColumn{Table::interactions, "person", "key of the person who had it"},
    BuiltInColumn{Table::interactions, "note", "what was said"},
    recorded_in(Table::interactions),
};

constexpr std::array tables_in_order{
    Table::people,
    Table::products,
    Table::accounts,
    Table::contacts,
    Table::purchases,
    Table::contracts,
    Table::tickets,
    Table::interactions};

constexpr std::array<std::string_view, table_count> table_names{
    "people",
    "products",
    "accounts",
    "contacts",
    "purchases",
    "contracts",
    "tickets",
    "interactions"};

constexpr std::array<std::string_view, 6> type_names{
    "text", "integer", "number", "money", "date", "boolean"};

template <class Matches>
std::optional<std::size_t> find_column(const std::vector<Column>& columns, const Matches& matches) {
    const auto found = std::find_if(columns.begin(), columns.end(), matches);
    if (found == columns.end()) {
        return std::nullopt;
    }
    return static_cast<std::size_t>(found - columns.begin());
}

} // namespace

std::optional<std::size_t> TableSchema::index_of(std::string_view column) const {
    return find_column(columns, [&](const Column& candidate) { return candidate.name == column; });
}

std::optional<std::size_t> TableSchema::index_of(ColumnRole role) const {
    return find_column(columns, [&](const Column& candidate) { return candidate.role == role; });
}

Schema built_in_schema() {
    Schema schema;
    for (const Table table : tables_in_order) {
        schema[table].table = table;
    }
    for (const BuiltInColumn& built_in : built_in_columns) {
        Column column;
        column.name = built_in.name;
        column.type = built_in.type;
        column.role = built_in.role;
        column.is_required = built_in.need == Need::required;
        schema[built_in.table].columns.push_back(std::move(column));
    }
    return schema;
}

std::string hint_for_column(
    const TableSchema& schema, std::string_view word, std::string_view otherwise
) {
    std::vector<std::string> names;
    for (const Column& column : schema.columns) {
        names.push_back(column.name);
    }
    const std::string near = did_you_mean(word, names);
    if (!near.empty()) {
        return near;
    }
    std::string all;
    for (const std::string& each : names) {
        all += (all.empty() ? "it has " : ", ") + each;
    }
    return otherwise.empty() ? all : all + "; " + std::string{otherwise};
}

std::string_view meaning(Table table, std::string_view column) {
    const auto* const found = std::find_if(
        built_in_columns.begin(),
        built_in_columns.end(),
        [&](const BuiltInColumn& each) { return each.table == table && each.name == column; }
    );
    return found == built_in_columns.end() ? std::string_view{} : found->meaning;
}

std::string_view name(ColumnType type) {
    return type_names[static_cast<std::size_t>(type)];
}

std::string_view name(Table table) {
    return table_names[static_cast<std::size_t>(table)];
}

std::optional<Table> find_table(std::string_view name) {
    const auto found = std::find(table_names.begin(), table_names.end(), name);
    if (found == table_names.end()) {
        return std::nullopt;
    }
    return tables_in_order[static_cast<std::size_t>(found - table_names.begin())];
}

std::span<const Table> all_tables() {
    return tables_in_order;
}

cel::Type cel_type(ColumnType type) {
    switch (type) {
    case ColumnType::text:
        return {cel::Type::Kind::string, {}};
    case ColumnType::integer:
        return {cel::Type::Kind::integer, {}};
    case ColumnType::number:
    case ColumnType::money:
        return {cel::Type::Kind::real, {}};
    case ColumnType::date:
        return {cel::Type::Kind::timestamp, {}};
    case ColumnType::boolean:
        return {cel::Type::Kind::boolean, {}};
    }
    assertion_failed("every column type has a CEL type", __FILE__, __LINE__);
}

cel::Environment row_environment(const TableSchema& schema) {
    cel::Environment environment{cel::Dialect::rules};
    for (const Column& column : schema.columns) {
        environment.declare(column.name, cel_type(column.type));
    }
    environment.declare("today", cel_type(ColumnType::date));
    return environment;
}

} // namespace reviewd::rules
