#pragma once

#include "daemon/notify/api/secret.hpp"
#include "scoring/base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace reviewd::notify {

/// Reads signing keys as Standard Webhooks writes them: `whsec_` and base64 of 24 to 64 bytes, one
/// a line. Two lines are a rotation: both sign, and the receiver needs to know only one.
/// @errors `bad_config`; the message does not show the secret
[[nodiscard]] Result<std::vector<Secret>> read_signing_keys(const Secret& content);

/// The header `webhook-signature`: for each key `v1,` and base64 of HMAC-SHA256 over
/// "id.timestamp.body", separated by spaces.
[[nodiscard]] std::string signature(
    const std::vector<Secret>& keys,
    std::string_view id,
    std::int64_t timestamp_seconds,
    std::string_view body
);

} // namespace reviewd::notify
