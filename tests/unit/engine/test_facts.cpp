#include "scoring/engine/missing_facts.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/engine/portfolio.hpp"

#include <array>

namespace reviewd::test::test_facts {
namespace {

using rules::Aggregate;
using rules::FactType;
using rules::Table;

#define CHECK_VALUE(portfolio, name, expected)                                                     \
    CHECK(cel::to_string((portfolio).value(name)) == cel::to_string(expected))
#define CHECK_MISSING(portfolio, name) CHECK((portfolio).value(name).is_unknown())

rules::ColumnFact account_column(const Portfolio& portfolio, const char* name) {
    return {portfolio.rules.schema[Table::accounts].index_of(name).value()};
}

TEST_CASE("a column fact has the value of its day", "[engine][facts]") {
    Portfolio portfolio;
    portfolio.fact("budget", FactType::money, account_column(portfolio, "budget"));
    CHECK_MISSING(portfolio, "budget");
    portfolio.account({{"budget", number(42'000)}});
    CHECK_VALUE(portfolio, "budget", number(42'000));

    const std::size_t column = account_column(portfolio, "budget").column;
    portfolio.records.former_values = {
        {column, day("2026-11-01"), number(30'000)},
        {column, day("2026-05-01"), number(20'000)},
        {column + 1, day("2026-11-21"), number(1)}};
    CHECK_VALUE(portfolio, "budget", number(42'000));
    portfolio.context.as_of = day("2026-10-31");
    CHECK_VALUE(portfolio, "budget", number(30'000));
    portfolio.context.as_of = day("2026-04-30");
    CHECK_VALUE(portfolio, "budget", number(20'000));
    portfolio.context.as_of = day("2026-05-01");
    CHECK_VALUE(portfolio, "budget", number(30'000));
}

TEST_CASE("before an account was recorded only timeless columns are known", "[engine][facts]") {
    Portfolio portfolio;
    portfolio.fact("budget", FactType::money, account_column(portfolio, "budget"));
    portfolio.fact("segment", FactType::text, account_column(portfolio, "segment"));
    portfolio.account({{"budget", number(1)}, {"segment", text("print")}});
    auto& columns = portfolio.rules.schema[Table::accounts].columns;
    columns[account_column(portfolio, "segment").column].is_timeless = true;
    portfolio.records.account.recorded = day("2026-11-21");
    CHECK_MISSING(portfolio, "budget");
    CHECK_VALUE(portfolio, "segment", text("print"));
}

TEST_CASE("a default stands in for what is missing only", "[engine][facts]") {
    Portfolio portfolio;
    const auto slot = portfolio.fact("vip", FactType::boolean, account_column(portfolio, "vip"));
    portfolio.rules.facts.facts[slot].default_value = cel::Value::of(false);
    CHECK_VALUE(portfolio, "vip", cel::Value::of(false));
    portfolio.account({{"vip", yes()}});
    CHECK_VALUE(portfolio, "vip", yes());
}

TEST_CASE("a table without rows counts zero, one never loaded is missing", "[engine][facts]") {
    Portfolio portfolio;
    portfolio.fact("tickets", FactType::integer, portfolio.over(Aggregate::count, Table::tickets));
    portfolio.fact(
        "spend", FactType::money, portfolio.over(Aggregate::sum, Table::purchases, "amount")
    );
    portfolio.fact(
        "owned", FactType::list, portfolio.over(Aggregate::distinct, Table::purchases, "product")
    );
    portfolio.fact(
        "last", FactType::date, portfolio.over(Aggregate::latest, Table::purchases, "date")
    );
    CHECK_VALUE(portfolio, "tickets", integer(0));
    CHECK_VALUE(portfolio, "spend", number(0));
    CHECK_VALUE(portfolio, "owned", cel::Value::list({}));
    CHECK_MISSING(portfolio, "last");
    portfolio.context.loaded.reset();
    CHECK_MISSING(portfolio, "tickets");
    CHECK_MISSING(portfolio, "spend");
    CHECK_MISSING(portfolio, "owned");
}

void buy(Portfolio& portfolio, const char* product, const char* on, cel::Value amount) {
    portfolio.row(
        Table::purchases,
        {{"product", text(product)}, {"date", date(on)}, {"amount", std::move(amount)}}
    );
}

TEST_CASE("aggregates read the rows of the account", "[engine][facts]") {
    Portfolio portfolio;
    const auto add = [&](const char* name, FactType type, Aggregate aggregate, const char* column) {
        portfolio.fact(name, type, portfolio.over(aggregate, Table::purchases, column));
    };
    add("bought", FactType::integer, Aggregate::count, "");
    add("products", FactType::integer, Aggregate::count_distinct, "product");
    add("owned", FactType::list, Aggregate::distinct, "product");
    add("spend", FactType::money, Aggregate::sum, "amount");
    add("first", FactType::date, Aggregate::earliest, "date");
    add("last", FactType::date, Aggregate::latest, "date");
    buy(portfolio, "B2", "2026-03-01", number(0.1));
    buy(portfolio, "A3", "2025-03-01", number(0.2));
    buy(portfolio, "B2", "2026-11-20", number(1'000'000));
    CHECK_VALUE(portfolio, "bought", integer(3));
    CHECK_VALUE(portfolio, "products", integer(2));
    CHECK_VALUE(portfolio, "owned", cel::Value::list({text("A3"), text("B2")}));
    CHECK_VALUE(portfolio, "spend", number(1'000'000.3));
    CHECK_VALUE(portfolio, "first", date("2025-03-01"));
    CHECK_VALUE(portfolio, "last", date("2026-11-20"));
}

TEST_CASE("a sum with an amount that is missing is missing", "[engine][facts]") {
    Portfolio portfolio;
    portfolio.fact(
        "spend", FactType::money, portfolio.over(Aggregate::sum, Table::purchases, "amount")
    );
    buy(portfolio, "A3", "2026-03-01", number(10));
    buy(portfolio, "A3", "2026-04-01", {});
    CHECK_MISSING(portfolio, "spend");
    auto known = portfolio.over(Aggregate::sum, Table::purchases, "amount");
    known.where = portfolio.on_row(Table::purchases, "amount != null");
    portfolio.fact("known_spend", FactType::money, known);
    CHECK_VALUE(portfolio, "known_spend", number(10));
}

TEST_CASE("a window begins after the day that lies its length back", "[engine][facts]") {
    Portfolio portfolio;
    auto recent = portfolio.over(Aggregate::count, Table::purchases);
    recent.within = Period{12, Period::Unit::months};
    portfolio.fact("recent", FactType::integer, recent);
    buy(portfolio, "A3", "2025-11-20", number(1));
    CHECK_VALUE(portfolio, "recent", integer(0));
    buy(portfolio, "A3", "2025-11-21", number(1));
    CHECK_VALUE(portfolio, "recent", integer(1));
    buy(portfolio, "A3", "2026-11-20", number(1));
    CHECK_VALUE(portfolio, "recent", integer(2));
    buy(portfolio, "A3", "2026-11-21", number(1));
    CHECK_VALUE(portfolio, "recent", integer(2));
}

TEST_CASE("a ticket is open until the day on which it was closed", "[engine][facts]") {
    Portfolio portfolio;
    auto open = portfolio.over(Aggregate::count, Table::tickets);
    open.where = portfolio.on_row(Table::tickets, "closed == null");
    portfolio.fact("open", FactType::integer, open);
    portfolio.row(Table::tickets, {{"opened", date("2026-11-01")}, {"closed", date("2026-11-10")}});
    CHECK_VALUE(portfolio, "open", integer(0));
    portfolio.context.as_of = day("2026-11-10");
    CHECK_VALUE(portfolio, "open", integer(0));
    portfolio.context.as_of = day("2026-11-09");
    CHECK_VALUE(portfolio, "open", integer(1));
    portfolio.context.as_of = day("2026-10-31");
    CHECK_VALUE(portfolio, "open", integer(0));
}

TEST_CASE("today in a condition over rows is the day asked for", "[engine][facts]") {
    Portfolio portfolio;
    auto renewal = portfolio.over(Aggregate::earliest, Table::contracts, "end");
    renewal.where = portfolio.on_row(Table::contracts, "end >= today");
    portfolio.fact("renewal", FactType::date, renewal);
    portfolio.row(Table::contracts, {{"end", date("2026-06-30")}});
    portfolio.row(Table::contracts, {{"end", date("2027-06-30")}});
    portfolio.row(Table::contracts, {});
    CHECK_VALUE(portfolio, "renewal", date("2027-06-30"));
    portfolio.context.as_of = day("2026-06-30");
    CHECK_VALUE(portfolio, "renewal", date("2026-06-30"));
}

TEST_CASE("a row that cannot be judged matters only where it could change", "[engine][facts]") {
    Portfolio portfolio;
    const auto add = [&](const char* name, FactType type, Aggregate aggregate, const char* column) {
        auto fact = portfolio.over(aggregate, Table::interactions, column);
        fact.where = portfolio.on_row(Table::interactions, R"(kind == "referral")");
        portfolio.fact(name, type, fact);
    };
    add("referrals", FactType::integer, Aggregate::count, "");
    add("people", FactType::integer, Aggregate::count_distinct, "person");
    add("latest", FactType::date, Aggregate::latest, "date");
    add("earliest", FactType::date, Aggregate::earliest, "date");
    const auto talk = [&](cel::Value kind, const char* person, const char* on) {
        portfolio.row(
            Table::interactions,
            {{"kind", std::move(kind)}, {"person", text(person)}, {"date", date(on)}}
        );
    };
    talk(text("referral"), "ann", "2026-05-01");
    talk(text("visit"), "bob", "2026-06-01");
    CHECK_VALUE(portfolio, "referrals", integer(1));
    talk({}, "ann", "2026-04-01");
    CHECK_MISSING(portfolio, "referrals");
    CHECK_VALUE(portfolio, "people", integer(1));
    CHECK_VALUE(portfolio, "latest", date("2026-05-01"));
    CHECK_MISSING(portfolio, "earliest");
    talk({}, "bob", "2026-05-02");
    CHECK_MISSING(portfolio, "people");
    CHECK_MISSING(portfolio, "latest");
}

TEST_CASE("rows that vanished are there until they did", "[engine][facts]") {
    Portfolio portfolio;
    portfolio.fact("bought", FactType::integer, portfolio.over(Aggregate::count, Table::purchases));
    buy(portfolio, "A3", "2026-01-01", number(1));
    portfolio.records.rows[static_cast<std::size_t>(Table::purchases)][0].retired =
        day("2026-11-20");
    CHECK_VALUE(portfolio, "bought", integer(0));
    portfolio.context.as_of = day("2026-11-19");
    CHECK_VALUE(portfolio, "bought", integer(1));
}

TEST_CASE("the latest answer counts until it expires", "[engine][facts]") {
    Portfolio portfolio;
    const auto slot =
        portfolio.fact("satisfaction", FactType::number, rules::AnswerFact{"satisfaction"});
    portfolio.rules.facts.facts[slot].expires = Period{18, Period::Unit::months};
    CHECK_MISSING(portfolio, "satisfaction");
    portfolio.records.answers = {
        {"satisfaction", integer(7), day("2025-05-21")},
        {"satisfaction", integer(4), day("2024-12-01")},
        {"effort", integer(1), day("2026-11-01")},
        {"satisfaction", integer(9), day("2026-12-01")}};
    CHECK_VALUE(portfolio, "satisfaction", number(7));
    portfolio.context.as_of = day("2026-11-21");
    CHECK_MISSING(portfolio, "satisfaction");
    portfolio.context.as_of = day("2026-12-01");
    CHECK_VALUE(portfolio, "satisfaction", number(9));
}

TEST_CASE("an expression fact reads other facts and is missing with them", "[engine][facts]") {
    Portfolio portfolio;
    portfolio.fact(
        "last", FactType::date, portfolio.over(Aggregate::latest, Table::purchases, "date")
    );
    portfolio.fact(
        "months_quiet",
        FactType::number,
        rules::ExpressionFact{portfolio.on_facts("months_between(last, today)")}
    );
    portfolio.fact(
        "is_new", FactType::boolean, rules::ExpressionFact{portfolio.on_facts("last == null")}
    );
    CHECK_MISSING(portfolio, "months_quiet");
    CHECK_VALUE(portfolio, "is_new", yes());
    buy(portfolio, "A3", "2026-09-15", number(1));
    CHECK_VALUE(portfolio, "months_quiet", number(2));
    CHECK_VALUE(portfolio, "is_new", cel::Value::of(false));
}

TEST_CASE("an expression that fails is no missing fact", "[engine][facts]") {
    Portfolio portfolio;
    const auto fact = [&](const std::string& name, FactType type, const std::string& source) {
        const auto slot =
            portfolio.fact(name, type, rules::ExpressionFact{portfolio.on_facts(source)});
        portfolio.rules.facts.facts[slot].default_value = integer(7);
    };
    const auto error = [&](const std::string& name) {
        const cel::Value value = portfolio.value(name);
        REQUIRE(value.is_error());
        return value.get_if<cel::EvaluationError>()->message;
    };
    fact("divided", FactType::integer, "1 / (offers - offers)");
    fact("doubled", FactType::integer, "2 * divided");
    fact("half", FactType::integer, "dyn(0.5)");
    fact("numbers", FactType::list, "dyn([1, 2])");
    fact("is_divided", FactType::boolean, "known(divided)");
    fact("absent", FactType::integer, "last_review_days + 1");
    CHECK(error("divided") == "`divided` cannot be computed: division by zero");
    CHECK(error("doubled") == error("divided"));
    CHECK(error("half") == "`half` cannot be computed: 0.5 is no whole number");
    CHECK(error("numbers") == "`numbers` cannot be computed: [1, 2] is no list of texts");
    CHECK_VALUE(portfolio, "is_divided", cel::Value::of(false));
    CHECK_VALUE(portfolio, "absent", integer(7)); // it was never reviewed
    portfolio.rule("uses-it", "divided > 1", 10);
    const engine::Ledger ledger = engine::explain(portfolio.rules, portfolio.facts());
    CHECK(ledger.lines.at(1).error == "`divided` cannot be computed: division by zero");
}

TEST_CASE("what is missing behind a fact that is computed is named", "[engine][facts]") {
    Portfolio portfolio;
    portfolio.fact("a", FactType::number, rules::AnswerFact{"a"});
    portfolio.fact("b", FactType::number, rules::AnswerFact{"b"});
    portfolio.fact("sum", FactType::number, rules::ExpressionFact{portfolio.on_facts("a + b")});
    const auto twice = portfolio.fact(
        "twice", FactType::number, rules::ExpressionFact{portfolio.on_facts("2.0 * sum")}
    );
    const auto roots = [&] {
        std::vector<std::string> names;
        for (const auto slot :
             engine::missing_roots(portfolio.rules, portfolio.facts(), std::array{twice})) {
            names.push_back(portfolio.rules.facts.facts[slot].name);
        }
        return names;
    };
    CHECK(roots() == std::vector<std::string>{"a", "b"});
    portfolio.records.answers.push_back({"a", number(1), day("2026-11-01")});
    CHECK(roots() == std::vector<std::string>{"b"});
}

TEST_CASE("an unknown fact names itself", "[engine][facts]") {
    Portfolio portfolio;
    const auto slot = portfolio.fact(
        "last", FactType::date, portfolio.over(Aggregate::latest, Table::purchases, "date")
    );
    const cel::Value missing = portfolio.value("last");
    REQUIRE(missing.is_unknown());
    CHECK(missing.get_if<cel::Unknown>()->slots == std::vector{slot});
}

TEST_CASE("values read as people write them", "[engine][facts]") {
    const auto described = [](FactType type, const cel::Value& value) {
        rules::Fact fact;
        fact.type = type;
        return engine::describe_fact(fact, value, {"EUR", 2});
    };
    CHECK(described(FactType::money, number(42'000)) == "EUR 42,000");
    CHECK(described(FactType::money, number(1'054.5)) == "EUR 1,054.50");
    CHECK(described(FactType::money, number(0.1 + 0.2)) == "EUR 0.30");
    const rules::Fact money{"budget", FactType::money, {}, {}, {}, {}};
    CHECK(engine::describe_fact(money, number(1'054'000), {"JPY", 0}) == "JPY 1,054,000");
    CHECK(engine::describe_fact(money, number(1'054.125), {"KWD", 3}) == "KWD 1,054.125");
    CHECK(engine::describe_fact(money, number(-7), {"KWD", 3}) == "KWD -7");
    CHECK(described(FactType::integer, integer(2)) == "2");
    CHECK(described(FactType::integer, integer(-1'234'567)) == "-1,234,567");
    CHECK(described(FactType::integer, integer(2026)) == "2026");
    CHECK(described(FactType::number, number(7.25)) == "7.25");
    CHECK(described(FactType::number, number(0.0004)) == "0.0004");
    CHECK(described(FactType::number, number(-0.00001)) == "-1e-05");
    CHECK(described(FactType::number, number(0.0005)) == "0.001");
    CHECK(described(FactType::number, number(-0.0)) == "0");
    // A company may count in finer parts than its currency usually has.
    CHECK(engine::describe_fact(money, number(0.125), {"EUR", 3}) == "EUR 0.125");
    CHECK(described(FactType::number, number(12'345.6789)) == "12,345.679");
    CHECK(described(FactType::number, number(-0.0001)) == "-0.0001");
    CHECK(described(FactType::date, date("2026-10-16")) == "16 Oct 2026");
    CHECK(described(FactType::date, date("1970-01-01")) == "1 Jan 1970");
    CHECK(described(FactType::boolean, yes()) == "yes");
    CHECK(
        described(
            FactType::text,
            text("a\nb\xE2\x80\xAE"
                 "c")
        )
        == "a\\nb\\u202ec"
    );
    CHECK(described(FactType::list, cel::Value::list({})) == "none");
    CHECK(described(FactType::list, cel::Value::list({text("A3"), text("B2")})) == "A3, B2");
    CHECK(described(FactType::number, cel::Value::unknown(1)) == "missing");
}

} // namespace
} // namespace reviewd::test::test_facts
