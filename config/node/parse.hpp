#pragma once

#include "config/node/node.hpp"
#include "config/node/reader.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace reviewd::config {

/// Bounds on one file; each overrun is a positioned error.
struct ParseLimits {
    std::size_t bytes = 8UL * 1024 * 1024;
    std::size_t nodes = 200'000;
    int depth = 32;
};

/// Whether the file's text says where it ends: its last line but comments is `...`, YAML's own mark
/// of a document's end. A copy that broke off has none.
[[nodiscard]] bool has_end_marker(std::string_view text);

/// Whether the first line but comments is `---`.
[[nodiscard]] bool has_begin_marker(std::string_view text);

/// Parses one YAML document. Refuses, with positions: invalid UTF-8, NUL and other control
/// characters, byte order marks other than UTF-8's, second documents, anchors, aliases, tags, `<<`,
/// duplicate and non-scalar keys, quoted scalars that run over a line's end, and all that passes
/// `limits`. A file that begins with `---` promises to end with `...`; without it the file is
/// refused as cut off.
/// @param name how messages call the file
/// @returns nothing after reporting at least one error; an empty document is an empty map
[[nodiscard]] std::optional<Node> parse_yaml(
    std::string name, std::string text, Report& report, const ParseLimits& limits = {}
);

/// The same, but goes on after mistakes that leave a tree (a duplicate key, a tag, an anchor): the
/// tree is returned so that more can be found in it. Only for use while `report` is shown anyway.
[[nodiscard]] std::optional<Node> parse_yaml_for_checking(
    std::string name, std::string text, Report& report, const ParseLimits& limits = {}
);

/// The file's text, or nothing after reporting why not, at line 0. Reads no more than
/// `limits.bytes` + 1. What is no regular file is refused at once: a pipe might never end.
[[nodiscard]] std::optional<std::string> read_yaml_file(
    const std::string& path, Report& report, const ParseLimits& limits = {}
);

} // namespace reviewd::config
