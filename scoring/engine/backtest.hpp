#pragma once

#include "scoring/engine/score.hpp"
#include "scoring/engine/statistics.hpp"

#include <string>
#include <utility>
#include <vector>

namespace reviewd::engine {

/// One account: what the rules said on the day, and what happened afterwards.
struct BacktestCase {
    rules::Points points = 0;
    std::size_t level = 0;                     ///< by the raw bands
    std::vector<LedgerLine::Verdict> verdicts; ///< by rule
    bool is_hit = false;
    std::vector<std::string> bought; ///< products of the rows that made it a hit, each once
};

/// Accounts of neighbouring scores. Equal scores are never torn apart, so sizes differ.
struct BacktestBand {
    HitRate hits;
    rules::Points highest = 0;
    rules::Points lowest = 0;
};

/// What became of the accounts for which one rule fired, did not fire, could not be judged.
struct BacktestRule {
    HitRate fired;
    HitRate did_not_fire;
    HitRate cannot_be_judged;
    std::vector<std::pair<std::string, std::int64_t>>
        bought; ///< where it fired: product, accounts; the most first
};

struct BacktestReport {
    HitRate all;
    std::optional<AreaUnderCurve> curve; ///< of the points; absent when all or none were hit
    std::vector<BacktestBand> bands;     ///< highest scores first
    std::vector<HitRate> levels;         ///< by level
    std::vector<BacktestRule> rules;     ///< by rule
};

/// How many bands so many accounts bear: ten, or fewer, so that each has about fifteen.
[[nodiscard]] std::size_t sensible_bands(std::size_t accounts);

/// @param bands at least 1
[[nodiscard]] BacktestReport evaluate_backtest(
    const rules::RuleSet& rules, const std::vector<BacktestCase>& cases, std::size_t bands
);

} // namespace reviewd::engine
