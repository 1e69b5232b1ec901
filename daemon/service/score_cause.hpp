#pragma once

#include "scoring/base/currency.hpp"
#include "scoring/engine/facts.hpp"
#include "scoring/engine/score.hpp"
#include "scoring/rules/rule_set.hpp"

#include <string>
#include <string_view>

namespace reviewd::service {

/// What a score is made of, as it is kept beside it: the points of the rules that fired, and the
/// facts that rules read, in words. `{"rules": {id: thousandths}, "facts": {name: text}}`
[[nodiscard]] std::string made_of(
    const rules::RuleSet& rules, const engine::FactRow& facts, const Currency& currency
);

/// Why a score changed: the rules that give other points now, and of the facts that those rules
/// read the ones that differ. `{"rules": [{"rule", "from", "to"}], "facts": [{"fact", "from",
/// "to"}]}` with points as numbers and null for what was or is not there; empty when `before` says
/// nothing.
[[nodiscard]] std::string describe_change(
    const rules::RuleSet& rules, std::string_view before, std::string_view after
);

} // namespace reviewd::service
