#pragma once

#include "scoring/engine/facts.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace reviewd::engine {

/// No rule may give more points than this, nor fewer than their negative: 1,000,000. Beyond it, and
/// where points are no number at all, the rule cannot be judged.
inline constexpr rules::Points largest_points = 1'000'000 * rules::points_scale;

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

/// The score if a rule that gives nothing now gave so many points, caps and limits included.
[[nodiscard]] rules::Points points_with(
    const rules::RuleSet& rules, const Ledger& ledger, std::size_t rule, rules::Points points
);

/// The level of a score by the raw bands: index in RuleSet::levels.
[[nodiscard]] std::size_t level_of(const rules::RuleSet& rules, rules::Points points);

/// The level an account holds now, and since when.
struct HeldLevel {
    std::size_t level = 0;
    Date since{};
    friend bool operator==(const HeldLevel&, const HeldLevel&) = default;
};

/// The edges at which an account of that level changes it, `margin` included: it falls when its
/// points are below `falls_below`, it rises when they reach `rises_from`. Neither lies beyond the
/// ends of the scale, so that no level is a trap. Absent for the lowest and the highest level.
struct LevelEdges {
    std::optional<rules::Points> falls_below;
    std::optional<rules::Points> rises_from;
};
[[nodiscard]] LevelEdges edges_of(const rules::RuleSet& rules, std::size_t level);

/// Applies `keep_level`: the level is left only `margin` points beyond its edge and after
/// `at_least` in it. An account that cannot be judged falls to the lowest level after `at_least`.
/// @pre `at_least` is not in working days; `held`, if any, names a level of `rules`
[[nodiscard]] HeldLevel decide_level(
    const rules::RuleSet& rules,
    const Score& score,
    const std::optional<HeldLevel>& held,
    Date today
);

/// A level that `keep_level` holds against the points.
struct KeptLevel {
    std::size_t by_points = 0; ///< the level that they give
    std::optional<Date> until; ///< from then on it may be left; absent: they are within the margin
};
/// Nothing when the points give the level that is held, or another one takes its place.
[[nodiscard]] std::optional<KeptLevel> kept_level(
    const rules::RuleSet& rules, const Score& score, const HeldLevel& held, Date today
);

/// The cadence in force: the level's, refined by the first of RuleSet::cadences whose condition
/// holds; all members present. Members that the refinement leaves out give way to those it has, so
/// that not_before <= review_every <= at_latest: a VIP of a low level with `review_every: 3 weeks`
/// is not held back by the level's `not_before: 9 months`.
struct CadenceInForce {
    Period not_before;
    Period review_every;
    Period at_latest;
    std::string name; ///< the level's or the cadence rule's name
};
[[nodiscard]] CadenceInForce cadence_for(
    const rules::RuleSet& rules, std::size_t level, const FactRow& facts
);

/// The cadence of a level refined by the cadence rule of that index, or by none: what cadence_for
/// gives once it is known which rule holds first.
[[nodiscard]] CadenceInForce refined_cadence(
    const rules::RuleSet& rules, std::size_t level, std::optional<std::size_t> cadence_rule
);

/// Products that could be offered now: keys of those not owned whose `offer_when` holds, in the
/// catalogue's order: those of the rules, then those of the products table. None while purchases
/// were never loaded: what is owned is not known.
[[nodiscard]] std::vector<std::string> offers(
    const rules::RuleSet& rules,
    const FactRow& facts,
    const AccountRecords& records,
    const PortfolioContext& context
);

} // namespace reviewd::engine
