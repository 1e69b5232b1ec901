#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace reviewd::config {

/// Keys whose value would be a secret in the file; what stands behind them is never shown.
[[nodiscard]] std::span<const std::string_view> secret_keys();

/// Whether a key is one of them, or nearly, or has one of them in it (`client_secret`): a slip of
/// the keyboard, or a key of another program, shows no secret either.
[[nodiscard]] bool resembles_secret_key(std::string_view key);

/// Bytes of a text: from `begin` to before `end`.
struct TextRange {
    std::size_t begin = 0;
    std::size_t end = 0;
};

/// What is not to be seen of the text behind `key`: all of it behind a secret's key; of an address
/// user, password and query, and the path too, which often is a password (but for our own
/// `public_url`, and for an address within a sentence). Rising, without overlaps.
[[nodiscard]] std::vector<TextRange> secret_parts(std::string_view key, std::string_view text);

/// The text with `***` in the place of each part. @param parts rising, without overlaps
[[nodiscard]] std::string without_parts(std::string_view text, std::span<const TextRange> parts);

/// The line of a file as it may be shown, judged by the line alone: without what stands behind a
/// secret's key, and without the secret parts of addresses.
[[nodiscard]] std::string without_secrets(std::string_view line);

/// A sentence as it may be shown: without user, password and query of the addresses in it.
[[nodiscard]] std::string without_address_secrets(std::string_view message);

/// Where a secret belongs that stands behind an unknown key. @param known the keys of its map
[[nodiscard]] std::string place_for_secret(
    std::string_view key, const std::vector<std::string>& known
);

} // namespace reviewd::config
