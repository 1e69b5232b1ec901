#pragma once

#include "scoring/rules/rule_set.hpp"

#include <cstdint>
#include <vector>

namespace reviewd::engine::columnar {

/// The slots of the facts that the rule reads, in its condition and its points; sorted, each once.
[[nodiscard]] std::vector<std::uint32_t> slots_of(const rules::Rule& rule);

} // namespace reviewd::engine::columnar
