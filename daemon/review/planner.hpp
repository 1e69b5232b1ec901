#pragma once

#include "daemon/review/calendar.hpp"
#include "daemon/review/window.hpp"
#include "scoring/base/id.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace reviewd::review {

/// Reviews that one person can hold.
struct Capacity {
    int per_day = 4;   ///< at least 1
    int per_week = 12; ///< at least 1; weeks begin on Monday
};

/// One open review of the owner.
struct PlanItem {
    ReviewId review;
    Window window;
    int tier = 0; ///< of the level: a review of a higher tier outweighs any number of lower ones
    std::int64_t weight = 0;       ///< within a tier, for instance the score
    std::optional<Date> published; ///< its day in the plan that is in force
    enum class Hold {
        free, ///< the planner chooses
        fixed ///< an appointment or a day a person chose: `published` stays and takes its room
    } hold = Hold::free;
};

struct PlanRequest {
    Calendar calendar;
    Capacity capacity;
    Date first_day{}; ///< nothing is placed before it
    /// Published days up to here do not move while they lie in their window, even on a full day.
    Date frozen_until{};
    std::vector<PlanItem> items;
};

/// A review's day.
struct Placement {
    ReviewId review;
    Date due{};
    int days_late = 0; ///< beyond the window's latest day, because no earlier day had room; else 0
};

struct PlanResult {
    std::vector<Placement> placements; ///< one per item, in the order of the request
    int late_count = 0;
    /// Work over room: reviews that have to be held within the horizon of the request's windows, as
    /// a share of the places there are. More than 1 cannot be kept.
    double stretch = 0;
};

/// Gives every review of one owner a day.
///
/// Contract, whichever algorithm stands behind it:
///  1. every item gets exactly one day; it is a working day on or after `first_day`, except for
///     fixed items, which keep their day;
///  2. no day and no week holds more than the capacity, but for fixed and frozen items;
///  3. an item is placed after its window's latest day only if no day in the window had room; then
///     as early as possible, and days_late says so. A higher tier is never late for a lower one;
///  4. a published day that still lies in the window and has room is kept;
///  5. else the day is as near to the target as room allows, the earlier of two;
///  6. the result depends on the set of items, not on their order.
/// @pre the windows are ordered, capacity is at least 1
[[nodiscard]] PlanResult plan_owner(const PlanRequest& request);

} // namespace reviewd::review
