#pragma once

#include "scoring/cel/environment.hpp"
#include "scoring/cel/expression.hpp"
#include "scoring/cel/syntax.hpp"

#include <vector>

namespace reviewd::cel {

/// Resolves all names of the tree in place, sets the types and reports what is wrong, all of it. In
/// Dialect::rules the checker also makes the conversions from integer to double explicit and turns
/// `x == null` into `!known(x)`, so that whoever walks the tree needs no rules of its own for them.
/// @param source the text that the tree was made of
/// @returns the slots of the variables that are read, sorted
[[nodiscard]] std::vector<std::uint32_t> check(
    Node& root, std::string_view source, const Environment& environment, Problems& problems
);

} // namespace reviewd::cel
