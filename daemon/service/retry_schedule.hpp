#pragma once

#include "config/loader/settings.hpp"
#include "daemon/notify/api/notifier.hpp"
#include "scoring/base/date.hpp"

#include <chrono>
#include <cstdint>
#include <optional>

namespace reviewd::service {

/// What a schedule goes by.
struct Repetition {
    std::uint64_t seed = 0;          ///< of the installation
    std::int64_t delivery = 0;       ///< its number
    int attempts = 1;                ///< that count, with the one that just ended
    std::chrono::milliseconds age{}; ///< since its first try began
};

/// How long to wait before the next attempt: mail as long as it has been tried already, within the settings'
/// bounds; webhooks by the table of Standard Webhooks. A fifth more or less, always the same for
/// one attempt of one delivery. Never less than the peer asked for, which counts up to a day.
[[nodiscard]] std::chrono::milliseconds retry_delay(
    notify::DeliveryTraits::Schedule schedule,
    const config::RetrySettings& settings,
    const Repetition& repetition,
    std::optional<std::chrono::seconds> retry_after
);

/// The same where nobody knows whether the last attempt was taken: on the schedule of mail, and with
/// each of them twice as long, up to a day, because every one may be another copy.
/// @param uncertain attempts that ended so, with the last one
[[nodiscard]] std::chrono::milliseconds resend_delay(
    const config::RetrySettings& settings, const Repetition& repetition, int uncertain
);

} // namespace reviewd::service
