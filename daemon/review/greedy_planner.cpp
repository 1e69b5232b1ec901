// What must not move first, then one review after the other by tier and time left, each on the
// free day nearest to its target.

#include "daemon/review/plan_days.hpp"
#include "daemon/review/planner.hpp"

#include <algorithm>
#include <numeric>
#include <tuple>

namespace reviewd::review {
namespace {

/// How many places of each day and week are left.
class Room {
public:
    explicit Room(const PlanDays& days) : days_(days), week_left_(days.week_room()) {
        for (const PlanDay& day : days.days()) {
            day_left_.push_back(day.room);
        }
    }

    [[nodiscard]] bool is_free(int index) const {
        return day_left_[at(index)] > 0 && week_left_[week_of(index)] > 0;
    }

    void take(int index) {
        --day_left_[at(index)];
        --week_left_[week_of(index)];
    }

private:
    static std::size_t at(int index) { return static_cast<std::size_t>(index); }
    [[nodiscard]] std::size_t week_of(int index) const { return at(days_.days()[at(index)].week); }

    const PlanDays& days_;
    std::vector<int> day_left_;
    std::vector<int> week_left_;
};

Date day_at(const PlanDays& days, int index) {
    return days.days()[static_cast<std::size_t>(index)].day;
}

/// The free day from `first` up to before `end` that is nearest to the target, the earlier of two.
std::optional<int> nearest(
    const PlanDays& days, const Room& room, Date target, std::pair<int, int> range
) {
    int after = std::clamp(days.index_from(target), range.first, range.second);
    int before = after - 1;
    while (after < range.second && !room.is_free(after)) {
        ++after;
    }
    while (before >= range.first && !room.is_free(before)) {
        --before;
    }
    const bool has_after = after < range.second;
    const bool has_before = before >= range.first;
    if (!has_after && !has_before) {
        return std::nullopt;
    }
    const bool is_before_nearer =
        has_before && (!has_after || target - day_at(days, before) <= day_at(days, after) - target);
    return is_before_nearer ? before : after;
}

int place(
    const PlanRequest& request, const PlanItem& item, const PlanDays& days, const Room& room
) {
    const int first = days.index_from(std::max(item.window.earliest, request.first_day));
    const int end = std::max(first, days.index_from(item.window.latest + std::chrono::days{1}));
    const int published = item.published ? days.index_from(*item.published) : end;
    if (published >= first && published < end && day_at(days, published) == *item.published
        && room.is_free(published)) {
        return published;
    }
    if (const std::optional<int> day = nearest(days, room, item.window.target, {first, end})) {
        return *day;
    }
    int late = end;
    while (!room.is_free(late)) {
        ++late; // the days go on until everything has room
    }
    return late;
}

/// The order in which free items choose: tier, then the one with less time, then weight.
std::vector<std::size_t> choosing_order(const std::vector<PlanItem>& items) {
    std::vector<std::size_t> order(items.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    const auto key = [&](std::size_t index) {
        const PlanItem& item = items[index];
        return std::tuple{
            -item.tier, item.window.latest, item.window.target, -item.weight, item.review};
    };
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return key(a) < key(b);
    });
    return order;
}

} // namespace

PlanResult plan_owner_greedily(const PlanRequest& request) {
    PlanResult result;
    result.placements.resize(request.items.size());
    const PlanDays days{request};
    Room room{days};
    for (const std::size_t index : choosing_order(request.items)) {
        const PlanItem& item = request.items[index];
        Placement& placement = result.placements[index];
        placement.review = item.review;
        if (days.is_settled(index)) {
            placement.due = *item.published;
        } else {
            const int chosen = place(request, item, days, room);
            room.take(chosen);
            placement.due =
                days.is_nowhere(chosen) ? full_day(request, item) : day_at(days, chosen);
        }
        placement.days_late = days_late(item, placement.due);
        result.late_count += placement.days_late > 0 ? 1 : 0;
    }
    result.stretch = stretch_of(request);
    return result;
}

} // namespace reviewd::review
