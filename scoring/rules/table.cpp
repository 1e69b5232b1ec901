// The built-in columns are one constant table; a column's index in its schema is its place there.
#include "scoring/rules/table.hpp"

#include "scoring/base/assert.hpp"

#include <algorithm>

namespace reviewd::rules {
namespace {

enum class Need { optional, required };

struct BuiltInColumn {
    Table table;
    std::string_view name;
    ColumnType type = ColumnType::text;
    ColumnRole role = ColumnRole::plain;
    Need need = Need::optional;
};

constexpr std::array built_in_columns{
    BuiltInColumn{Table::people, "key", ColumnType::text, ColumnRole::key, Need::required},
    BuiltInColumn{Table::people, "name", ColumnType::text, ColumnRole::plain, Need::required},
    BuiltInColumn{Table::people, "email"},
    BuiltInColumn{Table::people, "manager"},
    BuiltInColumn{Table::people, "zone"},
    BuiltInColumn{Table::people, "language"},
    BuiltInColumn{Table::people, "region"},

    BuiltInColumn{Table::products, "key", ColumnType::text, ColumnRole::key, Need::required},
    BuiltInColumn{Table::products, "name", ColumnType::text, ColumnRole::plain, Need::required},
    BuiltInColumn{Table::products, "category"},
    BuiltInColumn{Table::products, "price", ColumnType::money},
    BuiltInColumn{Table::products, "lifetime_months", ColumnType::integer},

    BuiltInColumn{Table::accounts, "key", ColumnType::text, ColumnRole::key, Need::required},
    BuiltInColumn{Table::accounts, "name", ColumnType::text, ColumnRole::plain, Need::required},
    BuiltInColumn{Table::accounts, "owner"},
    BuiltInColumn{Table::accounts, "parent"},
    BuiltInColumn{Table::accounts, "segment"},
    BuiltInColumn{Table::accounts, "size"},
    BuiltInColumn{Table::accounts, "region"},
    BuiltInColumn{Table::accounts, "language"},
    BuiltInColumn{Table::accounts, "budget", ColumnType::money},
    BuiltInColumn{Table::accounts, "vip", ColumnType::boolean},
    BuiltInColumn{Table::accounts, "since", ColumnType::date},

    BuiltInColumn{Table::contacts, "key", ColumnType::text, ColumnRole::key, Need::required},
    BuiltInColumn{
        Table::contacts, "account", ColumnType::text, ColumnRole::account, Need::required},
    BuiltInColumn{Table::contacts, "name", ColumnType::text, ColumnRole::plain, Need::required},
    BuiltInColumn{Table::contacts, "role"},
    BuiltInColumn{Table::contacts, "phone"},
    BuiltInColumn{Table::contacts, "email"},
    BuiltInColumn{Table::contacts, "language"},

    BuiltInColumn{Table::purchases, "key", ColumnType::text, ColumnRole::key, Need::required},
    BuiltInColumn{
        Table::purchases, "account", ColumnType::text, ColumnRole::account, Need::required},
    BuiltInColumn{Table::purchases, "product", ColumnType::text, ColumnRole::plain, Need::required},
    BuiltInColumn{Table::purchases, "date", ColumnType::date, ColumnRole::happened, Need::required},
    BuiltInColumn{Table::purchases, "amount", ColumnType::money},
    BuiltInColumn{Table::purchases, "quantity", ColumnType::integer},
    BuiltInColumn{Table::purchases, "sold_by"},
    BuiltInColumn{Table::purchases, "recorded", ColumnType::date, ColumnRole::recorded},

    BuiltInColumn{Table::contracts, "key", ColumnType::text, ColumnRole::key, Need::required},
    BuiltInColumn{
        Table::contracts, "account", ColumnType::text, ColumnRole::account, Need::required},
    BuiltInColumn{Table::contracts, "product"},
    BuiltInColumn{Table::contracts, "kind"},
    BuiltInColumn{Table::contracts, "start", ColumnType::date},
    BuiltInColumn{Table::contracts, "end", ColumnType::date},
    BuiltInColumn{Table::contracts, "amount", ColumnType::money},
    BuiltInColumn{Table::contracts, "recorded", ColumnType::date, ColumnRole::recorded},

    BuiltInColumn{Table::tickets, "key", ColumnType::text, ColumnRole::key, Need::required},
    BuiltInColumn{Table::tickets, "account", ColumnType::text, ColumnRole::account, Need::required},
    BuiltInColumn{Table::tickets, "product"},
    BuiltInColumn{Table::tickets, "kind"},
    BuiltInColumn{Table::tickets, "title"},
    BuiltInColumn{Table::tickets, "severity"},
    BuiltInColumn{Table::tickets, "opened", ColumnType::date, ColumnRole::happened, Need::required},
    BuiltInColumn{Table::tickets, "closed", ColumnType::date, ColumnRole::ended},
    BuiltInColumn{Table::tickets, "fix"},
    BuiltInColumn{Table::tickets, "recorded", ColumnType::date, ColumnRole::recorded},

    BuiltInColumn{Table::interactions, "key", ColumnType::text, ColumnRole::key, Need::required},
    BuiltInColumn{
        Table::interactions, "account", ColumnType::text, ColumnRole::account, Need::required},
    BuiltInColumn{Table::interactions, "contact"},
    BuiltInColumn{Table::interactions, "kind"},
    BuiltInColumn{
        Table::interactions, "date", ColumnType::date, ColumnRole::happened, Need::required},
    BuiltInColumn{Table::interactions, "person"},
    BuiltInColumn{Table::interactions, "note"},
    BuiltInColumn{Table::interactions, "recorded", ColumnType::date, ColumnRole::recorded},
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
