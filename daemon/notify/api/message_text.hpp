#pragma once

#include <string>
#include <string_view>

namespace reviewd::notify {

/// `text` with every byte that is not UTF-8 replaced by U+FFFD.
[[nodiscard]] std::string valid_utf8(std::string_view text);

/// `text` fit for a header or a field of one line: valid UTF-8, with line ends, separators, control
/// characters and bidirectional overrides replaced by spaces, and cut to `columns`.
[[nodiscard]] std::string one_line(std::string_view text, std::size_t columns);

/// An address that is a name and no more: for channels that address people by whatever they are
/// called. An empty text, or what is wrong.
[[nodiscard]] std::string check_plain_name(std::string_view address);

} // namespace reviewd::notify
