#pragma once

#include "daemon/service/context.hpp"
#include "daemon/store/delivery.hpp"
#include "daemon/store/outbox_health.hpp"
#include "scoring/base/result.hpp"

#include <string>
#include <vector>

namespace reviewd::service {

/// What waits on channels that the configuration does not have (any more) is planned anew by
/// today's routes, unless it may have been received, or a person holds it back; what cannot be
/// planned anew stays. Inside a transaction.
/// @returns a line for each such channel
[[nodiscard]] Result<std::vector<std::string>> leave_lost_channels(Context& context, TimePoint now);

/// The same of one delivery. @returns whether it was taken back
[[nodiscard]] Result<bool> leave_lost_channel(
    Context& context, const store::Delivery& delivery, TimePoint now
);

[[nodiscard]] bool has_channel(const config::Settings& settings, std::string_view channel);

/// A line for each channel that is gone and has deliveries left, for `status`.
[[nodiscard]] std::vector<std::string> lost_channels(
    const config::Settings& settings, const std::vector<store::DeliveryCount>& counts
);

} // namespace reviewd::service
