// Rows that name an account or a product that no source has are kept, counted and told with
// examples.
#include "daemon/store/portfolio.hpp"
#include "daemon/store/transaction.hpp"
#include "daemon/store/uncounted_products.hpp"
#include "daemon/store/unknown_keys.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/store/store_fixture.hpp"

#include <fmt/core.h>

namespace reviewd::test::test_unknown_keys {

namespace {

using namespace reviewd;
using namespace reviewd::store;
using namespace reviewd::test;
using rules::Table;

struct UnknownFixture : StoreFixture {
    ImportRow purchase(std::string key, std::string of, std::string product = "MG Special") const {
        return row(
            schema[Table::purchases],
            {{"key", std::move(key)},
             {"account", std::move(of)},
             {"product", std::move(product)},
             {"date", some_day}}
        );
    }
    ImportRow product(std::string key) const {
        return row(schema[Table::products], {{"key", key}, {"name", key}});
    }

    /// As the importer does it, without a pause.
    std::map<SourceId, UnknownKeys> count(int* pieces = nullptr) {
        Portfolio portfolio{*database, schema};
        std::optional<AccountId> after = AccountId{};
        while (after) {
            after = portfolio.link_some(std::nullopt, *after).value();
        }
        UnlinkedRows rows{*database};
        int needed = 1;
        while (rows.look_on()) {
            ++needed;
        }
        if (pieces != nullptr) {
            *pieces = needed;
        }
        return rows.found();
    }
    /// A file that has some of the source's rows.
    void load_changes(SourceId of, const std::vector<ImportRow>& rows) {
        ImportSession session =
            ImportSession::begin(
                *database, request(of, Table::purchases, ImportRequest::Load::changes)
            )
                .value();
        static_cast<void>(session.add(rows).value());
        REQUIRE(session.accept(some_moment).has_value());
        REQUIRE(Imports{*database}.finish_all().has_value());
    }
    /// What the importer does behind each run. @returns how many pieces it took; 0: all was told
    int count_products() {
        UncountedProducts uncounted{*database};
        int pieces = uncounted.has_counted() ? 1 : 0;
        while (uncounted.look_on()) {
            ++pieces;
        }
        REQUIRE(store::write(*database, [&]() -> Result<void> {
                    uncounted.keep();
                    return {};
                }).has_value());
        return pieces;
    }
    UnknownKeys products(SourceId of) { return UnknownKeyNotes{*database}.products(of); }

    /// Rows of accounts that nobody knows, without the detour over an import.
    void insert_unlinked(SourceId of, int rows, std::string_view more) {
        REQUIRE(try_sql(fmt::format(
                            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i"
                            " < {0}) INSERT INTO purchases (source_id, key, generation,"
                            " content_hash, recorded, account, product, date, retired)"
                            " SELECT {1}, '{2}' || i, 1, 0, 0, 'K' || i, 'x', 0, {2} FROM n",
                            rows,
                            of.value,
                            more
                        ))
                    .empty());
    }
};

} // namespace

TEST_CASE_METHOD(
    UnknownFixture,
    "rows whose account no source has are counted by source, until it comes",
    "[store][unknown]"
) {
    const SourceId crm = source("crm", Table::accounts);
    const SourceId sales = source("sales", Table::purchases);
    const SourceId shop = source("shop", Table::purchases);
    load(crm, Table::accounts, {account(schema, "A", "One")});
    load(
        sales,
        Table::purchases,
        {purchase("1", "A"), purchase("2", "B"), purchase("3", "B"), purchase("4", "C")}
    );
    load(shop, Table::purchases, {purchase("1", "A")});
    const auto found = count();
    REQUIRE(found.size() == 1);
    CHECK(found.at(sales) == UnknownKeys{3, false, {"C", "B"}});

    load(sales, Table::purchases, {purchase("1", "A"), purchase("2", "B"), purchase("3", "B")});
    CHECK(count().at(sales) == UnknownKeys{2, false, {"B"}}); // what vanished does not count

    ImportSession session =
        ImportSession::begin(*database, request(shop, Table::purchases)).value();
    const std::vector<ImportRow> rows{purchase("1", "A"), purchase("2", "D")};
    static_cast<void>(session.add(rows).value());
    CHECK(count().count(shop) == 0); // nobody sees them yet
    REQUIRE(session.accept(some_moment).has_value());
    CHECK(count().at(shop).rows == 1);

    load(crm, Table::accounts, {account(schema, "A", "One"), account(schema, "B", "Two")});
    CHECK(count().count(sales) == 0);
}

TEST_CASE_METHOD(UnknownFixture, "examples of keys are few and short", "[store][unknown]") {
    const SourceId sales = source("sales", Table::purchases);
    std::string longest(59, 'x');
    longest += "éé and so on";
    load(
        sales,
        Table::purchases,
        {purchase("1", "E"),
         purchase("2", longest),
         purchase("3", "F"),
         purchase("4", "F"),
         purchase("5", "G")}
    );
    const UnknownKeys found = count().at(sales);
    CHECK(found.rows == 5);
    REQUIRE(found.keys.size() == unknown_keys_named);
    CHECK(found.keys[2] == std::string(59, 'x') + "…"); // no half letter
}

TEST_CASE_METHOD(
    UnknownFixture, "many rows without an account are counted in bounded pieces", "[store][unknown]"
) {
    const SourceId sales = source("sales", Table::purchases);
    REQUIRE(try_sql("UPDATE sources SET generation = 1").empty());
    insert_unlinked(sales, 190'000, "0");   // vanished long ago
    insert_unlinked(sales, 45'000, "NULL"); // of the last file
    int pieces = 0;
    const UnknownKeys found = count(&pieces).at(sales);
    CHECK(found.rows == 45'000);
    CHECK(found.are_more);
    CHECK(pieces == 11); // 200,000 rows, and the tables behind
}

TEST_CASE_METHOD(
    UnknownFixture, "products that no source has are told until they come", "[store][unknown]"
) {
    const SourceId sales = source("sales", Table::purchases);
    const std::vector<ImportRow> rows{
        purchase("1", "A", "GTXPro"),
        purchase("2", "A", "GTXPro"),
        purchase("3", "A", "MG Special"),
        purchase("4", "A", "GTK")};
    load(sales, Table::purchases, rows);
    CHECK(products(sales) == UnknownKeys{}); // without a list of products each is just a name

    const SourceId catalogue = source("catalogue", Table::products);
    load(catalogue, Table::products, {product("MG Special"), product("GTX Pro")});
    load(sales, Table::purchases, rows); // unchanged rows are looked at, too
    CHECK(products(sales) == UnknownKeys{3, false, {"GTK", "GTXPro"}});

    load(catalogue, Table::products, {product("MG Special"), product("GTK")});
    CHECK(products(sales) == UnknownKeys{2, false, {"GTXPro"}});
    load(catalogue, Table::products, {product("MG Special")});
    CHECK(products(sales).rows == 2); // one that is no longer sold is known all the same

    load(
        sales,
        Table::purchases,
        {purchase("1", "A", "GTX Pro"), purchase("2", "A", "GTX Pro"), purchase("4", "A", "GTK")}
    );
    CHECK(products(sales) == UnknownKeys{});
}

TEST_CASE_METHOD(
    UnknownFixture, "a file of changes changes what is known of products", "[store][unknown]"
) {
    load(source("catalogue", Table::products), Table::products, {product("MG Special")});
    const SourceId sales = source("sales", Table::purchases);
    load_changes(
        sales,
        {purchase("1", "A", "GTK"), purchase("2", "A", "GTK"), purchase("3", "A", "MG Special")}
    );
    CHECK(products(sales) == UnknownKeys{2, false, {"GTK"}});
    load_changes(sales, {purchase("4", "A", "MG Special")});
    CHECK(products(sales) == UnknownKeys{2, false, {"GTK"}});
    load_changes(sales, {purchase("5", "A", "GTX"), purchase("2", "A", "GTK")});
    CHECK(products(sales) == UnknownKeys{3, false, {"GTK", "GTX"}});
    load_changes(sales, {purchase("1", "A", "MG Special"), purchase("3", "A", "GTX")});
    CHECK(products(sales) == UnknownKeys{3, false, {"GTK", "GTX"}});
    load_changes(sales, {purchase("2", "B", "GTK")}); // as unknown as before
    CHECK(products(sales) == UnknownKeys{3, false, {"GTK", "GTX"}});
    restart();
    load_changes(
        sales,
        {purchase("2", "A", "MG Special"), purchase("3", "A", "MG Special"), purchase("5", "A")}
    );
    CHECK(products(sales) == UnknownKeys{});
    CHECK(count_products() == 0);
}

TEST_CASE_METHOD(
    UnknownFixture, "rows that a file has but nobody can read stay counted", "[store][unknown]"
) {
    load(source("catalogue", Table::products), Table::products, {product("MG Special")});
    const SourceId sales = source("sales", Table::purchases);
    const auto load_one = [&](const std::function<void(ImportSession&)>& others) {
        ImportSession session =
            ImportSession::begin(*database, request(sales, Table::purchases)).value();
        const std::vector<ImportRow> rows{purchase("1", "A")};
        static_cast<void>(session.add(rows).value());
        others(session);
        REQUIRE(session.accept(some_moment).has_value());
        REQUIRE(Imports{*database}.finish_all().has_value());
    };
    load(sales, Table::purchases, {purchase("1", "A"), purchase("2", "A", "GTK")});
    SECTION("by their key") {
        load_one([](ImportSession& session) { session.keep("2"); });
        CHECK(products(sales) == UnknownKeys{1, false, {"GTK"}});
        CHECK(count_products() == 0);
    }
    SECTION("or because any may be meant") {
        load_one([](ImportSession& session) { session.keep_all(); });
        CHECK(count_products() == 1);
        CHECK(products(sales) == UnknownKeys{1, false, {"GTK"}});
    }
    SECTION("and not when they vanish") {
        load_one([](ImportSession&) {});
        CHECK(products(sales) == UnknownKeys{});
    }
}

TEST_CASE_METHOD(
    UnknownFixture,
    "a list of products that comes later is held against all rows",
    "[store][unknown]"
) {
    const SourceId sales = source("sales", Table::purchases);
    const SourceId support = source("support", Table::tickets);
    load(
        sales,
        Table::purchases,
        {purchase("1", "A", "GTK"), purchase("2", "A"), purchase("3", "A", "Gone")}
    );
    load(sales, Table::purchases, {purchase("1", "A", "GTK"), purchase("2", "A")});
    const auto ticket = [&](std::string key, store::Field of) {
        return row(
            schema[Table::tickets],
            {{"key", std::move(key)},
             {"account", std::string{"A"}},
             {"product", std::move(of)},
             {"opened", some_day}}
        );
    };
    load(support, Table::tickets, {ticket("1", std::string{"GTX"}), ticket("2", {})});
    CHECK(count_products() == 0); // nobody keeps a list
    const SourceId catalogue = source("catalogue", Table::products);
    load(catalogue, Table::products, {product("MG Special")});
    CHECK(count_products() == 1);
    CHECK(products(sales) == UnknownKeys{1, false, {"GTK"}});
    CHECK(products(support) == UnknownKeys{1, false, {"GTX"}});
    CHECK(count_products() == 0);
    load(catalogue, Table::products, {product("MG Special"), product("GTK")});
    CHECK(count_products() == 0); // those that are known now are asked for by their key
    CHECK(products(sales) == UnknownKeys{});
}

TEST_CASE_METHOD(
    UnknownFixture,
    "another list of products may have what was too much to keep",
    "[store][unknown]"
) {
    const SourceId catalogue = source("catalogue", Table::products);
    load(catalogue, Table::products, {product("MG Special")});
    const SourceId sales = source("sales", Table::purchases);
    std::vector<ImportRow> rows;
    std::vector<ImportRow> list{product("MG Special")};
    for (int i = 100; i < 250; ++i) {
        rows.push_back(purchase(std::to_string(i), "A", fmt::format("P{}", i)));
        if (i < 249) {
            list.push_back(product(fmt::format("P{}", i)));
        }
    }
    load(sales, Table::purchases, rows);
    CHECK(count_products() == 0);
    CHECK(products(sales).are_more);
    load(catalogue, Table::products, list);
    CHECK(count_products() == 1);
    CHECK(products(sales) == UnknownKeys{1, false, {"P249"}});
}

TEST_CASE_METHOD(
    UnknownFixture, "many rows are held against a new list in bounded pieces", "[store][unknown]"
) {
    const SourceId sales = source("sales", Table::purchases);
    REQUIRE(try_sql("UPDATE sources SET generation = 1").empty());
    insert_unlinked(sales, 1'000'000, "NULL");
    load(source("catalogue", Table::products), Table::products, {product("MG Special")});
    CHECK(count_products() == 50);
    const UnknownKeys found = products(sales);
    CHECK(found.rows == 1'000'000);
    CHECK(found.are_more);
    CHECK(count_products() == 0);
}

TEST_CASE_METHOD(
    UnknownFixture,
    "of very many unknown products it is said that there are more",
    "[store][unknown]"
) {
    load(source("catalogue", Table::products), Table::products, {product("MG Special")});
    const SourceId sales = source("sales", Table::purchases);
    std::vector<ImportRow> rows;
    for (int i = 0; i < 150; ++i) {
        rows.push_back(purchase(std::to_string(i), "A", fmt::format("P{}", i)));
    }
    load(sales, Table::purchases, rows);
    const UnknownKeys found = products(sales);
    CHECK(found.rows == 100);
    CHECK(found.are_more);
    CHECK(found.keys.size() == unknown_keys_named);
}

TEST_CASE_METHOD(
    UnknownFixture,
    "unknown products of a held import are told once it is confirmed",
    "[store][unknown]"
) {
    load(source("catalogue", Table::products), Table::products, {product("MG Special")});
    const SourceId sales = source("sales", Table::purchases);
    load(sales, Table::purchases, {purchase("1", "A", "GTK"), purchase("2", "A")});
    ImportId held;
    {
        ImportSession session =
            ImportSession::begin(*database, request(sales, Table::purchases)).value();
        const std::vector<ImportRow> rows{purchase("1", "A", "GTX"), purchase("3", "A", "GTX")};
        static_cast<void>(session.add(rows).value());
        held = session.id();
        REQUIRE(session.hold(minute(1)).has_value());
    }
    CHECK(products(sales) == UnknownKeys{1, false, {"GTK"}});
    REQUIRE(Imports{*database}.confirm(held, minute(2)).has_value());
    CHECK(products(sales) == UnknownKeys{2, false, {"GTX"}});
}

TEST_CASE_METHOD(
    UnknownFixture,
    "a held import from before the list of products is counted once it is confirmed",
    "[store][unknown]"
) {
    const SourceId sales = source("sales", Table::purchases);
    load(sales, Table::purchases, {purchase("1", "A", "GTK"), purchase("2", "A")});
    ImportId held;
    {
        ImportSession session =
            ImportSession::begin(*database, request(sales, Table::purchases)).value();
        const std::vector<ImportRow> rows{purchase("1", "A", "GTX"), purchase("3", "A", "GTX")};
        static_cast<void>(session.add(rows).value());
        held = session.id();
        REQUIRE(session.hold(minute(1)).has_value());
    }
    load(source("catalogue", Table::products), Table::products, {product("MG Special")});
    CHECK(count_products() == 1);
    CHECK(products(sales) == UnknownKeys{1, false, {"GTK"}});
    REQUIRE(Imports{*database}.confirm(held, minute(2)).has_value());
    REQUIRE(Imports{*database}.finish_all().has_value());
    CHECK(count_products() == 1);
    CHECK(products(sales) == UnknownKeys{2, false, {"GTX"}});
}

TEST_CASE_METHOD(UnknownFixture, "what was noted outlives a restart", "[store][unknown]") {
    const SourceId sales = source("sales", Table::purchases);
    const UnknownReferences noted{
        {3, true, {"\"; DROP TABLE x", "a\nb", "\u001b[31m"}}, {1, false, {"GTK"}}};
    const auto keep = [&](const UnknownReferences& unknown) {
        return store::write(*database, [&]() -> Result<void> {
            UnknownKeyNotes{*database}.keep(sales, unknown);
            return {};
        });
    };
    CHECK(UnknownKeyNotes{*database}.find(sales) == UnknownReferences{});
    REQUIRE(keep(noted).has_value());
    restart();
    CHECK(UnknownKeyNotes{*database}.find(sales) == noted);
    REQUIRE(keep({}).has_value());
    CHECK(UnknownKeyNotes{*database}.find(sales) == UnknownReferences{});
    CHECK(ask("SELECT count(*) FROM markers") == "0");
}

} // namespace reviewd::test::test_unknown_keys
