#pragma once

#include "config/node/node.hpp"
#include "config/node/reader.hpp"

#include <cstddef>
#include <optional>
#include <string>

namespace reviewd::config {

/// Bounds on one file; each overrun is a positioned error.
struct ParseLimits {
    std::size_t bytes = 8UL * 1024 * 1024;
    std::size_t nodes = 200'000;
    int depth = 32;
};

/// Parses one YAML document. Refuses, with positions: invalid UTF-8, NUL and other control
/// characters, byte order marks other than UTF-8's, second documents, anchors, aliases, tags, `<<`,
/// duplicate and non-scalar keys, and all that passes `limits`.
/// @param name how messages call the file
/// @returns nothing after reporting at least one error; an empty document is an empty map
[[nodiscard]] std::optional<Node> parse_yaml(
    std::string name, std::string text, Report& report, const ParseLimits& limits = {}
);

/// Reads the file and parses it. A missing or unreadable file is an error at line 0.
[[nodiscard]] std::optional<Node> parse_yaml_file(
    const std::string& path, Report& report, const ParseLimits& limits = {}
);

} // namespace reviewd::config
