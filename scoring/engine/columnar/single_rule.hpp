#pragma once

#include "scoring/rules/rule_set.hpp"

namespace reviewd::engine::columnar {

/// The facts, groups, range and levels of a rule set, with one rule only.
[[nodiscard]] rules::RuleSet alone(const rules::RuleSet& rules, rules::Rule rule);

} // namespace reviewd::engine::columnar
