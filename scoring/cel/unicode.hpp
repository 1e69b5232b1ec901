#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace reviewd::cel {

/// Appends the UTF-8 form of `point`. @pre is_scalar(point)
void append_utf8(std::string& out, char32_t point);

/// Whether `point` is a Unicode scalar value: at most 10FFFF and no surrogate.
[[nodiscard]] bool is_scalar(char32_t point);

/// Bytes of the character that begins at `at`; a byte that begins none counts as a character of its
/// own.
/// @pre at < text.size()
[[nodiscard]] std::size_t character_bytes(std::string_view text, std::size_t at);

/// Number of characters (code points).
[[nodiscard]] std::size_t count_characters(std::string_view text);

/// Byte offset of character `index`; text.size() when there are fewer.
[[nodiscard]] std::size_t byte_offset(std::string_view text, std::size_t index);

/// The code point that begins at `at`, or the byte itself where no character begins. @pre at <
/// text.size()
[[nodiscard]] char32_t code_point(std::string_view text, std::size_t at);

} // namespace reviewd::cel
