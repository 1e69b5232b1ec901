#pragma once

#include "scoring/cel/environment.hpp"
#include "scoring/cel/syntax.hpp"

#include <string>
#include <string_view>

namespace reviewd::cel {

/// "text", "a number", "a list of dates" …
[[nodiscard]] std::string with_article(const Type& type);

/// The part of the source that the node is, in back quotes and shortened: "`budget`", "`3`", "`a +
/// b …`".
[[nodiscard]] std::string quoted_source(const Node& node, std::string_view source);

/// "`country` is text and cannot be compared with `3`, a whole number".
[[nodiscard]] std::string comparison_message(
    const Node& left, const Node& right, std::string_view source
);

/// What to write instead of the comparison; may be empty.
[[nodiscard]] std::string comparison_hint(
    const Node& left, const Node& right, std::string_view source, const Environment& environment
);

/// "`country` is text, but `*` works with numbers".
[[nodiscard]] std::string arithmetic_message(const Node& node, std::string_view source);

/// What to write instead of the arithmetic; may be empty.
[[nodiscard]] std::string arithmetic_hint(
    const Node& node, std::string_view source, Dialect dialect
);

} // namespace reviewd::cel
