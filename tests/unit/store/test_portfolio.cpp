#include "daemon/store/account_reader.hpp"
#include "daemon/store/internal/implementation.hpp"
#include "daemon/store/outcomes.hpp"
#include "daemon/store/portfolio.hpp"
#include "daemon/store/reviews.hpp"
#include "daemon/store/transaction.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/store/store_fixture.hpp"

#include <fmt/core.h>

#include <random>

namespace reviewd::test::test_portfolio {

namespace {

using namespace reviewd;
using namespace reviewd::store;
using namespace reviewd::test;
using rules::Table;

constexpr Date next_day = some_day + std::chrono::days{1};

struct PortfolioFixture : StoreFixture {
    Portfolio portfolio() { return Portfolio{*database, schema}; }

    /// As the importer does it, without a pause.
    Result<void> link_all(const std::optional<OwnerColumn>& owner_column) {
        AccountId after;
        while (true) {
            const Result<std::optional<AccountId>> next =
                portfolio().link_some(owner_column, after);
            if (next.has_error()) {
                return next.error();
            }
            if (!*next) {
                return {};
            }
            after = **next;
        }
    }
    AccountReader reader() { return AccountReader{*database, schema, 2}; }

    ImportRow person(std::string key, std::string name) const {
        return row(schema[Table::people], {{"key", std::move(key)}, {"name", std::move(name)}});
    }
    ImportRow purchase(std::string key, std::string of, Date day, std::string seller = {}) const {
        ImportRow made =
            row(schema[Table::purchases],
                {{"key", std::move(key)},
                 {"account", std::move(of)},
                 {"product", std::string{"MG Special"}},
                 {"date", day},
                 {"amount", Money{12'345}}});
        if (!seller.empty()) {
            made.fields[schema[Table::purchases].index_of("sold_by").value()] = std::move(seller);
        }
        return made;
    }
};

std::string text(const cel::Value& value) {
    const auto* kept = value.get_if<std::string>();
    return kept == nullptr ? "?" : *kept;
}

} // namespace

TEST_CASE_METHOD(
    PortfolioFixture, "who mistypes a name is told the nearest one", "[store][portfolio]"
) {
    load(
        source("crm", Table::accounts),
        Table::accounts,
        {account(schema, "K1", "Hartley Print"),
         account(schema, "K2", "Orbis Dental Supplies"),
         account(schema, "K3", "K3")}
    );
    load(source("hr", Table::people), Table::people, {person("ann", "Ann Berg")});
    const auto answer = [&](std::string_view typed) {
        return portfolio().find_account(typed).error().message;
    };
    const auto hint = [&](std::string_view typed) {
        const std::string message = answer(typed);
        const std::size_t at = message.find("did you mean");
        return at == std::string::npos ? "" : message.substr(at);
    };
    CHECK(hint("hartly") == "did you mean `Hartley Print` (K1)?");
    CHECK(hint("HARTLEY PRNIT") == "did you mean `Hartley Print` (K1)?");
    CHECK(hint("dentel") == "did you mean `Orbis Dental Supplies` (K2)?");
    CHECK(hint("orbs dental") == "did you mean `Orbis Dental Supplies` (K2)?");
    CHECK(hint("  hartly ") == "did you mean `Hartley Print` (K1)?");
    CHECK(hint("KK3") == "did you mean `K3`?");
    CHECK(hint("something else").empty());
    CHECK(hint("").empty());
    REVIEWD_CHECK_CONTAINS(answer("something else"), "(`reviewctl score` lists all)");
    const std::string person_message = portfolio().match_person("an berk").error().message;
    REVIEWD_CHECK_CONTAINS(person_message, "did you mean `Ann Berg` (ann)?");
}

TEST_CASE_METHOD(
    PortfolioFixture, "an account is found by what people type", "[store][portfolio]"
) {
    load(
        source("crm", Table::accounts),
        Table::accounts,
        {account(schema, "K1", "Hartley Print"),
         account(schema, "K2", "hartley Dental"),
         account(schema, "K3", "Orbis"),
         account(schema, "Orbis", "Another"),
         account(schema, "K5", "আলফা ট্রেডিং"),
         account(schema, "K6", "100%_sure")}
    );
    const auto name_of = [&](std::string_view typed) {
        const auto found = portfolio().find_account(typed);
        return found.has_value() ? found->name : std::string{name(found.error().code)};
    };
    CHECK(name_of("Orbis") == "Another");
    CHECK(name_of("orbis") == "Orbis");
    CHECK(name_of("hartley p") == "Hartley Print");
    CHECK(name_of("DENTAL") == "hartley Dental");
    CHECK(name_of("ট্রেডিং") == "আলফা ট্রেডিং");
    CHECK(name_of("100%") == "100%_sure");
    CHECK(name_of("%") == "not_found");    // no wildcard
    CHECK(name_of("rint") == "not_found"); // a piece of a word is nobody's name
    CHECK(name_of("' OR 1=1 --") == "not_found");
    CHECK(name_of("hartley") == "conflict");
    REVIEWD_CHECK_CONTAINS(
        portfolio().find_account("hartley").error().message, "Hartley Print (K1)"
    );
    CHECK(portfolio().count(Table::accounts) == 6);
}

TEST_CASE_METHOD(
    PortfolioFixture,
    "a name is found whatever case and accents it is typed with",
    "[store][portfolio]"
) {
    load(
        source("crm", Table::accounts),
        Table::accounts,
        {account(schema, "K1", "Öko-Bau Größe & Söhne"),
         account(schema, "K2", "Énergie du Léman"),
         account(schema, "K3", "Muller"),
         account(schema, "K4", "Müller"),
         account(schema, "K5", "কলা ট্রেডিং"),
         account(schema, "K6", "Ｗｉｄｅ Letters"),
         account(schema, "K7", "broken \xC3"),
         account(schema, "K8", "ΟΔΟΣ")}
    );
    load(source("hr", Table::people), Table::people, {person("jose", "José Ibáñez")});
    const auto key_of = [&](std::string_view typed) {
        const auto found = portfolio().find_account(typed);
        return found.has_value() ? found->key : std::string{name(found.error().code)};
    };
    CHECK(key_of("öko") == "K1");
    CHECK(key_of("ÖKO-BAU GRÖSSE") == "K1");
    CHECK(key_of("oko") == "K1");
    CHECK(key_of("O\xCC\x88KO") == "K1"); // the accent as a character of its own
    CHECK(key_of("energie du le") == "K2");
    CHECK(key_of("LÉMAN") == "K2");
    CHECK(key_of("Muller") == "K3"); // as it is written, before one that accents tell apart
    CHECK(key_of("Müller") == "K4");
    CHECK(key_of("MÜLLER") == "conflict");
    CHECK(key_of("কলা") == "K5");
    CHECK(key_of("কিল") == "not_found"); // a vowel sign is no accent
    CHECK(key_of("wide") == "K6");
    CHECK(key_of("BROKEN \xC3") == "K7");
    CHECK(key_of("οδος") == "K8");
    CHECK(portfolio().match_person("jose i")->key == "jose");
    CHECK(portfolio().match_person("IBÁÑEZ")->key == "jose");
    REVIEWD_CHECK_CONTAINS(
        portfolio().find_account("energei").error().message, "did you mean `Énergie du Léman` (K2)?"
    );
}

TEST_CASE_METHOD(
    PortfolioFixture, "rows and owners that come late are linked", "[store][portfolio]"
) {
    const SourceId sales = source("sales", Table::purchases);
    load(
        sales,
        Table::purchases,
        {purchase("1", "A1", some_day, "bob"),
         purchase("2", "A1", next_day, "ann"),
         purchase("3", "A2", some_day, "ann"),
         purchase("4", "A9", some_day, "ann")}
    );
    load(
        source("crm", Table::accounts),
        Table::accounts,
        {account(schema, "A1", "One"),
         account(schema, "A2", "Two", {{"owner", std::string{"bob"}}}),
         account(schema, "A3", "Three")}
    );
    load(
        source("team", Table::people), Table::people, {person("ann", "Ann"), person("bob", "Bob")}
    );
    const OwnerColumn seller{
        Table::purchases, schema[Table::purchases].index_of("sold_by").value()};
    REQUIRE(link_all(seller).has_value());
    CHECK(portfolio().find_account("One")->owner_key == "ann");
    CHECK(portfolio().find_account("Two")->owner_name == "Bob");
    CHECK_FALSE(portfolio().find_account("Three")->owner);
    CHECK(ask("SELECT group_concat(key) FROM purchases WHERE account_id IS NULL") == "4");
    const PersonId ann = portfolio().find_person("ann")->id;
    CHECK(
        portfolio().accounts_of(ann) == std::vector<AccountId>{portfolio().find_account("One")->id}
    );
    CHECK(portfolio().accounts_by_owner().size() == 3);
    CHECK(portfolio().match_person("bo")->key == "bob");

    SECTION("and of those who are gone it is known whom they name") {
        load(source("team", Table::people), Table::people, {person("kim", "Kim")});
        REQUIRE(link_all(seller).has_value());
        const auto named = [&] {
            std::string all;
            for (const Portfolio::Ownerless& each : portfolio().ownerless(seller)) {
                all += fmt::format("{}:{} ", portfolio().account(each.account)->key, each.named);
            }
            return all;
        };
        CHECK(named() == "A1:ann A2:bob A3: ");
        const Transaction transaction{*database};
        const Account first = portfolio().find_account("A1").value();
        portfolio().hand_over(
            first.id, portfolio().find_person("kim").value(), some_day, "ruth", ""
        );
        CHECK(named() == "A2:bob A3: ");
    }
    SECTION("and follow the data") {
        load(
            sales, Table::purchases, {purchase("1", "A1", next_day + std::chrono::days{1}, "bob")}
        );
        REQUIRE(link_all(seller).has_value());
        CHECK(portfolio().find_account("One")->owner_key == "bob");
    }
    SECTION("and without the rule only the column counts") {
        REQUIRE(link_all(std::nullopt).has_value());
        CHECK_FALSE(portfolio().find_account("One")->owner);
        CHECK(portfolio().find_account("Two")->owner_key == "bob");
    }
}

TEST_CASE_METHOD(
    PortfolioFixture, "keys of accounts are those of the source named", "[store][portfolio]"
) {
    const SourceId one = source("one", Table::accounts);
    const SourceId two = source("two", Table::accounts);
    load(one, Table::accounts, {account(schema, "A", "First")});
    load(two, Table::accounts, {account(schema, "A", "Second")});
    ImportRequest wanted = request(source("sales", Table::purchases), Table::purchases);
    wanted.accounts_from = two;
    ImportSession session = ImportSession::begin(*database, wanted).value();
    const std::vector<ImportRow> rows{purchase("1", "A", some_day)};
    static_cast<void>(session.add(rows).value());
    REQUIRE(session.accept(some_moment).has_value());
    CHECK(ask("SELECT a.name FROM purchases p JOIN accounts a ON a.id = p.account_id") == "Second");
}

TEST_CASE_METHOD(
    PortfolioFixture, "the reader gives values in the terms of the engine", "[store][reader]"
) {
    rules::TableSchema& accounts = schema[Table::accounts];
    accounts.columns.push_back(
        {.name = "score", .type = rules::ColumnType::number, .is_custom = true}
    );
    accounts.columns.push_back(
        {.name = "flag", .type = rules::ColumnType::boolean, .is_custom = true}
    );
    const SourceId crm = source("crm", Table::accounts);
    const auto make = [&](double score, std::int64_t cents) {
        return account(
            schema,
            "A",
            "One",
            {{"budget", Money{cents}},
             {"vip", true},
             {"since", some_day},
             {"score", score},
             {"flag", false}}
        );
    };
    load(crm, Table::accounts, {make(1, 4'200'050), account(schema, "B", "Two")});
    load(crm, Table::accounts, {make(2.5, 100), account(schema, "B", "Two")}, next_day);
    const auto entries = reader().read_after({}, 10);
    REQUIRE(entries.size() == 2);
    const engine::Record& one = entries[0].records.account;
    const auto value = [&](std::string_view column) {
        return one.values[accounts.index_of(column).value()];
    };
    CHECK(text(value("name")) == "One");
    CHECK(*value("budget").get_if<double>() == 1.0);
    CHECK(*value("vip").get_if<bool>());
    CHECK(value("owner").is_null());
    CHECK(
        value("since").get_if<cel::Timestamp>()->seconds
        == some_day.time_since_epoch().count() * 86'400LL
    );
    CHECK(*value("score").get_if<double>() == 2.5);
    CHECK_FALSE(*value("flag").get_if<bool>());
    CHECK(one.recorded == some_day);
    REQUIRE(entries[0].records.former_values.size() == 2);
    for (const engine::FormerValue& former : entries[0].records.former_values) {
        CHECK(former.until == next_day);
        CHECK(
            *former.value.get_if<double>()
            == (accounts.columns[former.column].name == "budget" ? 42'000.5 : 1.0)
        );
    }
    CHECK(entries[1].records.former_values.empty());
}

TEST_CASE_METHOD(
    PortfolioFixture, "the reader equals a naive one on random data", "[store][reader]"
) {
    std::mt19937 random{20261120};
    const auto below = [&](int limit) {
        return static_cast<int>(random() % static_cast<unsigned>(limit));
    };
    std::vector<ImportRow> accounts;
    for (int number = 0; number < 60; ++number) {
        accounts.push_back(account(schema, fmt::format("A{}", number), fmt::format("N{}", number)));
    }
    std::shuffle(accounts.begin(), accounts.end(), random);
    const SourceId crm = source("crm", Table::accounts);
    load(crm, Table::accounts, accounts);
    accounts.resize(50);
    load(crm, Table::accounts, accounts, next_day);
    std::vector<ImportRow> purchases;
    std::vector<ImportRow> contacts;
    for (int number = 0; number < 400; ++number) {
        const std::string of = fmt::format("A{}", below(70));
        purchases.push_back(
            purchase(fmt::format("P{}", number), of, some_day - std::chrono::days{below(900)})
        );
        if (number % 3 == 0) {
            contacts.push_back(row(
                schema[Table::contacts],
                {{"key", fmt::format("C{}", number)}, {"account", of}, {"name", std::string{"Jo"}}}
            ));
        }
    }
    const SourceId sales = source("sales", Table::purchases);
    load(sales, Table::purchases, purchases);
    load(source("contacts", Table::contacts), Table::contacts, contacts);
    purchases.resize(300);
    load(sales, Table::purchases, purchases, next_day);
    write(*database, [&]() -> Result<void> {
        for (int number = 1; number <= 20; ++number) {
            Review held;
            held.account = AccountId{1 + number % 7};
            held.state = ReviewState::done;
            held.held_on = some_day;
            held.closed_at = some_moment;
            const ReviewId id = Reviews{*database}.insert(held).value();
            Outcomes{*database}.add_answer(
                id, held.account, {"q", cel::Value::of(std::int64_t{number}), some_day}
            );
        }
        return {};
    }).value();

    std::vector<AccountEntry> entries;
    while (true) {
        const auto part = reader().read_after(entries.empty() ? AccountId{} : entries.back().id, 7);
        if (part.empty()) {
            break;
        }
        entries.insert(entries.end(), part.begin(), part.end());
    }
    REQUIRE(entries.size() == 50);
    const std::size_t key = schema[Table::purchases].index_of("key").value();
    for (const AccountEntry& entry : entries) {
        const auto naive = [&](std::string_view what) {
            return ask(fmt::format(fmt::runtime(what), entry.id.value));
        };
        std::string keys;
        int retired = 0;
        for (const engine::Record& bought :
             entry.records.rows[static_cast<std::size_t>(Table::purchases)]) {
            keys += text(bought.values[key]) + ",";
            retired += bought.retired == next_day ? 1 : 0;
        }
        CHECK(
            keys
            == naive("SELECT coalesce(group_concat(key, ',') || ',', '') "
                     "FROM (SELECT key FROM purchases WHERE account_id = {} ORDER BY id)")
        );
        CHECK(
            std::to_string(retired)
            == naive("SELECT count(retired) FROM purchases WHERE account_id = {}")
        );
        CHECK(
            std::to_string(entry.records.rows[static_cast<std::size_t>(Table::contacts)].size())
            == naive("SELECT count(*) FROM contacts WHERE account_id = {}")
        );
        CHECK(
            std::to_string(entry.records.answers.size())
            == naive("SELECT count(*) FROM answers WHERE account_id = {}")
        );
        CHECK(
            std::to_string(entry.records.reviews_held.size())
            == naive("SELECT count(*) FROM reviews WHERE account_id = {}")
        );
    }
    const std::vector<AccountId> wanted{
        entries[9].id, AccountId{9999}, entries[3].id, entries[9].id};
    const auto some = reader().read(wanted);
    REQUIRE(some.size() == 2);
    CHECK(some[0].id == entries[3].id);
    CHECK(
        some[1].records.rows[static_cast<std::size_t>(Table::purchases)].size()
        == entries[9].records.rows[static_cast<std::size_t>(Table::purchases)].size()
    );
}

TEST_CASE_METHOD(
    PortfolioFixture, "the context has the products and the loaded tables", "[store][reader]"
) {
    load(
        source("catalogue", Table::products),
        Table::products,
        {row(
            schema[Table::products],
            {{"key", std::string{"GTX"}},
             {"name", std::string{"GTX Pro"}},
             {"price", Money{482'100}}}
        )}
    );
    const engine::PortfolioContext context = reader().read_context(some_day);
    CHECK(context.as_of == some_day);
    CHECK(context.loaded.count() == 1);
    REQUIRE(context.products.size() == 1);
    CHECK(
        *context.products[0]
             .values[schema[Table::products].index_of("price").value()]
             .get_if<double>()
        == 4821.0
    );
}

TEST_CASE_METHOD(
    PortfolioFixture, "the reader leaves out what nobody asks for", "[store][reader]"
) {
    const SourceId crm = source("crm", Table::accounts);
    const SourceId sales = source("sales", Table::purchases);
    const Date last_day = next_day + std::chrono::days{1};
    load(crm, Table::accounts, {account(schema, "A", "One", {{"segment", std::string{"old"}}})});
    load(
        crm,
        Table::accounts,
        {account(schema, "A", "One", {{"segment", std::string{"new"}}})},
        next_day
    );
    load(sales, Table::purchases, {purchase("1", "A", some_day), purchase("2", "A", some_day)});
    load(sales, Table::purchases, {purchase("2", "A", some_day)}, next_day);
    const auto read = [&](const auto& prepare) {
        AccountReader reading = reader();
        prepare(reading);
        return reading.read_after({}, 10).at(0).records;
    };
    constexpr auto purchases = static_cast<std::size_t>(Table::purchases);
    const auto all = read([](AccountReader&) {});
    CHECK(all.rows[purchases].size() == 2);
    CHECK(all.former_values.size() == 1);
    // What changed and vanished on the next day stood until then.
    const auto since_before = read([](AccountReader& each) { each.leave_out_past(some_day); });
    CHECK(since_before.rows[purchases].size() == 2);
    CHECK(since_before.former_values.size() == 1);
    for (const Date day : {next_day, last_day}) {
        const auto since = read([&](AccountReader& each) { each.leave_out_past(day); });
        REQUIRE(since.rows[purchases].size() == 1);
        CHECK(text(since.rows[purchases][0].values[0]) == "2");
        CHECK(since.former_values.empty());
    }
    const auto rows_only = read([](AccountReader& each) { each.leave_out_past_values(); });
    CHECK(rows_only.rows[purchases].size() == 2);
    CHECK(rows_only.former_values.empty());
}

TEST_CASE_METHOD(PortfolioFixture, "contacts of an account are listed", "[store][portfolio]") {
    load(source("crm", Table::accounts), Table::accounts, {account(schema, "A", "One")});
    load(
        source("contacts", Table::contacts),
        Table::contacts,
        {row(
            schema[Table::contacts],
            {{"key", std::string{"1"}},
             {"account", std::string{"A"}},
             {"name", std::string{"Jo Hartley"}},
             {"phone", std::string{"+44"}}}
        )}
    );
    const auto contacts = portfolio().contacts(AccountId{1});
    REQUIRE(contacts.size() == 1);
    CHECK(contacts[0].phone == "+44");
    CHECK(contacts[0].role.empty());
}

} // namespace reviewd::test::test_portfolio
