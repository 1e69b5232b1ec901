#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace reviewd::config {

/// Keys whose value would be a secret in the file; what stands behind them is never shown.
[[nodiscard]] std::span<const std::string_view> secret_keys();

/// Whether a key is one of them, or nearly: a slip of the keyboard shows no secret either.
[[nodiscard]] bool resembles_secret_key(std::string_view key);

/// The line of a file as it may be shown: without what stands behind such a key, without user,
/// password and query of an address, and of a `url:` with its host alone.
[[nodiscard]] std::string without_secrets(std::string_view line);

/// Where a secret belongs that stands behind an unknown key. @param known the keys of its map
[[nodiscard]] std::string place_for_secret(
    std::string_view key, const std::vector<std::string>& known
);

} // namespace reviewd::config
