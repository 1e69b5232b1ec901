#pragma once

#include "scoring/engine/score.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace reviewd::engine {

/// What people would have to find out for these facts to be known: of a fact that is computed from
/// others those that are missing among them, and so on; other facts themselves.
/// @param missing slots of facts that are missing
/// @returns slots without repeats, in the order in which they come up
[[nodiscard]] std::vector<std::uint32_t> missing_roots(
    const rules::RuleSet& rules, const FactRow& facts, std::span<const std::uint32_t> missing
);

/// Whether the account would have another level, by the raw bands, if the rule of that line, which
/// cannot be judged, gave its points: caps and limits count. True where its points are calculated:
/// nobody can tell.
[[nodiscard]] bool would_change_level(
    const rules::RuleSet& rules, const Ledger& ledger, const LedgerLine& line
);

} // namespace reviewd::engine
