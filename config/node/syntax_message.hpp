#pragma once

#include "config/node/finding.hpp"

#include <string>

namespace reviewd::config {

/// A syntax error of the YAML parser in words for the person who wrote the file, with a hint what
/// to write instead. Expressions that YAML has torn apart are recognised.
/// @param reason yaml-cpp's own words
/// @param opened the innermost `{` or `[` that is open, or npos
[[nodiscard]] Diagnostic syntax_finding(
    const SourcePlace& place, const std::string& reason, std::size_t opened
);

} // namespace reviewd::config
