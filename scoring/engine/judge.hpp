#pragma once

#include "scoring/engine/score.hpp"

#include <span>

namespace reviewd::engine {

/// What one rule says of one account.
struct Judgement {
    LedgerLine::Verdict verdict = LedgerLine::Verdict::did_not_fire;
    rules::Points points = 0; ///< 0 unless it fired
    /// cannot_be_judged: the value that stood in the way, an unknown or an error; null otherwise.
    cel::Value obstacle;
};

[[nodiscard]] Judgement judge(const rules::Rule& rule, std::span<const cel::Value> facts);

/// Rounds to thousandths, half away from zero; nothing for NaN, infinity and what lies beyond
/// `largest_points`.
[[nodiscard]] std::optional<rules::Points> to_points(double points);

} // namespace reviewd::engine
