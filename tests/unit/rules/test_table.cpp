#include "scoring/rules/table.hpp"
#include "tests/support/catch.hpp"

#include <set>

namespace reviewd::rules {
namespace {

TEST_CASE("every table is found by its name and has a key", "[rules][table]") {
    const Schema schema = built_in_schema();
    REQUIRE(all_tables().size() == table_count);
    for (const Table table : all_tables()) {
        CHECK(find_table(name(table)) == table);
        CHECK(schema[table].table == table);
        CHECK(schema[table].index_of(ColumnRole::key) == 0);
    }
    CHECK_FALSE(find_table("purchase").has_value());
}

TEST_CASE("the column names of a table differ and leave `today` free", "[rules][table]") {
    const Schema schema = built_in_schema();
    for (const Table table : all_tables()) {
        std::set<std::string> names{"today"};
        for (const Column& column : schema[table].columns) {
            CHECK(names.insert(column.name).second);
            CHECK_FALSE(column.is_custom);
        }
    }
}

TEST_CASE("tables of an account's rows name the account and the day", "[rules][table]") {
    const Schema schema = built_in_schema();
    for (const Table table :
         {Table::contacts,
          Table::purchases,
          Table::contracts,
          Table::tickets,
          Table::interactions}) {
        const auto account = schema[table].index_of(ColumnRole::account);
        REQUIRE(account.has_value());
        CHECK(schema[table].columns[*account].is_required);
    }
    const TableSchema& tickets = schema[Table::tickets];
    CHECK(tickets.index_of(ColumnRole::happened) == tickets.index_of("opened"));
    CHECK(tickets.index_of(ColumnRole::ended) == tickets.index_of("closed"));
    CHECK(tickets.index_of(ColumnRole::recorded) == tickets.index_of("recorded"));
    CHECK_FALSE(tickets.index_of("budget").has_value());
    CHECK_FALSE(schema[Table::contracts].index_of(ColumnRole::happened).has_value());
}

TEST_CASE("an expression over a row names its columns by index, then today", "[rules][table]") {
    const Schema schema = built_in_schema();
    const TableSchema& contracts = schema[Table::contracts];
    const cel::Environment environment = row_environment(contracts);
    CHECK(environment.slot_of("end") == contracts.index_of("end"));
    CHECK(environment.slot_of("today") == contracts.columns.size());
    CHECK(environment.variables().size() == contracts.columns.size() + 1);
    const std::size_t amount = *contracts.index_of("amount");
    CHECK(environment.variables()[amount].type.kind == cel::Type::Kind::real);
}

TEST_CASE("a column that is not there brings the nearest one, or all there are", "[rules][table]") {
    const Schema schema = built_in_schema();
    CHECK(hint_for_column(schema[Table::accounts], "budjet") == "did you mean `budget`?");
    CHECK(
        hint_for_column(schema[Table::products], "turnover")
        == "it has key, name, category, price, lifetime_months"
    );
}

} // namespace
} // namespace reviewd::rules
