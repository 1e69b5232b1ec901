#include "scoring/engine/columnar/rule_change.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/columnar/random_rules.hpp"

namespace reviewd::test::test_rule_change {

using namespace engine::columnar;

TEST_CASE("a change of one rule re-scores every account", "[columnar][preview]") {
    for (unsigned seed = 1; seed <= 40; ++seed) {
        RandomRules random{seed};
        const rules::RuleSet before = random.rule_set(1 + seed % 9);
        FactColumnsBuilder builder{before.facts.facts.size()};
        std::vector<engine::FactRow> rows;
        for (std::size_t row = 0; row < 40 * seed; ++row) {
            rows.push_back(random.facts());
            builder.add(AccountId{1}, rows.back());
        }
        const FactColumns columns = builder.finish();
        SumColumns sums;
        sums.resize(columns.rows(), before.groups.size());
        evaluate_sums(compile_sums(before, columns), columns, {0, columns.rows()}, sums);
        rules::RuleSet after = before;
        const std::size_t index = seed % after.rules.size();
        after.rules[index] = random.rule(after);
        after.score.base += 500;
        const RuleChange change{before, after, index, columns};
        ScoreColumns scores;
        scores.resize(columns.rows());
        change.evaluate(columns, {0, columns.rows()}, sums, scores);
        for (std::size_t row = 0; row < rows.size(); row += 7) {
            const engine::Score expected = engine::evaluate(after, rows[row]);
            const engine::Score actual = scores.score(row);
            INFO("seed " << seed << ", row " << row);
            REQUIRE(actual.points == expected.points);
            REQUIRE(actual.level == expected.level);
            REQUIRE(actual.is_judged == expected.is_judged);
        }
    }
}

} // namespace reviewd::test::test_rule_change
