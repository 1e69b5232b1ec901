#pragma once

#include "scoring/engine/columnar/program.hpp"

#include <cstdint>
#include <vector>

namespace reviewd::engine::columnar {

/// For how many accounts a rule is of use.
struct RuleUse {
    std::int64_t judged = 0; ///< it fired or did not; nothing it needs is missing
    std::int64_t fired = 0;
    /// Without its points the score, before the clamp, would be another one: they are not zero, and
    /// the cap of its group does not swallow them.
    std::int64_t effective = 0;

    /// A fact that the rule reads, and how many of the accounts for which the rule cannot be judged
    /// lack it.
    struct Missing {
        std::uint32_t slot = 0;
        std::int64_t accounts = 0;
    };
    std::vector<Missing> missing; ///< by slot; every fact that the rule reads
    /// Accounts that have all these facts, and still the rule cannot be judged: its evaluation
    /// fails, for instance at a division by zero.
    std::int64_t failed = 0;
    std::vector<std::uint32_t> failed_rows; ///< the first of them, ascending, most_failed_rows
    static constexpr std::size_t most_failed_rows = 3;

    /// Adds what was counted over other accounts.
    /// @pre both are of the same rule
    void add(const RuleUse& other);
};

/// Counts what each rule of a set does. Several threads may use it at once.
class RuleUses {
public:
    /// @param rules outlives this
    /// @pre as compile()
    RuleUses(const rules::RuleSet& rules, const FactColumns& columns);

    /// By rule, over the accounts of the range.
    /// @pre the columns have not changed their form
    [[nodiscard]] std::vector<RuleUse> count(const FactColumns& columns, RowRange range) const;

private:
    struct Probe {
        Program points;               ///< what the rule adds
        Program judged;               ///< where it can be judged
        std::optional<Program> holds; ///< where its condition holds; absent: where it has points
        bool is_interpreted = false;  ///< it cannot be compiled
    };
    struct Chunk;

    [[nodiscard]] Probe probe(const rules::Rule& rule, const FactColumns& columns) const;
    void interpret(std::size_t index, const FactColumns& columns, Chunk& chunk) const;
    void evaluate(std::size_t index, const FactColumns& columns, Chunk& chunk) const;
    void add(std::size_t index, const FactColumns& columns, const Chunk& chunk, RuleUse& use) const;
    [[nodiscard]] std::vector<RuleUse> nothing() const;

    const rules::RuleSet& rules_;
    Program sums_; ///< of all rules, by group
    std::vector<Probe> probes_;
};

} // namespace reviewd::engine::columnar
