#pragma once

#include "daemon/message/value.hpp"
#include "scoring/base/result.hpp"

#include <string>
#include <string_view>

namespace reviewd::message {

enum class Escaping { text, html };

/// Fills a mustache template. Values are data and never parsed as a template; in HTML each is
/// escaped. Templates may use variables, sections, inverted sections and comments; what would leave
/// a value unescaped, read another template or change the delimiters is an error.
/// @errors `bad_data` for a template that is malformed or uses one of those
[[nodiscard]] Result<std::string> fill(
    const std::string& source, const Value& values, Escaping escaping
);

/// A value as a person may see it on one line: control characters and bidirectional overrides as
/// escapes, at most 200 columns, and without words that a mail program would turn into links (see
/// `without_links`), so that the only links are ours.
[[nodiscard]] std::string shown(std::string_view value);

} // namespace reviewd::message
