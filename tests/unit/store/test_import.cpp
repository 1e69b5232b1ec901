#include "daemon/store/import_session.hpp"
#include "daemon/store/transaction.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/store/store_fixture.hpp"

#include <fmt/core.h>

namespace reviewd::test::test_import {

namespace {

using namespace reviewd;
using namespace reviewd::store;
using namespace reviewd::test;
using rules::Table;
using Load = ImportRequest::Load;

constexpr Date next_day = some_day + std::chrono::days{1};

std::vector<ImportRow> make_accounts(const rules::Schema& schema, int first, int last) {
    std::vector<ImportRow> rows;
    for (int number = first; number <= last; ++number) {
        rows.push_back(
            account(schema, fmt::format("A{}", number), fmt::format("Account {}", number))
        );
    }
    return rows;
}

} // namespace

TEST_CASE_METHOD(StoreFixture, "a first load makes its rows visible", "[store][import]") {
    const SourceId id = source("crm", Table::accounts);
    ImportSession session = ImportSession::begin(*database, request(id, Table::accounts)).value();
    CHECK(session.add(make_accounts(schema, 1, 3)).value().empty());
    CHECK(Sources{*database}.find(id)->generation == 0);
    REQUIRE(session.accept(some_moment).has_value());
    const Source after = Sources{*database}.find("crm").value();
    CHECK(after.generation == 1);
    CHECK(after.active_rows == 3);
    CHECK(after.last_success == some_moment);
    CHECK(after.file == FileMark{"hash", 1, 2});
    CHECK(after.counts.added == 3);
    CHECK(Sources{*database}.loaded_tables().test(static_cast<std::size_t>(Table::accounts)));
    CHECK(ask("SELECT group_concat(name) FROM accounts") == "Account 1,Account 2,Account 3");
    CHECK(
        ask("SELECT count(*) FROM accounts WHERE recorded = "
            + std::to_string(to_day_number(some_day)))
        == "3"
    );
}

TEST_CASE_METHOD(StoreFixture, "the same rows again write nothing", "[store][import]") {
    const SourceId id = source("crm", Table::accounts);
    const auto rows = make_accounts(schema, 1, 50);
    load(id, Table::accounts, rows);
    const std::string before = ask("SELECT group_concat(id || name || content_hash) FROM accounts");
    const ImportCounts counts = load(id, Table::accounts, rows, next_day);
    CHECK(counts.unchanged == 50);
    CHECK(counts.added + counts.changed + counts.vanished == 0);
    CHECK(ask("SELECT group_concat(id || name || content_hash) FROM accounts") == before);
    CHECK(ask("SELECT count(*) FROM import_changes") == "0");
}

TEST_CASE_METHOD(StoreFixture, "changed rows keep what they were", "[store][import][history]") {
    const SourceId id = source("crm", Table::accounts);
    load(
        id,
        Table::accounts,
        {account(schema, "A1", "Old", {{"budget", Money{100}}, {"vip", false}}),
         account(schema, "A2", "Same")}
    );
    const ImportCounts counts = load(
        id,
        Table::accounts,
        {account(schema, "A1", "New", {{"budget", Money{250}}, {"vip", true}}),
         account(schema, "A2", "Same")},
        next_day
    );
    CHECK(counts.changed == 1);
    CHECK(counts.unchanged == 1);
    CHECK(ask("SELECT name || budget || vip FROM accounts WHERE key = 'A1'") == "New2501");
    CHECK(
        ask("SELECT group_concat(column_name || '=' || former_value, ' ') FROM account_history")
        == "budget=100 name=Old vip=0"
    );
    CHECK(
        ask("SELECT DISTINCT until FROM account_history") == std::to_string(to_day_number(next_day))
    );
}

TEST_CASE_METHOD(
    StoreFixture, "custom columns are kept and their past too", "[store][import][history]"
) {
    rules::TableSchema& table = schema[Table::accounts];
    table.columns.push_back({.name = "tier", .type = rules::ColumnType::text, .is_custom = true});
    table.columns.push_back({.name = "seats", .type = rules::ColumnType::integer, .is_custom = true}
    );
    const SourceId id = source("crm", Table::accounts);
    load(id, Table::accounts, {account(schema, "A1", "One", {{"tier", std::string{"g\"old\n"}}})});
    CHECK(ask("SELECT custom ->> '$.tier' FROM accounts") == "g\"old\n");
    load(
        id,
        Table::accounts,
        {account(
            schema, "A1", "One", {{"tier", std::string{"silver"}}, {"seats", std::int64_t{5}}}
        )},
        next_day
    );
    CHECK(ask("SELECT custom FROM accounts") == R"({"tier":"silver","seats":5})");
    CHECK(
        ask("SELECT group_concat(column_name || '=' || ifnull(former_value, 'none'), ' ')"
            " FROM account_history")
        == "seats=none tier=g\"old\n"
    );
}

TEST_CASE_METHOD(StoreFixture, "rows that vanish from a full load are retired", "[store][import]") {
    const SourceId id = source("crm", Table::accounts);
    load(id, Table::accounts, make_accounts(schema, 1, 10));
    const ImportCounts counts = load(id, Table::accounts, make_accounts(schema, 1, 8), next_day);
    CHECK(counts.vanished == 2);
    CHECK(Sources{*database}.find(id)->active_rows == 8);
    CHECK(
        ask("SELECT group_concat(key) FROM accounts WHERE retired = "
            + std::to_string(to_day_number(next_day)))
        == "A9,A10"
    );

    SECTION("and come back with the next one") {
        CHECK(load(id, Table::accounts, make_accounts(schema, 1, 10)).changed == 2);
        CHECK(ask("SELECT count(*) FROM accounts WHERE retired IS NOT NULL") == "0");
        CHECK(Sources{*database}.find(id)->active_rows == 10);
    }
    SECTION("and are not counted as vanished again") {
        CHECK(load(id, Table::accounts, make_accounts(schema, 1, 8)).vanished == 0);
    }
}

TEST_CASE_METHOD(StoreFixture, "rows do not vanish from a load of changes", "[store][import]") {
    const SourceId id = source("crm", Table::accounts);
    load(id, Table::accounts, make_accounts(schema, 1, 10));
    ImportSession session =
        ImportSession::begin(*database, request(id, Table::accounts, Load::changes)).value();
    static_cast<void>(session.add({}).value());
    CHECK(session.counts().vanished == 0);
    REQUIRE(session.accept(some_moment).has_value());
    CHECK(Sources{*database}.find(id)->active_rows == 10);
}

TEST_CASE_METHOD(StoreFixture, "rows vanish per source", "[store][import]") {
    const SourceId one = source("one", Table::accounts);
    const SourceId two = source("two", Table::accounts);
    load(one, Table::accounts, make_accounts(schema, 1, 5));
    load(two, Table::accounts, make_accounts(schema, 1, 5));
    CHECK(load(one, Table::accounts, make_accounts(schema, 1, 1)).vanished == 4);
    CHECK(Sources{*database}.find(two)->active_rows == 5);
    CHECK(ask("SELECT count(*) FROM accounts WHERE retired IS NULL") == "6");
}

TEST_CASE_METHOD(StoreFixture, "a key that comes twice is left out once", "[store][import]") {
    const SourceId id = source("crm", Table::accounts);
    const std::vector<ImportRow> twice{
        account(schema, "A1", "First"),
        account(schema, "A2", "Other"),
        account(schema, "A1", "Second")};
    for (int time = 0; time < 2; ++time) {
        ImportSession session =
            ImportSession::begin(*database, request(id, Table::accounts)).value();
        CHECK(session.add(twice).value() == std::vector<std::size_t>{2});
        CHECK(session.counts().duplicate == 1);
        REQUIRE(session.accept(some_moment).has_value());
        CHECK(ask("SELECT name FROM accounts WHERE key = 'A1'") == "First");
    }
}

TEST_CASE_METHOD(
    StoreFixture, "a held import changes nothing until it is confirmed", "[store][import][held]"
) {
    const SourceId id = source("crm", Table::accounts);
    load(id, Table::accounts, make_accounts(schema, 1, 10));
    ImportId import;
    {
        ImportSession session =
            ImportSession::begin(*database, request(id, Table::accounts)).value();
        const std::vector<ImportRow> rows{
            account(schema, "A1", "Renamed"), account(schema, "N1", "New")};
        static_cast<void>(session.add(rows).value());
        CHECK(session.counts().vanished == 9);
        CHECK(session.visible_rows() == 10);
        import = session.id();
        REQUIRE(session.hold(minute(1)).has_value());
    }
    restart();
    Imports imports{*database};
    REQUIRE(imports.resume(minute(2)).has_value());
    REQUIRE(imports.finish_all().has_value());
    REQUIRE(imports.held().size() == 1);
    CHECK(imports.held()[0].counts.vanished == 9);
    CHECK(Sources{*database}.find(id)->held == import);
    CHECK(Sources{*database}.find(id)->generation == 1);
    CHECK(Sources{*database}.find(id)->active_rows == 10);
    CHECK(ask("SELECT name FROM accounts WHERE key = 'A1'") == "Account 1");

    SECTION("confirmed") {
        REQUIRE(imports.confirm(import, minute(3)).has_value());
        REQUIRE(imports.finish_all().has_value());
        CHECK(imports.find(import)->state == ImportState::done);
        CHECK(Sources{*database}.find(id)->active_rows == 2);
        CHECK(
            ask("SELECT group_concat(name) FROM accounts WHERE retired IS NULL") == "Renamed,New"
        );
        CHECK(imports.confirm(import, minute(4)).error().code == ErrorCode::conflict);
    }
    SECTION("dropped") {
        REQUIRE(imports.drop(import, minute(3)).has_value());
        REQUIRE(imports.finish_all().has_value());
        CHECK(imports.find(import)->state == ImportState::dropped);
        CHECK(ask("SELECT count(*) FROM accounts") == "10");
        CHECK(ask("SELECT count(*) FROM import_changes") == "0");
    }
    SECTION("replaced by newer data") {
        load(id, Table::accounts, make_accounts(schema, 1, 9));
        CHECK(imports.held().empty());
        CHECK(imports.find(import)->state == ImportState::dropped);
        CHECK(ask("SELECT count(*) FROM accounts") == "10");
        CHECK(Sources{*database}.find(id)->active_rows == 9);
    }
}

TEST_CASE_METHOD(StoreFixture, "an interrupted import leaves no row behind", "[store][import]") {
    const SourceId id = source("crm", Table::accounts);
    load(id, Table::accounts, make_accounts(schema, 1, 2));
    {
        ImportSession session =
            ImportSession::begin(*database, request(id, Table::accounts)).value();
        static_cast<void>(session.add(make_accounts(schema, 1, 2500)).value());
    }
    restart();
    REQUIRE(Imports{*database}.resume(minute(1)).has_value());
    REQUIRE(Imports{*database}.finish_all().has_value());
    CHECK(ask("SELECT count(*) FROM accounts") == "2");
    CHECK(Sources{*database}.find(id)->last_error == "the import was interrupted");
    CHECK(load(id, Table::accounts, make_accounts(schema, 1, 3)).added == 1);
}

TEST_CASE_METHOD(StoreFixture, "a dry run counts and writes nothing", "[store][import]") {
    const SourceId id = source("crm", Table::accounts);
    load(id, Table::accounts, make_accounts(schema, 1, 4));
    const std::string changes = ask("SELECT total_changes()");
    ImportRequest wanted = request(id, Table::accounts);
    wanted.mode = ImportRequest::Mode::dry_run;
    ImportSession session = ImportSession::begin(*database, wanted).value();
    const std::vector<ImportRow> rows(
        {account(schema, "A1", "Renamed"),
         account(schema, "A2", "Account 2"),
         account(schema, "N1", "New"),
         account(schema, "N1", "New")}
    );
    CHECK(session.add(rows).value() == std::vector<std::size_t>{3});
    const ImportCounts expected{
        .added = 1, .changed = 1, .unchanged = 1, .vanished = 2, .duplicate = 1};
    CHECK(session.counts() == expected);
    CHECK(ask("SELECT total_changes()") == changes);
}

TEST_CASE_METHOD(
    StoreFixture, "problems of the last import are kept, up to a bound", "[store][import]"
) {
    const SourceId id = source("crm", Table::accounts);
    ImportSession session = ImportSession::begin(*database, request(id, Table::accounts)).value();
    for (int line = 1; line <= 1200; ++line) {
        session.report({line, 3, "the budget is no number"});
    }
    session.skip(1);
    REQUIRE(session.accept(some_moment).has_value());
    const auto problems = Sources{*database}.problems(id);
    REQUIRE(problems.size() == import_problems_kept);
    CHECK(problems.front().line == 1);
    CHECK(problems.front().reason == "the budget is no number");
    CHECK(Sources{*database}.find(id)->counts.bad == 1200);
    CHECK(Sources{*database}.find(id)->counts.skipped == 1);
}

TEST_CASE_METHOD(StoreFixture, "a source cannot change its table", "[store][sources]") {
    static_cast<void>(source("crm", Table::accounts));
    const auto other =
        write(*database, [&] { return Sources{*database}.declare("crm", Table::people); });
    CHECK(other.error().code == ErrorCode::conflict);
}

TEST_CASE_METHOD(
    StoreFixture, "rows know their account as soon as it is visible", "[store][import]"
) {
    const SourceId accounts = source("crm", Table::accounts);
    const SourceId sales = source("sales", Table::purchases);
    load(accounts, Table::accounts, make_accounts(schema, 1, 3));
    const auto purchase = [&](std::string key, std::string of) {
        return row(
            schema[Table::purchases],
            {{"key", std::move(key)},
             {"account", std::move(of)},
             {"product", std::string{"P"}},
             {"date", some_day}}
        );
    };
    load(sales, Table::purchases, {purchase("1", "A2"), purchase("2", "A9")});
    CHECK(
        ask("SELECT account_id FROM purchases WHERE key = '1'")
        == ask("SELECT id FROM accounts WHERE key = 'A2'")
    );
    CHECK(ask("SELECT account_id IS NULL FROM purchases WHERE key = '2'") == "1");
}

TEST_CASE_METHOD(
    StoreFixture, "many rows at once go in by key, the first of equals wins", "[store][import]"
) {
    const SourceId id = source("crm", Table::accounts);
    std::vector<ImportRow> rows;
    for (int number = 9000; number > 0; --number) {
        rows.push_back(account(schema, fmt::format("K{:05}", number), fmt::format("N{}", number)));
    }
    rows.push_back(account(schema, "K00007", "Late"));
    rows.push_back(account(schema, "K08000", "Late"));
    ImportSession session = ImportSession::begin(*database, request(id, Table::accounts)).value();
    CHECK(session.add(rows).value() == std::vector<std::size_t>{9000, 9001});
    REQUIRE(session.accept(some_moment).has_value());
    CHECK(ask("SELECT count(*) FROM accounts WHERE name = 'Late'") == "0");
    CHECK(ask("SELECT count(*) FROM accounts WHERE key <> printf('K%05d', id)") == "0");
    CHECK(ask("SELECT count(*) FROM accounts") == "9000");
}

} // namespace reviewd::test::test_import
