#include "daemon/service/channel_pause.hpp"

#include "daemon/store/markers.hpp"

#include <fmt/format.h>

#include <charconv>

namespace reviewd::service {
namespace {

std::string reason_marker(std::string_view channel) {
    return fmt::format("channel.paused.{}", channel);
}

std::string since_marker(std::string_view channel) {
    return fmt::format("channel.paused_since.{}", channel);
}

} // namespace

std::optional<ChannelPause> find_channel_pause(
    store::Connection& connection, std::string_view channel
) {
    store::Markers markers{connection};
    std::optional<std::string> reason = markers.find(reason_marker(channel));
    if (!reason) {
        return std::nullopt;
    }
    ChannelPause pause{*std::move(reason)};
    const std::string since = markers.find(since_marker(channel)).value_or("");
    std::int64_t milliseconds = 0;
    if (std::from_chars(since.data(), since.data() + since.size(), milliseconds).ec
        == std::errc{}) {
        pause.since = TimePoint{std::chrono::milliseconds{milliseconds}};
    }
    return pause;
}

void keep_channel_pause(
    store::Connection& connection, std::string_view channel, std::string_view reason, TimePoint now
) {
    store::Markers markers{connection};
    if (!markers.find(reason_marker(channel))) {
        markers.set(since_marker(channel), std::to_string(now.time_since_epoch().count()));
    }
    markers.set(reason_marker(channel), reason);
}

void forget_channel_pause(store::Connection& connection, std::string_view channel) {
    store::Markers markers{connection};
    markers.erase(reason_marker(channel));
    markers.erase(since_marker(channel));
}

} // namespace reviewd::service
