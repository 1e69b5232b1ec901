#pragma once

#include "scoring/engine/columnar/program.hpp"

namespace reviewd::engine::columnar {

/// A rule set in which one rule has changed, compiled so that only this rule is evaluated: the new
/// score of an account is its sums, less what the old rule gave, plus what the new one gives.
/// Several threads may run it at once.
class RuleChange {
public:
    /// The rule sets are equal but for the rule `index`: its condition, points and group. Both have
    /// the same groups, by name; caps, base, range and levels are taken from the new one.
    /// @pre as compile()
    RuleChange(
        const rules::RuleSet& before,
        const rules::RuleSet& after,
        std::size_t index,
        const FactColumns& columns
    );

    /// Scores the accounts of the range by the new rules.
    /// @param sums of evaluate_sums, by the old rules
    /// @pre the columns have not changed their form, `scores` has been resized to their rows
    void evaluate(
        const FactColumns& columns, RowRange range, const SumColumns& sums, ScoreColumns& scores
    ) const;

private:
    Program old_rule_;
    Program new_rule_;
    Program judged_; ///< of the new rules: which accounts can be judged
    rules::ScoreRange range_;
    std::vector<rules::Points> caps_; ///< by sum; the first has none
    std::vector<rules::Points> edges_;
};

} // namespace reviewd::engine::columnar
