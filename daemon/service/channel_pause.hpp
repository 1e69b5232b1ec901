#pragma once

#include "daemon/store/connection.hpp"
#include "scoring/base/date.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace reviewd::service {

/// A channel that stands still until somebody resumes it, as the database keeps it over restarts.
struct ChannelPause {
    std::string reason;
    std::optional<TimePoint> since{}; ///< absent: paused by a version that did not note it
};

[[nodiscard]] std::optional<ChannelPause> find_channel_pause(
    store::Connection& connection, std::string_view channel
);
/// Of a channel that is paused already only the reason changes.
void keep_channel_pause(
    store::Connection& connection, std::string_view channel, std::string_view reason, TimePoint now
);
void forget_channel_pause(store::Connection& connection, std::string_view channel);

} // namespace reviewd::service
