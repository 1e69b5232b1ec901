#include "scoring/engine/columnar/program.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/columnar/random_rules.hpp"

namespace reviewd::test::test_random_rules {
namespace {

using namespace engine::columnar;

struct Portfolio {
    std::vector<engine::FactRow> rows;
    FactColumns columns;
};

Portfolio portfolio(RandomRules& random, std::size_t fact_count, std::size_t row_count) {
    Portfolio made;
    FactColumnsBuilder builder{fact_count};
    for (std::size_t row = 0; row < row_count; ++row) {
        made.rows.push_back(random.facts());
        if (row % 3 == 1) { // facts that cannot be computed are as little known
            for (cel::Value& value : made.rows.back()) {
                value = value.is_unknown() ? cel::Value::error("division by zero") : value;
            }
        }
        builder.add(AccountId{static_cast<std::int64_t>(row + 1)}, made.rows.back());
    }
    made.columns = builder.finish();
    return made;
}

std::string described(const rules::RuleSet& rules) {
    std::string text;
    for (const rules::Rule& rule : rules.rules) {
        const auto* points = std::get_if<cel::Expression>(&rule.points);
        text += (rule.when ? rule.when->source() : "always") + " -> "
                + (points != nullptr ? points->source()
                                     : std::to_string(std::get<rules::Points>(rule.points)))
                + (rule.group ? " in group " + std::to_string(*rule.group) : "") + "\n";
    }
    return text;
}

/// Compares every `stride`th row, the last ones always.
void check_equal(const rules::RuleSet& rules, const Portfolio& portfolio, std::size_t stride) {
    const Program program = compile(rules, portfolio.columns);
    ScoreColumns scores;
    scores.resize(portfolio.rows.size());
    evaluate(program, portfolio.columns, {0, portfolio.rows.size()}, scores);
    for (std::size_t row = 0; row < portfolio.rows.size(); ++row) {
        if (row % stride != 0 && row + 3 < portfolio.rows.size()) {
            continue;
        }
        const engine::Score expected = engine::evaluate(rules, portfolio.rows[row]);
        const engine::Score actual = scores.score(row);
        if (expected.points == actual.points && expected.level == actual.level
            && expected.is_judged == actual.is_judged) {
            continue;
        }
        INFO(described(rules));
        INFO("row " << row << ", fallbacks " << program.fallbacks().size());
        std::string values;
        for (std::size_t slot = 0; slot < portfolio.rows[row].size(); ++slot) {
            values += rules.facts.facts[slot].name + "=" + cel::to_string(portfolio.rows[row][slot])
                      + " ";
        }
        INFO(values);
        CHECK(actual.points == expected.points);
        CHECK(actual.level == expected.level);
        CHECK(actual.is_judged == expected.is_judged);
        FAIL("columns and interpreter differ");
    }
}

} // namespace

TEST_CASE("a rule over columns scores as the interpreter does", "[columnar][random]") {
    RandomRules random{20'261'121};
    rules::RuleSet rules = random.rule_set(0);
    const Portfolio large = portfolio(random, rules.facts.facts.size(), 5000);
    const Portfolio small = portfolio(random, rules.facts.facts.size(), 90);
    std::size_t fallbacks = 0;
    constexpr std::size_t count = 600;
    for (std::size_t i = 0; i < count; ++i) {
        rules.rules = {random.rule(rules)};
        rules.rules[0].group.reset();
        check_equal(rules, large, 97);
        check_equal(rules, small, 3);
        fallbacks += compile(rules, large.columns).fallbacks().size();
    }
    // Else the test would compare the interpreter with itself.
    CHECK(fallbacks < count / 3);
}

TEST_CASE(
    "sets of rules with groups and caps score as the interpreter does", "[columnar][random]"
) {
    for (unsigned seed = 1; seed <= 60; ++seed) {
        RandomRules random{seed};
        const rules::RuleSet rules = random.rule_set(seed % 4 == 0 ? 60 : 1 + seed % 13);
        const Portfolio accounts = portfolio(random, rules.facts.facts.size(), 1 + seed * 37);
        check_equal(rules, accounts, 29);
    }
}

} // namespace reviewd::test::test_random_rules
