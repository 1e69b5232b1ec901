#pragma once

#include "daemon/review/planner.hpp"

#include <cstddef>
#include <vector>

namespace reviewd::review {

/// A working day that has room, in order of the calendar.
struct PlanDay {
    Date day{};
    int room = 0; ///< places left; at least 1
    int week = 0; ///< index into PlanDays::week_room
};

/// The days of one owner's plan: what fixed and frozen items leave free, from the first day up to
/// where everything has a place. For planners only.
class PlanDays {
public:
    explicit PlanDays(const PlanRequest& request);

    [[nodiscard]] const std::vector<PlanDay>& days() const { return days_; }
    [[nodiscard]] const std::vector<int>& week_room() const { return week_room_; }
    /// Whether an item keeps the day it has.
    [[nodiscard]] bool is_settled(std::size_t item) const { return is_settled_[item]; }
    /// Index of the first day on or after `day`; days().size() when there is none.
    [[nodiscard]] int index_from(Date day) const;
    /// The last entry stands for "no room for years": it has room for all.
    [[nodiscard]] bool is_nowhere(int index) const {
        return has_nowhere_ && index + 1 == static_cast<int>(days_.size());
    }

private:
    std::vector<PlanDay> days_;
    std::vector<int> week_room_;
    std::vector<bool> is_settled_;
    bool has_nowhere_ = false;
};

/// Whether the item stays on its published day: it is fixed, or it is frozen and still possible.
[[nodiscard]] bool is_settled(const PlanRequest& request, const PlanItem& item);

/// How many days after its latest day an item is placed; 0 for fixed items.
[[nodiscard]] int days_late(const PlanItem& item, Date due);

/// Writes the day of one of the request's items into the result, and counts it if it is late.
/// @pre the result has a placement for each item
void set_placement(PlanResult& result, const PlanRequest& request, std::size_t item, Date due);

/// As planner.hpp says. @param days of the request
[[nodiscard]] PlanResult plan_owner_greedily(const PlanRequest& request, const PlanDays& days);

/// Where an item goes for which there is no room for years.
[[nodiscard]] Date full_day(const PlanRequest& request, const PlanItem& item);

} // namespace reviewd::review
