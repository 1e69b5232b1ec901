#pragma once

#include "daemon/store/connection.hpp"
#include "scoring/base/date.hpp"
#include "scoring/base/id.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reviewd::store {

/// Deliveries of a channel that go nowhere until a person does something.
struct WaitingGroup {
    std::string channel;
    /// A try of each went past its point of no return without an answer: they may have come.
    bool is_uncertain = false;
    std::int64_t deliveries = 0;
    std::int64_t people = 0; ///< whom they are for; events are for nobody
    DeliveryId first;
    TimePoint since{}; ///< the one that waits longest
    /// When the last one began to wait that is no message to operators; nothing: all of them are.
    std::optional<TimePoint> newest;
};

/// What is held without an end, by a person or because it cannot be sent as it is.
[[nodiscard]] std::vector<WaitingGroup> read_held(Connection& connection);

/// What would have gone over a channel by now, if the channel did not stand still.
/// @returns nothing when there is none
[[nodiscard]] std::optional<WaitingGroup> read_waiting_on(
    Connection& connection, std::string_view channel, TimePoint now
);

} // namespace reviewd::store
