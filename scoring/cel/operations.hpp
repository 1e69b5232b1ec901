#pragma once

#include "scoring/cel/evaluation.hpp"
#include "scoring/cel/syntax.hpp"

namespace reviewd::cel {

/// Applies a strict operator (all but `&&`, `||` and `? :`) to one operand.
/// @pre no operand is an error or unknown
[[nodiscard]] Value apply(Operator operation, const Value& operand);

/// The same for two operands. In Dialect::rules an integer meets a double as a double.
[[nodiscard]] Value apply(
    Operator operation, const Value& left, const Value& right, Evaluation& evaluation
);

/// The value of `map.name`, an error when there is none.
[[nodiscard]] Value select(const Value& map, const std::string& name, Evaluation& evaluation);

} // namespace reviewd::cel
