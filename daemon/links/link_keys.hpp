#pragma once

// daemon/links: the signed links of messages and the listener that answers them, which knows
// nothing else: one request per connection, no cookie, no script, GET changes nothing. Decisions
// are pure functions; link_server.cpp alone does network. Includes daemon/service, daemon/runtime
// and what they include.

#include "config/loader/settings.hpp"
#include "daemon/notify/api/secret.hpp"
#include "daemon/store/delivery.hpp"
#include "scoring/base/result.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace reviewd::links {

/// What came of looking at a token.
enum class TokenFault {
    unknown, ///< not ours: malformed, altered, or signed with a key that is gone
    expired,
};

/// Signs and checks the tokens of links with HMAC-SHA256. A token holds its purpose, review,
/// version and occurrence, the person, when it ends, a nonce and the key's id; 128 bits of the MAC
/// go with it. The same grant gives the same token, so that a message is the same at each attempt.
/// Immutable; any thread.
class LinkKeys {
public:
    /// @param previous still accepted, not used for new tokens
    /// @pre secrets of at least secret_bytes_least bytes
    LinkKeys(const notify::Secret& current, const std::optional<notify::Secret>& previous);

    static constexpr std::size_t secret_bytes_least = 32;

    /// URL-safe text of at most 80 characters.
    [[nodiscard]] std::string sign(const store::LinkGrant& grant) const;

    struct Checked {
        std::optional<store::LinkGrant> grant; ///< its placeholder is empty
        TokenFault fault = TokenFault::unknown;
        PersonId person{}; ///< whom a token that is ours was signed for, expired or not; else none
    };
    /// The grant of a token that is ours, meant for `purpose`, and not expired at `now`.
    [[nodiscard]] Checked check(std::string_view token, std::string_view purpose, TimePoint now)
        const;

private:
    struct Key {
        std::array<unsigned char, 2> id{};
        notify::Secret derived;
    };
    [[nodiscard]] static Key key_of(const notify::Secret& secret);

    Key current_;
    std::optional<Key> previous_;
};

/// Reads the secrets that the settings name.
/// @param credentials_directory the service manager's, or empty
/// @errors `bad_config` for a secret that is missing, too short or open to others
[[nodiscard]] Result<LinkKeys> read_link_keys(
    const config::LinkSettings& settings, const std::string& credentials_directory
);

} // namespace reviewd::links
