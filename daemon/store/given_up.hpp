#pragma once

#include "daemon/store/connection.hpp"
#include "scoring/base/date.hpp"
#include "scoring/base/id.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace reviewd::store {

/// Deliveries that came to nothing for the same reason on the same channel.
struct GivenUpGroup {
    std::string channel;
    /// A notify::Reason's name; "no_address": the person has none there; "not_tried": its time
    /// passed before anybody tried.
    std::string reason;
    bool is_expired = false; ///< tried until it was of no use any more; else refused for good
    std::int64_t deliveries = 0;
    std::int64_t of_operators = 0; ///< of those, what itself told somebody of such deliveries
    std::int64_t people = 0;       ///< whom they were for; events are for nobody
    DeliveryId first;
    std::string reply; ///< what the peer said to the first one; may be empty
};

/// What was given up from `from` on and before `until`, the largest group first, at most `limit` of
/// them. What a person sends again is left out.
[[nodiscard]] std::vector<GivenUpGroup> read_given_up(
    Connection& connection, TimePoint from, TimePoint until, int limit
);

} // namespace reviewd::store
