#pragma once

#include "daemon/review/planner.hpp"
#include "daemon/service/context.hpp"
#include "daemon/store/reviews.hpp"

#include <vector>

namespace reviewd::service {

/// The review as the planner sees it, with the day it has.
[[nodiscard]] review::PlanItem to_plan_item(
    const rules::RuleSet& rules, const store::PlannedReview& review
);
[[nodiscard]] review::PlanItem to_plan_item(
    const rules::RuleSet& rules, const store::Review& review
);

/// Whoever had the morning's message would first hear of a review on that day when it is late: it
/// begins with the first day whose message is still to come, if its window lasts so long or is over
/// already. What is due today stays.
void begin_when_told(review::PlanItem& item, Date today, Date first_told);

/// A day that a person chose and on which the owner does not work (any more) goes to the nearest
/// one with room, no later than the hard maximum, or the day itself where that was beyond it.
void release_day_off(
    review::PlanItem& item, const store::PlannedReview& review, const PersonProfile& owner
);

/// A day that takes its room, whoever is reviewed on it.
[[nodiscard]] review::PlanItem taken_day(Date day);

/// The owner's calendar, capacity and frozen days, without items.
[[nodiscard]] review::PlanRequest empty_plan_request(
    const Context& context, const PersonProfile& owner, Date today
);

/// All open reviews of an owner, by due day.
[[nodiscard]] std::vector<store::Review> open_reviews_of(const Context& context, PersonId owner);

} // namespace reviewd::service
