// A greedy plan: what must not move first, then one review after the other by tier and weight, each
// on the free day nearest to its target.

#include "daemon/review/planner.hpp"

#include "scoring/base/assert.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <tuple>

namespace reviewd::review {
namespace {

using std::chrono::days;

/// Beyond this many days after its window a review goes onto a full day rather than nowhere.
constexpr int horizon_days = 3 * 366;

/// How many places of each day and week are taken.
class Room {
public:
    explicit Room(const PlanRequest& request) : request_(request) {}

    [[nodiscard]] bool is_free(Date day) const {
        return request_.calendar.is_working(day) && count(per_day_, day) < request_.capacity.per_day
               && count(per_week_, week_of(day)) < request_.capacity.per_week;
    }

    void take(Date day) {
        ++per_day_[day];
        ++per_week_[week_of(day)];
    }

private:
    static int count(const std::map<Date, int>& taken, Date day) {
        const auto found = taken.find(day);
        return found == taken.end() ? 0 : found->second;
    }

    const PlanRequest& request_;
    std::map<Date, int> per_day_;
    std::map<Date, int> per_week_;
};

bool is_inside(const Window& window, Date day) {
    return window.earliest <= day && day <= window.latest;
}

bool is_frozen(const PlanRequest& request, const PlanItem& item) {
    return item.published && *item.published >= request.first_day
           && *item.published <= request.frozen_until && is_inside(item.window, *item.published)
           && request.calendar.is_working(*item.published);
}

/// The free day in the window that is nearest to the target, the earlier of two.
std::optional<Date> nearest(const Window& window, const Room& room) {
    const auto reach = std::max(
        (window.target - window.earliest).count(), (window.latest - window.target).count()
    );
    for (std::int64_t distance = 0; distance <= reach; ++distance) {
        for (const Date day : {window.target - days{distance}, window.target + days{distance}}) {
            if (is_inside(window, day) && room.is_free(day)) {
                return day;
            }
        }
    }
    return std::nullopt;
}

Date place(const PlanRequest& request, const PlanItem& item, const Room& room) {
    const Window window = from_day_on(item.window, request.first_day, request.calendar);
    if (item.published && *item.published >= request.first_day && is_inside(window, *item.published)
        && room.is_free(*item.published)) {
        return *item.published;
    }
    if (const std::optional<Date> day = nearest(window, room)) {
        return *day;
    }
    for (int late = 1; late <= horizon_days; ++late) {
        if (room.is_free(window.latest + days{late})) {
            return window.latest + days{late};
        }
    }
    return request.calendar.next_working(window.latest);
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

/// Items over places, from the first day to the last day by which some item must be held.
double stretch_of(const PlanRequest& request) {
    if (request.items.empty()) {
        return 0;
    }
    Date last = request.first_day;
    for (const PlanItem& item : request.items) {
        last = std::max(last, item.window.latest);
    }
    double places = 0;
    for (Date week = week_of(request.first_day); week <= last; week += days{7}) {
        int in_week = 0;
        for (Date day = std::max(week, request.first_day); day <= std::min(week + days{6}, last);
             day += days{1}) {
            in_week += request.calendar.is_working(day) ? request.capacity.per_day : 0;
        }
        places += std::min(in_week, request.capacity.per_week);
    }
    return static_cast<double>(request.items.size()) / std::max(places, 1.0);
}

} // namespace

PlanResult plan_owner(const PlanRequest& request) {
    REVIEWD_ASSERT(request.capacity.per_day >= 1 && request.capacity.per_week >= 1);
    PlanResult result;
    result.placements.resize(request.items.size());
    Room room{request};
    std::vector<bool> is_placed(request.items.size(), false);
    const auto settle = [&](std::size_t index, Date day) {
        const PlanItem& item = request.items[index];
        room.take(day);
        result.placements[index] = {item.review, day, 0};
        is_placed[index] = true;
    };
    for (std::size_t i = 0; i < request.items.size(); ++i) {
        const PlanItem& item = request.items[i];
        REVIEWD_ASSERT(
            item.window.earliest <= item.window.target && item.window.target <= item.window.latest
        );
        const bool is_fixed = item.hold == PlanItem::Hold::fixed && item.published.has_value();
        if (is_fixed || is_frozen(request, item)) {
            settle(i, *item.published);
        }
    }
    for (const std::size_t index : choosing_order(request.items)) {
        if (!is_placed[index]) {
            settle(index, place(request, request.items[index], room));
        }
        const PlanItem& item = request.items[index];
        const auto late = (result.placements[index].due - item.window.latest).count();
        if (late > 0 && item.hold == PlanItem::Hold::free) {
            result.placements[index].days_late = static_cast<int>(late);
            ++result.late_count;
        }
    }
    result.stretch = stretch_of(request);
    return result;
}

} // namespace reviewd::review
