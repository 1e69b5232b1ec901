#pragma once

#include "scoring/cel/environment.hpp"
#include "scoring/cel/expression.hpp"
#include "scoring/cel/syntax.hpp"

#include <string_view>

namespace reviewd::cel {

/// Parses the source into a tree whose names are not resolved yet.
/// @param source must outlive the call only
/// @returns null, with at least one problem, when there is no tree to check
[[nodiscard]] NodePointer parse(
    std::string_view source, const Environment& environment, Problems& problems
);

} // namespace reviewd::cel
