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
    friend bool operator==(const Capacity&, const Capacity&) = default;
};

/// One open review of the owner.
struct PlanItem {
    ReviewId review;
    /// One that ends before it begins has no day on time any more: from `earliest` on it is late.
    Window window;
    /// Of the level, from 0 up: a review of a higher tier outweighs any number of lower ones, and a
    /// day away from its target counts tier + 1 times.
    int tier = 0;
    std::int64_t weight = 0;       ///< within a tier, for instance the score; below 1 counts as 1
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
};

/// Up to where the best plan is looked for.
struct PlanLimits {
    /// Nobody has anything from the best order of hundreds of reviews that are months late, and
    /// finding it takes seconds.
    int late = 150;
    /// Above it even the question which reviews can be on time takes longer than a plan may.
    std::size_t items = 5'000;
};

/// Gives every review of one owner a day: the best plan there is.
///
///  1. Every item gets exactly one day; it is a working day on or after `first_day`, except for
///     fixed items, which keep their day, and frozen ones.
///  2. No day and no week holds more than the capacity, but for fixed and frozen items.
///  3. First, the weight of the items that are not after their window's latest day is the largest
///     possible: that of the highest tier, then that of the next, and so on. Only what is late goes
///     behind its window, and nothing goes before it.
///  4. Then the sum of days between day and target, each times tier + 1, is the smallest possible.
///  5. Then as few published days as possible change.
///  6. Then single great distances are avoided, and earlier days win over later ones.
///  7. The result depends on the set of items, not on their order.
/// An item for which there is no room for years goes onto a full day behind its window.
/// In an overload of more than PlanLimits::late late items, 4 to 6 hold for what is on time, and
/// what is late follows in the room that is left, as plan_owner_greedily places it. An owner of
/// more than PlanLimits::items items, which is no person, is planned by that rule altogether.
/// @pre the windows are ordered, but for those that end before they begin; capacity is at least 1
[[nodiscard]] PlanResult plan_owner(const PlanRequest& request, const PlanLimits& limits = {});

/// The same contract but for 3 to 6, by a simple rule: one review after the other, by tier and
/// then by how soon it must be held, stays where it is published or takes the free day of its
/// window that is nearest to its target. Then those that found none take the soonest days there
/// are, tier by tier; whoever is published on one of these stays there. Quick, and the plan that
/// plan_owner must never be worse than.
[[nodiscard]] PlanResult plan_owner_greedily(const PlanRequest& request);

/// Work over room in the fullest stretch of whole weeks: reviews that must be held in it, as a
/// share of the places it has. More than 1 cannot be kept, whatever the plan.
[[nodiscard]] double stretch_of(const PlanRequest& request);

/// Nobody holds more reviews a day.
inline constexpr int most_per_day = 50;

/// What would make a plan one that can be kept.
struct Cure {
    std::optional<Capacity> capacity{};
    enum class Lack {
        none,     ///< there is a capacity, or nothing is late
        days,     ///< what is late has no working day left in its window: no capacity helps
        capacity, ///< not even most_per_day are enough
        search    ///< more items than PlanLimits::items: the simple rule found none, another may be
    } lack = Lack::none; ///< why there is no capacity
};

/// The smallest capacity with which no free item would be late that has a working day left in its
/// window; per_day is raised only as far as the week needs it. A day that is full today counts: more
/// capacity is more room on it.
[[nodiscard]] Cure find_cure(const PlanRequest& request);

} // namespace reviewd::review
