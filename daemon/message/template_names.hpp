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

/// Templates that cannot be filled for a tag that config::template_tags finds fault with.
[[nodiscard]] std::set<std::string> broken_templates(const Templates& templates);

/// What stands in templates that breaks them, and names that no message ever fills, as warnings
/// where they stand: such a slip would leave nothing behind, and nobody would miss it.
/// @param directory that the templates were loaded from, for the places
[[nodiscard]] Diagnostics check_template_names(
    const Templates& templates, const std::string& directory
);

} // namespace reviewd::message
