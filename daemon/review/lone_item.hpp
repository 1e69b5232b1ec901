#pragma once

#include "daemon/review/plan_days.hpp"

namespace reviewd::review {

/// Most changes of a plan are of one item: all others lie on their targets and stay there, and it
/// takes the best day that they leave. Finds that day, and shows that it would help nobody if one
/// of the others moved: then this is the one best plan, as plan_owner defines it.
/// @param plan of plan_owner_greedily; becomes the best one
/// @returns whether there is such an item; if not, the plan is as it was. For planners only.
[[nodiscard]] bool place_lone_item(
    const PlanRequest& request, const PlanDays& days, PlanResult& plan
);

} // namespace reviewd::review
