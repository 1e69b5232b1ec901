#pragma once

#include "config/node/node.hpp"

#include <cstddef>
#include <string>

namespace reviewd::config {

/// A place in a file, given by the byte.
struct SourcePlace {
    const SourceText& source;
    std::size_t offset = 0;
};

/// A finding that shows the line of `place`. Of a very long line nothing is shown, so that many
/// findings in it stay small.
[[nodiscard]] Diagnostic finding_at(
    const SourcePlace& place, Severity severity, std::string message, std::string hint = {}
);

} // namespace reviewd::config
