#pragma once

#include <span>
#include <string>
#include <string_view>

namespace reviewd::notify {

/// Bytes of a peer's answer that an Outcome keeps.
inline constexpr std::size_t reply_bytes_max = 1024;

/// A peer's words made fit for the history, the log and a terminal: every occurrence of a secret
/// becomes `***`, line ends become spaces, controls are escaped, and the whole is cut to
/// reply_bytes_max. Secrets of fewer than 4 bytes are not looked for.
[[nodiscard]] std::string clean_reply(
    std::string_view words, std::span<const std::string> secrets = {}
);

/// `text` with every occurrence of a secret replaced by `***`.
[[nodiscard]] std::string mask_secrets(std::string_view text, std::span<const std::string> secrets);

} // namespace reviewd::notify
