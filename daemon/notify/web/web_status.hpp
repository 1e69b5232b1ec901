#pragma once

#include "daemon/notify/api/outbound.hpp"
#include "scoring/base/date.hpp"

#include <chrono>
#include <optional>
#include <string_view>

namespace reviewd::notify {

/// What an HTTP status says about a delivery: 2xx took it; 408, 425, 429 and 5xx want it later;
/// 401, 403 and 410 stop the channel; a redirect and every other 4xx refuse this message.
[[nodiscard]] Outcome judge_status(const WebReply& reply, TimePoint now);

/// The header Retry-After: seconds, or a date of HTTP (the IMF form). Never negative; nothing when
/// it is neither.
[[nodiscard]] std::optional<std::chrono::seconds> parse_retry_after(
    std::string_view value, TimePoint now
);

} // namespace reviewd::notify
