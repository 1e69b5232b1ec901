#pragma once

#include "scoring/rules/rule_set.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace reviewd::rules {

struct EvaluationOrder {
    /// Every slot once, each after the facts it reads; slots that nothing orders stay in theirs.
    std::vector<std::uint32_t> slots;
    /// Facts that need each other in a circle, in reading order (`a` reads `b` reads … reads `a`);
    /// empty when `slots` is complete.
    std::vector<std::uint32_t> cycle;
};

/// The slots of the facts that one is made of: those that an expression names, and for `offers` all
/// that the products' `offer_when` name; sorted, each once.
[[nodiscard]] std::vector<std::uint32_t> slots_read_by(
    const FactForm& form, std::span<const Product> products
);

/// Orders the facts so that each comes after those that slots_read_by() names.
[[nodiscard]] EvaluationOrder order_facts(
    std::span<const Fact> facts, std::span<const Product> products
);

} // namespace reviewd::rules
