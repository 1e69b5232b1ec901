#include "scoring/engine/columnar/cadence_finder.hpp"
#include "scoring/engine/columnar/rule_uses.hpp"
#include "scoring/engine/judge.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/columnar/random_rules.hpp"

#include <algorithm>
#include <set>

namespace reviewd::test::test_rule_uses {

using namespace engine::columnar;

namespace {

struct Portfolio {
    std::vector<engine::FactRow> rows;
    FactColumns columns;

    Portfolio(RandomRules& random, std::size_t fact_count, std::size_t row_count) {
        FactColumnsBuilder builder{fact_count};
        for (std::size_t row = 0; row < row_count; ++row) {
            rows.push_back(random.facts());
            builder.add(AccountId{1}, rows.back());
        }
        columns = builder.finish();
    }
};

void count_missing(
    const rules::Rule& rule,
    const engine::Judgement& judgement,
    const Portfolio& portfolio,
    std::size_t row,
    RuleUse& use
) {
    const engine::FactRow& facts = portfolio.rows[row];
    std::set<std::uint32_t> slots;
    if (rule.when) {
        slots.insert(rule.when->slots().begin(), rule.when->slots().end());
    }
    if (const auto* points = std::get_if<cel::Expression>(&rule.points)) {
        slots.insert(points->slots().begin(), points->slots().end());
    }
    RuleUse found;
    bool has_all = true;
    for (const std::uint32_t slot : slots) {
        const bool is_missing = facts[slot].is_unknown();
        const bool counts =
            is_missing && judgement.verdict == engine::LedgerLine::Verdict::cannot_be_judged;
        found.missing.push_back({slot, counts ? 1 : 0});
        has_all = has_all && !is_missing;
    }
    found.failed =
        has_all && judgement.verdict == engine::LedgerLine::Verdict::cannot_be_judged ? 1 : 0;
    if (found.failed != 0) {
        found.failed_rows.push_back(static_cast<std::uint32_t>(row));
    }
    use.add(found);
}

/// What RuleUses counts, by the interpreter and one account after the other.
std::vector<RuleUse> counted(const rules::RuleSet& rules, const Portfolio& portfolio) {
    std::vector<RuleUse> uses(rules.rules.size());
    for (std::size_t row = 0; row < portfolio.rows.size(); ++row) {
        const engine::FactRow& facts = portfolio.rows[row];
        std::vector<engine::Judgement> judgements;
        std::vector<rules::Points> sums(rules.groups.size());
        for (const rules::Rule& rule : rules.rules) {
            judgements.push_back(engine::judge(rule, facts));
            if (rule.group) {
                sums[*rule.group] += judgements.back().points;
            }
        }
        for (std::size_t i = 0; i < uses.size(); ++i) {
            using Verdict = engine::LedgerLine::Verdict;
            const rules::Points points = judgements[i].points;
            count_missing(rules.rules[i], judgements[i], portfolio, row, uses[i]);
            uses[i].judged += judgements[i].verdict != Verdict::cannot_be_judged ? 1 : 0;
            uses[i].fired += judgements[i].verdict == Verdict::fired ? 1 : 0;
            bool is_effective = points != 0;
            if (is_effective && rules.rules[i].group) {
                const rules::Points sum = sums[*rules.rules[i].group];
                const rules::Points cap = rules.groups[*rules.rules[i].group].cap;
                is_effective = std::clamp(sum, -cap, cap) != std::clamp(sum - points, -cap, cap);
            }
            uses[i].effective += is_effective ? 1 : 0;
        }
    }
    return uses;
}

} // namespace

TEST_CASE("uses of rules are counted as the interpreter sees them", "[columnar][preview]") {
    for (unsigned seed = 1; seed <= 12; ++seed) {
        RandomRules random{seed};
        const rules::RuleSet rules = random.rule_set(1 + seed);
        const Portfolio portfolio{random, rules.facts.facts.size(), 150 * seed};
        const RuleUses uses{rules, portfolio.columns};
        // In two parts, of which the later one is counted first, as threads may come.
        const std::size_t half = portfolio.rows.size() > chunk_rows ? chunk_rows : 0;
        auto actual = uses.count(portfolio.columns, {half, portfolio.rows.size()});
        const auto first = uses.count(portfolio.columns, {0, half});
        for (std::size_t i = 0; i < actual.size(); ++i) {
            actual[i].add(first[i]);
        }
        const auto expected = counted(rules, portfolio);
        for (std::size_t i = 0; i < expected.size(); ++i) {
            INFO("seed " << seed << ", rule " << i);
            REQUIRE(actual[i].judged == expected[i].judged);
            REQUIRE(actual[i].fired == expected[i].fired);
            REQUIRE(actual[i].effective == expected[i].effective);
            REQUIRE(actual[i].failed == expected[i].failed);
            REQUIRE(actual[i].failed_rows == expected[i].failed_rows);
            REQUIRE(actual[i].missing.size() == expected[i].missing.size());
            for (std::size_t fact = 0; fact < expected[i].missing.size(); ++fact) {
                REQUIRE(actual[i].missing[fact].slot == expected[i].missing[fact].slot);
                REQUIRE(actual[i].missing[fact].accounts == expected[i].missing[fact].accounts);
            }
        }
    }
}

TEST_CASE("the first cadence that holds is found for whole chunks", "[columnar][preview]") {
    for (unsigned seed = 1; seed <= 10; ++seed) {
        RandomRules random{seed};
        rules::RuleSet rules = random.rule_set(1);
        for (unsigned i = 0; i < seed % 4; ++i) {
            rules::Rule rule = random.rule(rules);
            while (!rule.when) {
                rule = random.rule(rules);
            }
            rules.cadences.push_back({"c", *rule.when, {}, {}});
        }
        const Portfolio portfolio{random, rules.facts.facts.size(), 400 * seed};
        const CadenceFinder finder{rules, portfolio.columns};
        std::vector<std::uint32_t> found;
        for (std::size_t begin = 0; begin < portfolio.rows.size(); begin += chunk_rows) {
            const std::size_t end = std::min(begin + chunk_rows, portfolio.rows.size());
            finder.find(portfolio.columns, {begin, end}, found);
            for (std::size_t row = begin; row < end; row += 3) {
                std::uint32_t expected = 0;
                for (std::uint32_t i = 0; i < rules.cadences.size() && expected == 0; ++i) {
                    const cel::Value answer =
                        cel::evaluate(rules.cadences[i].when, portfolio.rows[row]);
                    const bool* holds = answer.get_if<bool>();
                    expected = holds != nullptr && *holds ? i + 1 : 0;
                }
                INFO("seed " << seed << ", row " << row);
                REQUIRE(found[row - begin] == expected);
            }
        }
    }
}

} // namespace reviewd::test::test_rule_uses
