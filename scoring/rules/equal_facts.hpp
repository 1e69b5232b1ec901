#pragma once

#include "scoring/rules/rule_set.hpp"

namespace reviewd::rules {

/// Whether both sets of rules give every account the same facts, slot by slot: the same tables,
/// facts, products that can be offered, and offers' conditions. Rules, levels, texts and places in
/// files may differ.
[[nodiscard]] bool have_equal_facts(const RuleSet& a, const RuleSet& b);

} // namespace reviewd::rules
