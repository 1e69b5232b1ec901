#pragma once

#include "daemon/message/templates.hpp"
#include "scoring/base/diagnostic.hpp"

#include <functional>
#include <set>
#include <string>

namespace reviewd::message {

/// The names that templates of a kind ("digest") may use: those of its sample, and those that the
/// built-in templates use, which may be absent from it. Empty for a kind that there is not.
[[nodiscard]] std::set<std::string, std::less<>> template_names(const std::string& kind);

/// Names in templates that no message ever fills, as warnings where they stand: a slip would leave
/// nothing behind, and nobody would miss it.
/// @param directory that the templates were loaded from, for the places
[[nodiscard]] Diagnostics check_template_names(
    const Templates& templates, const std::string& directory
);

} // namespace reviewd::message
