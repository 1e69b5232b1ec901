#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace reviewd::cel {

/// RFC 4648 base64 with padding.
[[nodiscard]] std::string encode_base64(std::string_view bytes);

/// The bytes of base64 text; padding may be missing. Nothing for other characters or a wrong
/// length.
[[nodiscard]] std::optional<std::string> decode_base64(std::string_view text);

} // namespace reviewd::cel
