#pragma once

#include "daemon/store/reviews.hpp"

#include <optional>
#include <string_view>
#include <vector>

namespace reviewd::service {

/// What an open review's silence comes from, by its history. That there is one at all says
/// Review::quiet_until.
struct Silence {
    bool is_disowned = false; ///< its owner said that it is not theirs; nobody else has it since
    bool is_next_try = false; ///< `until` is the next try after a call that failed
    std::optional<Date> until = std::nullopt; ///< as it was chosen; absent: nobody chose a day
};

/// @param events of the review, oldest first
[[nodiscard]] Silence silence_of(const std::vector<store::ReviewEvent>& events);

/// Among the details of a talk that changed nothing of the review: of before the last one, or
/// beside an appointment.
inline constexpr std::string_view unmoved_detail = "clock";
inline constexpr std::string_view unmoved = "as before";

} // namespace reviewd::service
