#pragma once

#include "daemon/message/digest.hpp"
#include "scoring/engine/score.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace reviewd::message {

struct Reasons {
    std::vector<Reason> lines;
    /// A `because` that cannot be used, named by its rule; its line has the facts instead.
    std::vector<std::string> problems;
};

/// The ledger's rules that moved the score most, in the words of their `because` in the reader's
/// language; without one, the rule's id and the facts it read. With what is left out (the other
/// rules, what caps and the ends of the scale took) as one line more, all add up to the score less
/// its base.
/// @param limit how many lines at most before that one
[[nodiscard]] Reasons reasons_of(
    const rules::RuleSet& rules,
    const engine::FactRow& facts,
    const engine::Ledger& ledger,
    const Currency& currency,
    const Habits& habits,
    std::size_t limit = 3
);

} // namespace reviewd::message
