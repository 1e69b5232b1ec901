#include "scoring/engine/columnar/rule_change.hpp"

#include "scoring/base/assert.hpp"
#include "scoring/engine/columnar/column.hpp"
#include "scoring/engine/columnar/single_rule.hpp"

#include <algorithm>
#include <limits>

namespace reviewd::engine::columnar {
namespace {

using rules::Points;

std::vector<Points> edges_of(const rules::RuleSet& rules) {
    std::vector<Points> edges;
    Points lowest = std::numeric_limits<Points>::max();
    for (std::size_t level = 0; level + 1 < rules.levels.size(); ++level) {
        lowest = std::min(lowest, rules.levels[level].from);
        edges.push_back(lowest);
    }
    return edges;
}

} // namespace

RuleChange::RuleChange(
    const rules::RuleSet& before,
    const rules::RuleSet& after,
    std::size_t index,
    const FactColumns& columns
)
    : old_rule_(compile_sums(alone(before, before.rules[index]), columns)),
      new_rule_(compile_sums(alone(after, after.rules[index]), columns)),
      judged_(compile_judged(after, columns)),
      range_(after.score),
      caps_{std::numeric_limits<Points>::max()},
      edges_(edges_of(after)) {
    REVIEWD_ASSERT(before.groups.size() == after.groups.size());
    for (const rules::Group& group : after.groups) {
        caps_.push_back(group.cap);
    }
}

void RuleChange::evaluate(
    const FactColumns& columns, RowRange range, const SumColumns& sums, ScoreColumns& scores
) const {
    REVIEWD_ASSERT(sums.sums.size() == caps_.size());
    SumColumns old_sums;
    SumColumns new_sums;
    old_sums.resize(columns.rows() == 0 ? 0 : chunk_rows, caps_.size() - 1);
    new_sums.resize(columns.rows() == 0 ? 0 : chunk_rows, caps_.size() - 1);
    std::vector<Points> totals(chunk_rows);
    for (std::size_t row = range.begin; row < range.end; row += chunk_rows) {
        const RowRange chunk{row, std::min(range.end, row + chunk_rows)};
        evaluate_sums(old_rule_, columns, chunk, old_sums);
        evaluate_sums(new_rule_, columns, chunk, new_sums);
        std::fill(totals.begin(), totals.end(), range_.base);
        for (std::size_t group = 0; group < caps_.size(); ++group) {
            const Points* kept = sums.sums[group].data() + row;
            const Points* lost = old_sums.sums[group].data();
            const Points* won = new_sums.sums[group].data();
            for (std::size_t i = 0; i < chunk_rows; ++i) {
                const Points sum = kept[i] - lost[i] + won[i];
                totals[i] += std::clamp(sum, -caps_[group], caps_[group]);
            }
        }
        std::int32_t* points = scores.points.data() + row;
        std::uint8_t* levels = scores.levels.data() + row;
        for (std::size_t i = 0; i < chunk_rows; ++i) {
            const Points total = std::clamp(totals[i], range_.smallest, range_.largest);
            std::uint8_t level = 0;
            for (const Points edge : edges_) {
                level = static_cast<std::uint8_t>(level + (total < edge ? 1 : 0));
            }
            points[i] = static_cast<std::int32_t>(total);
            levels[i] = level;
        }
    }
    columnar::evaluate(judged_, columns, range, scores);
}

} // namespace reviewd::engine::columnar
