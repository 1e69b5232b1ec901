// What must not move first, then one review after the other by tier and time left, each on the
// free day of its window that is nearest to its target. What finds none is late and comes last: as
// soon as there is room, and on the day it has already, if that is one of those days.

#include "daemon/review/plan_days.hpp"
#include "daemon/review/planner.hpp"

#include <algorithm>
#include <map>
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

    void give_back(int index) {
        ++day_left_[at(index)];
        ++week_left_[week_of(index)];
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

int first_day(const PlanRequest& request, const PlanItem& item, const PlanDays& days) {
    return days.index_from(std::max(item.window.earliest, request.first_day));
}

/// The first day on which an item is late.
int first_late_day(const PlanRequest& request, const PlanItem& item, const PlanDays& days) {
    const int behind = days.index_from(item.window.latest + std::chrono::days{1});
    return std::max(first_day(request, item, days), behind);
}

/// The day on which an item is published; nothing when it has none, or none that has room.
std::optional<int> published_day(const PlanItem& item, const PlanDays& days) {
    const int end = static_cast<int>(days.days().size());
    const int index = item.published ? days.index_from(*item.published) : end;
    const bool is_there = index < end && day_at(days, index) == *item.published;
    return is_there ? std::optional{index} : std::nullopt;
}

/// A day in the item's window, if one is free.
std::optional<int> place_on_time(
    const PlanRequest& request, const PlanItem& item, const PlanDays& days, const Room& room
) {
    const int first = first_day(request, item, days);
    const int end = first_late_day(request, item, days);
    const std::optional<int> published = published_day(item, days);
    if (published && *published >= first && *published < end && room.is_free(*published)) {
        return published;
    }
    return nearest(days, room, item.window.target, {first, end});
}

/// An item for which its window has no room.
struct LateItem {
    std::size_t index = 0; ///< in the request
    int from = 0;          ///< the first day behind its window
    int day = 0;           ///< where it is placed
};

/// The first free day; the days go on until everything has room.
int soonest(const Room& room, int from) {
    while (!room.is_free(from)) {
        ++from;
    }
    return from;
}

/// Places that were taken, by day.
class Places {
public:
    void add(int day) { ++count_[day]; }

    [[nodiscard]] bool has(int day) const { return count_.count(day) == 1; }

    void remove(int day) {
        const auto place = count_.find(day);
        if (--place->second == 0) {
            count_.erase(place);
        }
    }

    [[nodiscard]] std::optional<int> first_from(int day) const {
        const auto place = count_.lower_bound(day);
        return place == count_.end() ? std::nullopt : std::optional{place->first};
    }

    void give_back(Room& room) const {
        for (const auto& [day, count] : count_) {
            for (int i = 0; i < count; ++i) {
                room.give_back(day);
            }
        }
    }

private:
    std::map<int, int> count_;
};

/// Takes the soonest days there are, and gives them to the items so that as many as possible stay
/// where they are published.
/// @param late of one tier, by the first days behind their windows
void place_late(
    const PlanRequest& request, const PlanDays& days, Room& room, std::vector<LateItem>& late
) {
    Places places;
    int reached = 0; // nothing before it is free for those who still choose
    for (const LateItem& item : late) {
        reached = soonest(room, std::max(reached, item.from));
        room.take(reached);
        places.add(reached);
    }
    std::vector<LateItem*> moving;
    for (LateItem& item : late) {
        const int published = published_day(request.items[item.index], days).value_or(-1);
        if (published >= item.from && places.has(published)) {
            places.remove(published);
            item.day = published;
        } else {
            moving.push_back(&item);
        }
    }
    std::vector<LateItem*> behind; // whose places went to those that stay
    for (LateItem* item : moving) {
        if (const std::optional<int> place = places.first_from(item->from)) {
            places.remove(*place);
            item->day = *place;
        } else {
            behind.push_back(item);
        }
    }
    // The days reach as far as everything has room that is really taken: what is left goes back
    // before anything looks for more.
    places.give_back(room);
    for (LateItem* item : behind) {
        item->day = soonest(room, item->from);
        room.take(item->day);
    }
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
    return plan_owner_greedily(request, PlanDays{request});
}

PlanResult plan_owner_greedily(const PlanRequest& request, const PlanDays& days) {
    PlanResult result;
    result.placements.resize(request.items.size());
    Room room{days};
    std::map<int, std::vector<LateItem>> late; // by tier, the lowest first
    for (const std::size_t index : choosing_order(request.items)) {
        const PlanItem& item = request.items[index];
        if (days.is_settled(index)) {
            set_placement(result, request, index, *item.published);
        } else if (const std::optional<int> day = place_on_time(request, item, days, room)) {
            room.take(*day);
            set_placement(result, request, index, day_at(days, *day));
        } else {
            late[item.tier].push_back({index, first_late_day(request, item, days)});
        }
    }
    for (auto tier = late.rbegin(); tier != late.rend(); ++tier) {
        place_late(request, days, room, tier->second);
        for (const LateItem& item : tier->second) {
            const Date due = days.is_nowhere(item.day)
                                 ? full_day(request, request.items[item.index])
                                 : day_at(days, item.day);
            set_placement(result, request, item.index, due);
        }
    }
    return result;
}

} // namespace reviewd::review
