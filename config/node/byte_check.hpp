#pragma once

#include "config/node/parse.hpp"

#include <string>

namespace reviewd::config {

/// Takes a UTF-8 byte order mark off and reports what no YAML file of ours may hold: too many
/// bytes, another encoding, bytes that are no UTF-8, control characters, invisible marks.
/// @returns whether the text may be parsed
[[nodiscard]] bool check_bytes(
    const std::string& name, std::string& text, Report& report, const ParseLimits& limits
);

/// Refuses a file that begins with `---` and has no end marker.
void check_end_marker(const SourceText& source, Report& report);

} // namespace reviewd::config
