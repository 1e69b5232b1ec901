#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace reviewd {

/// RFC 4648 base64, with padding.
[[nodiscard]] std::string encode_base64(std::string_view bytes);

/// The bytes of base64 text; padding may be missing, and what is left over of the last digit may be
/// anything. Nothing for other characters or a wrong length.
[[nodiscard]] std::optional<std::string> decode_base64(std::string_view text);

/// RFC 4648 base64url, for addresses: `-` and `_` for `+` and `/`, without padding.
[[nodiscard]] std::string encode_base64url(std::string_view bytes);

/// The bytes of base64url text; nothing for all that encode_base64url() would not write: one text
/// for one sequence of bytes.
[[nodiscard]] std::optional<std::string> decode_base64url(std::string_view text);

} // namespace reviewd
