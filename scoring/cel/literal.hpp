#pragma once

#include "scoring/cel/value.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace reviewd::cel {

/// The content of a string or bytes literal with its escapes resolved, or what is wrong with it.
struct Unescaped {
    std::string text;
    std::string problem;        ///< empty when the literal is right
    std::size_t problem_at = 0; ///< byte offset in the body
};

enum class LiteralKind { string, bytes };

/// @param body what stands between the quotes
[[nodiscard]] Unescaped unescape(std::string_view body, LiteralKind kind);

/// Reads decimal or `0x` digits into 64 bits; nothing when they do not fit.
[[nodiscard]] std::optional<std::uint64_t> parse_digits(std::string_view digits);

/// Reads a double as CEL's literals and double() write it; too large is infinity, too small zero.
/// Nothing when it is none.
[[nodiscard]] std::optional<double> parse_real(std::string_view text);

} // namespace reviewd::cel
