#pragma once

#include "scoring/engine/facts.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace reviewd::engine {

struct Score {
    rules::Points points = 0;
    std::size_t level = 0; ///< index in RuleSet::levels, by the raw bands
    bool is_judged = true; ///< false: no rule at all could be judged; the level is the lowest
};

/// One line of a ledger. The `points` of all lines add up to the score.
struct LedgerLine {
    enum class Kind { base, rule, group_cap, clamp };
    enum class Verdict { fired, did_not_fire, cannot_be_judged };

    Kind kind = Kind::rule;
    std::size_t index = 0; ///< rule or group in the RuleSet
    Verdict verdict = Verdict::fired;
    rules::Points points =
        0; ///< what it adds to the score; a cap's line takes back what is too much
    std::vector<std::uint32_t> facts;   ///< slots that the rule reads, in order of appearance
    std::vector<std::uint32_t> missing; ///< cannot_be_judged: the slots whose value is missing
    std::string error; ///< cannot_be_judged because of an evaluation error: its message
};

struct Ledger {
    std::vector<LedgerLine> lines; ///< base, the rules in order, caps, clamp
    Score score;
};

/// Scores one account. Equal to `explain(rules, facts).score`.
[[nodiscard]] Score evaluate(const rules::RuleSet& rules, const FactRow& facts);

/// Scores one account and says why.
[[nodiscard]] Ledger explain(const rules::RuleSet& rules, const FactRow& facts);

/// The level of a score by the raw bands: index in RuleSet::levels.
[[nodiscard]] std::size_t level_of(const rules::RuleSet& rules, rules::Points points);

/// The level an account holds now, and since when.
struct HeldLevel {
    std::size_t level = 0;
    Date since{};
    friend bool operator==(const HeldLevel&, const HeldLevel&) = default;
};

/// Applies `keep_level`: the level is left only `margin` points beyond its edge and after
/// `at_least` in it.
[[nodiscard]] HeldLevel decide_level(
    const rules::RuleSet& rules,
    const Score& score,
    const std::optional<HeldLevel>& held,
    Date today
);

/// The cadence in force: the level's, refined by the first of RuleSet::cadences whose condition
/// holds; all members present.
struct CadenceInForce {
    Period not_before;
    Period review_every;
    Period at_latest;
    std::string name; ///< the level's or the cadence rule's name
};
[[nodiscard]] CadenceInForce cadence_for(
    const rules::RuleSet& rules, std::size_t level, const FactRow& facts
);

/// Products that could be offered now: keys of those not owned whose `offer_when` holds, in the
/// catalogue's order.
[[nodiscard]] std::vector<std::string> offers(
    const rules::RuleSet& rules,
    const FactRow& facts,
    const AccountRecords& records,
    const PortfolioContext& context
);

} // namespace reviewd::engine
