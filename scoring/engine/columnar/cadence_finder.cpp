// A cadence rule is a rule that gives one point, in a group of its own: the groups' sums say where
// it holds.
#include "scoring/engine/columnar/cadence_finder.hpp"

#include "scoring/base/assert.hpp"

#include <algorithm>

namespace reviewd::engine::columnar {
namespace {

rules::RuleSet conditions_as_rules(const rules::RuleSet& rules) {
    rules::RuleSet conditions;
    conditions.facts = rules.facts;
    conditions.score = rules.score;
    conditions.levels = rules.levels;
    for (const rules::CadenceRule& cadence : rules.cadences) {
        rules::Rule rule;
        rule.when = cadence.when;
        rule.points = rules::points_scale;
        rule.group = conditions.groups.size();
        conditions.groups.push_back({cadence.name, rules::points_scale});
        conditions.rules.push_back(std::move(rule));
    }
    return conditions;
}

} // namespace

CadenceFinder::CadenceFinder(const rules::RuleSet& rules, const FactColumns& columns)
    : count_(rules.cadences.size()) {
    if (count_ != 0) {
        program_ = compile_sums(conditions_as_rules(rules), columns);
    }
}

void CadenceFinder::find(
    const FactColumns& columns, RowRange range, std::vector<std::uint32_t>& cadences
) const {
    REVIEWD_ASSERT(range.end - range.begin <= chunk_rows);
    cadences.assign(chunk_rows, 0);
    if (!program_ || range.begin == range.end) {
        return;
    }
    SumColumns sums;
    sums.resize(chunk_rows, count_);
    evaluate_sums(*program_, columns, range, sums);
    for (std::size_t cadence = count_; cadence > 0; --cadence) {
        const std::vector<std::int64_t>& holds = sums.sums[cadence];
        for (std::size_t row = 0; row < chunk_rows; ++row) {
            cadences[row] = holds[row] != 0 ? static_cast<std::uint32_t>(cadence) : cadences[row];
        }
    }
}

} // namespace reviewd::engine::columnar
