// Each rule is compiled on its own, and run over one chunk after the other. Where a rule fired
// follows from where its condition holds and where it could be judged.
#include "scoring/engine/columnar/rule_uses.hpp"

#include "scoring/base/assert.hpp"
#include "scoring/engine/columnar/column.hpp"
#include "scoring/engine/columnar/rule_slots.hpp"
#include "scoring/engine/columnar/single_rule.hpp"
#include "scoring/engine/judge.hpp"

#include <algorithm>

namespace reviewd::engine::columnar {
namespace {

using rules::Points;

const Points* constant_points(const rules::Rule& rule) {
    return std::get_if<Points>(&rule.points);
}

void count_missing(const FactColumns& columns, std::size_t row, RuleUse& use) {
    bool is_any_missing = false;
    for (RuleUse::Missing& missing : use.missing) {
        if (!columns.columns()[missing.slot].is_known(row)) {
            ++missing.accounts;
            is_any_missing = true;
        }
    }
    if (is_any_missing) {
        return;
    }
    ++use.failed;
    if (use.failed_rows.size() < RuleUse::most_failed_rows) {
        use.failed_rows.push_back(static_cast<std::uint32_t>(row));
    }
}

} // namespace

void RuleUse::add(const RuleUse& other) {
    judged += other.judged;
    fired += other.fired;
    effective += other.effective;
    failed += other.failed;
    failed_rows.insert(failed_rows.end(), other.failed_rows.begin(), other.failed_rows.end());
    std::sort(failed_rows.begin(), failed_rows.end());
    failed_rows.resize(std::min(failed_rows.size(), most_failed_rows));
    if (missing.empty()) {
        missing = other.missing;
        return;
    }
    REVIEWD_ASSERT(missing.size() == other.missing.size());
    for (std::size_t i = 0; i < missing.size(); ++i) {
        missing[i].accounts += other.missing[i].accounts;
    }
}

/// One chunk of accounts, and what is known of it.
struct RuleUses::Chunk {
    RowRange range;
    SumColumns sums;                 ///< of all rules, by group
    SumColumns points;               ///< of one rule
    SumColumns holds;                ///< of one rule's condition
    ScoreColumns judged;             ///< of one rule
    std::vector<std::uint8_t> fired; ///< of one rule

    explicit Chunk(std::size_t group_count) : fired(chunk_rows) {
        sums.resize(chunk_rows, group_count);
        points.resize(chunk_rows, group_count);
        holds.resize(chunk_rows, group_count);
        judged.resize(chunk_rows);
    }
};

RuleUses::RuleUses(const rules::RuleSet& rules, const FactColumns& columns)
    : rules_(rules), sums_(compile_sums(rules, columns)) {
    probes_.reserve(rules.rules.size());
    for (const rules::Rule& rule : rules.rules) {
        probes_.push_back(probe(rule, columns));
    }
}

RuleUses::Probe RuleUses::probe(const rules::Rule& rule, const FactColumns& columns) const {
    const rules::RuleSet one = alone(rules_, rule);
    Probe probe{compile_sums(one, columns), compile_judged(one, columns), {}, false};
    probe.is_interpreted = !probe.points.fallbacks().empty();
    const Points* const constant = constant_points(rule);
    const bool is_seen_by_points = constant != nullptr && *constant != 0;
    if (!probe.is_interpreted && rule.when && !is_seen_by_points) {
        rules::Rule condition = rule;
        condition.points = rules::points_scale;
        probe.holds = compile_sums(alone(rules_, condition), columns);
    }
    return probe;
}

void RuleUses::interpret(std::size_t index, const FactColumns& columns, Chunk& chunk) const {
    const rules::Rule& rule = rules_.rules[index];
    std::vector<Points>& points = chunk.points.sums[rule.group ? *rule.group + 1 : 0];
    for (std::size_t row = chunk.range.begin; row < chunk.range.end; ++row) {
        const Judgement judgement = judge(rule, columns.facts(row));
        const std::size_t i = row - chunk.range.begin;
        points[i] = judgement.points;
        chunk.fired[i] = judgement.verdict == LedgerLine::Verdict::fired ? 1 : 0;
        chunk.judged.is_judged[i] =
            judgement.verdict == LedgerLine::Verdict::cannot_be_judged ? 0 : 1;
    }
}

void RuleUses::evaluate(std::size_t index, const FactColumns& columns, Chunk& chunk) const {
    const rules::Rule& rule = rules_.rules[index];
    const Probe& probe = probes_[index];
    const std::size_t group = rule.group ? *rule.group + 1 : 0;
    evaluate_sums(probe.points, columns, chunk.range, chunk.points);
    columnar::evaluate(probe.judged, columns, chunk.range, chunk.judged);
    if (probe.holds) {
        evaluate_sums(*probe.holds, columns, chunk.range, chunk.holds);
    }
    const SumColumns& seen = probe.holds ? chunk.holds : chunk.points;
    for (std::size_t i = 0; i < chunk_rows; ++i) {
        const bool holds = !rule.when || seen.sums[group][i] != 0;
        chunk.fired[i] = holds && chunk.judged.is_judged[i] != 0 ? 1 : 0;
    }
}

void RuleUses::add(std::size_t index, const FactColumns& columns, const Chunk& chunk, RuleUse& use)
    const {
    const rules::Rule& rule = rules_.rules[index];
    const std::size_t group = rule.group ? *rule.group + 1 : 0;
    const std::size_t rows = chunk.range.end - chunk.range.begin;
    for (std::size_t i = 0; i < rows; ++i) {
        const Points points = chunk.points.sums[group][i];
        bool is_effective = points != 0;
        if (is_effective && rule.group) {
            const Points cap = rules_.groups[*rule.group].cap;
            const Points sum = chunk.sums.sums[group][i];
            is_effective = std::clamp(sum, -cap, cap) != std::clamp(sum - points, -cap, cap);
        }
        if (chunk.judged.is_judged[i] != 0) {
            ++use.judged;
        } else {
            count_missing(columns, chunk.range.begin + i, use);
        }
        use.fired += chunk.fired[i];
        use.effective += is_effective ? 1 : 0;
    }
}

std::vector<RuleUse> RuleUses::nothing() const {
    std::vector<RuleUse> uses(rules_.rules.size());
    for (std::size_t index = 0; index < uses.size(); ++index) {
        for (const std::uint32_t slot : slots_of(rules_.rules[index])) {
            uses[index].missing.push_back({slot, 0});
        }
    }
    return uses;
}

std::vector<RuleUse> RuleUses::count(const FactColumns& columns, RowRange range) const {
    std::vector<RuleUse> uses = nothing();
    Chunk chunk{rules_.groups.size()};
    for (std::size_t row = range.begin; row < range.end; row += chunk_rows) {
        chunk.range = {row, std::min(range.end, row + chunk_rows)};
        if (!rules_.groups.empty()) {
            evaluate_sums(sums_, columns, chunk.range, chunk.sums);
        }
        for (std::size_t index = 0; index < uses.size(); ++index) {
            if (probes_[index].is_interpreted) {
                interpret(index, columns, chunk);
            } else {
                evaluate(index, columns, chunk);
            }
            add(index, columns, chunk, uses[index]);
        }
    }
    return uses;
}

} // namespace reviewd::engine::columnar
