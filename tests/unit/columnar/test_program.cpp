#include "scoring/engine/columnar/program.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/columnar/random_rules.hpp"

namespace reviewd::test::test_program {
namespace {

using namespace engine::columnar;

struct Accounts {
    RandomRules random{5};
    rules::RuleSet rules = random.rule_set(0);
    FactColumns columns;

    explicit Accounts(std::size_t count) {
        FactColumnsBuilder builder{rules.facts.facts.size()};
        for (std::size_t row = 0; row < count; ++row) {
            builder.add(AccountId{1}, random.facts());
        }
        columns = builder.finish();
        rules.groups.clear();
    }

    void rule(const std::string& when, rules::Points points) {
        rules::Rule rule;
        rule.when = cel::compile(when, rules::fact_environment(rules.facts)).value();
        rule.points = points;
        rules.rules.push_back(std::move(rule));
    }
};

} // namespace

TEST_CASE("what columns cannot do is named with its reason", "[columnar][program]") {
    Accounts accounts{5000};
    accounts.rule("r_many > 10.0 && b_all", 1000);
    accounts.rule("t_few == t_many", 2000);
    accounts.rule("i_huge + i_wide > 3", 2000);
    const Program program = compile(accounts.rules, accounts.columns);
    REQUIRE(program.fallbacks().size() == 2);
    CHECK(program.fallbacks()[0].rule == 1);
    CHECK(program.fallbacks()[0].reason == "it compares texts or lists of two facts");
    CHECK(program.fallbacks()[1].rule == 2);
    CHECK(
        program.fallbacks()[1].reason == "it calculates with dates, or numbers could grow too large"
    );
}

TEST_CASE("a condition on a text costs nothing more when it is used again", "[columnar][program]") {
    Accounts accounts{5000};
    accounts.rule("t_many.matches('^k[1-5]') && r_many > 5.0", 1000);
    const std::size_t one = compile(accounts.rules, accounts.columns).instruction_count();
    accounts.rule("r_many > 5.0 && t_many.matches('^k[1-5]')", 2000);
    CHECK(compile(accounts.rules, accounts.columns).instruction_count() == one);
}

TEST_CASE("a chain of operators is compiled whatever its length", "[columnar][program][T8]") {
    Accounts accounts{2100};
    std::string sum = "r_many";
    std::string product = "i_small";
    std::string shorter = "r_many";
    for (int i = 0; i < 1000; ++i) {
        sum += i % 3 == 0 ? " + r_few" : i % 3 == 1 ? " - r_many" : " + 0.25";
        product += i % 2 == 0 ? " + i_short" : " - i_short";
        shorter += i < 40 ? " + i_short * 0.5" : "";
    }
    accounts.rule(sum + " > 100.0", 1000);
    accounts.rule(product + " > 3", 2000);
    accounts.rule(shorter + " > 200.0", 4000);
    const Program program = compile(accounts.rules, accounts.columns);
    for (const Fallback& fallback : program.fallbacks()) {
        CHECK(fallback.rule != 0); // doubles cannot grow too large
        CHECK(fallback.rule != 2);
    }
    ScoreColumns scores;
    scores.resize(2100);
    evaluate(program, accounts.columns, {0, 2100}, scores);
    for (std::size_t row = 0; row < 2100; ++row) {
        const engine::Score expected =
            engine::evaluate(accounts.rules, accounts.columns.facts(row));
        REQUIRE(scores.score(row).points == expected.points);
        REQUIRE(scores.score(row).is_judged == expected.is_judged);
    }
}

TEST_CASE("a range of rows is scored without the others", "[columnar][program]") {
    Accounts accounts{3000};
    accounts.rule("r_many > 10.0 || b_some", 1000);
    const Program program = compile(accounts.rules, accounts.columns);
    ScoreColumns all;
    ScoreColumns parts;
    all.resize(3000);
    parts.resize(3000);
    evaluate(program, accounts.columns, {0, 3000}, all);
    evaluate(program, accounts.columns, {2048, 3000}, parts);
    CHECK(parts.points[0] == 0);
    evaluate(program, accounts.columns, {0, 2048}, parts);
    for (std::size_t row = 0; row < 3000; ++row) {
        REQUIRE(parts.points[row] == all.points[row]);
    }
}

TEST_CASE("a program fits until columns that it reads change their form", "[columnar][program]") {
    Accounts accounts{50};
    const Program reads_none = compile(accounts.rules, accounts.columns);
    accounts.rule("t_few == 'new'", 1000);
    const Program reads_it = compile(accounts.rules, accounts.columns);
    CHECK(reads_none.fits(accounts.columns));
    CHECK(reads_it.fits(accounts.columns));
    engine::FactRow row = accounts.columns.facts(4);
    row[accounts.rules.facts.slot_of("t_few").value()] = cel::Value::of(std::string{"new"});
    accounts.columns.update(4, row);
    CHECK(reads_none.fits(accounts.columns));
    CHECK_FALSE(reads_it.fits(accounts.columns));
}

} // namespace reviewd::test::test_program
