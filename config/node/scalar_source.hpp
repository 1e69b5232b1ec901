#pragma once

#include "config/node/node.hpp"

#include <cstddef>
#include <optional>
#include <string_view>

namespace reviewd::config {

/// How the scalar that begins at `offset` is written, by its first character.
[[nodiscard]] Node::Style style_at(std::string_view source, std::size_t offset);

/// One past the closing quote of the quoted scalar at `offset`, or nothing when its line ends
/// before it.
[[nodiscard]] std::optional<std::size_t> end_of_quoted(std::string_view source, std::size_t offset);

/// The byte of `source` from which the byte `text_offset` of a scalar's text was read. White space
/// that YAML folded belongs to the end of the word before it.
[[nodiscard]] std::size_t source_offset(
    std::string_view source,
    std::size_t scalar_offset,
    Node::Style style,
    std::string_view text,
    std::size_t text_offset
);

} // namespace reviewd::config
