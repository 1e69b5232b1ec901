#pragma once

#include "daemon/service/context.hpp"
#include "daemon/service/people.hpp"
#include "daemon/store/reviews.hpp"

#include <optional>
#include <string>
#include <vector>

namespace reviewd::service {

/// Who has the contact of a review in the place of its owner, who is on leave.
struct StandIn {
    PersonId person;
    std::string key, name;
    Date until{};         ///< the last day on which it is theirs
    bool is_late = false; ///< the contact was wanted by a day that is over
};

/// By the rule by which messages choose who hears of it: an open trigger with `when_away:` whose
/// contact the leave takes from the owner. Nothing: the owner has it.
/// @param today of the owner
[[nodiscard]] std::optional<StandIn> stand_in_of(
    const Context& context, const store::Review& review, Date today
);

/// A review that somebody stands in for now.
struct StoodIn {
    store::Review review;
    StandIn by;
};

/// All of them, by latest day. @param owner absent: of all owners
[[nodiscard]] std::vector<StoodIn> stood_in_reviews(
    const Context& context, TimePoint now, std::optional<PersonId> owner = std::nullopt
);

} // namespace reviewd::service
