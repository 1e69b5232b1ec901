#pragma once

#include "scoring/engine/columnar/program.hpp"

#include <vector>

namespace reviewd::engine::columnar {

/// The rules that would be left to the interpreter in a large portfolio in which every fact takes
/// many values and is missing here and there. Real columns may be kinder.
/// @pre as compile()
[[nodiscard]] std::vector<Fallback> find_fallbacks(const rules::RuleSet& rules);

} // namespace reviewd::engine::columnar
