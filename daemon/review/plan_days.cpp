#include "daemon/review/plan_days.hpp"

#include <algorithm>
#include <limits>
#include <map>

namespace reviewd::review {
namespace {

using Days = std::chrono::days;

/// Beyond this many days after the last window nothing is planned.
constexpr int horizon_days = 3 * 366;

bool is_inside(const Window& window, Date day) {
    return window.earliest <= day && day <= window.latest;
}

/// The days of what does not move, each as often as it is taken.
class TakenDays {
public:
    void add(Date day) { days_.push_back(day); }
    void sort() { std::sort(days_.begin(), days_.end()); }

    /// From `first` up to before `end`. @pre sorted
    [[nodiscard]] int count(Date first, Date end) const {
        const auto begin = std::lower_bound(days_.begin(), days_.end(), first);
        return static_cast<int>(std::lower_bound(begin, days_.end(), end) - begin);
    }

private:
    std::vector<Date> days_;
};

/// Working days of the weeks from the first to the last of the windows, as places.
std::map<Date, int> places_by_week(const PlanRequest& request, Date last) {
    std::map<Date, int> places;
    for (Date week = week_of(request.first_day); week <= last; week += Days{7}) {
        int in_week = 0;
        for (Date day = std::max(week, request.first_day); day < week + Days{7}; day += Days{1}) {
            in_week += request.calendar.is_working(day) ? request.capacity.per_day : 0;
        }
        places[week] = std::min(in_week, request.capacity.per_week);
    }
    return places;
}

} // namespace

bool is_settled(const PlanRequest& request, const PlanItem& item) {
    if (!item.published) {
        return false;
    }
    return item.hold == PlanItem::Hold::fixed
           || (*item.published >= request.first_day && *item.published <= request.frozen_until
               && is_inside(item.window, *item.published)
               && request.calendar.is_working(*item.published));
}

int days_late(const PlanItem& item, Date due) {
    const auto late = (due - item.window.latest).count();
    return item.hold == PlanItem::Hold::free && late > 0 ? static_cast<int>(late) : 0;
}

void set_placement(PlanResult& result, const PlanRequest& request, std::size_t item, Date due) {
    Placement& placement = result.placements[item];
    placement = {request.items[item].review, due, days_late(request.items[item], due)};
    result.late_count += placement.days_late > 0 ? 1 : 0;
}

Date full_day(const PlanRequest& request, const PlanItem& item) {
    return request.calendar.next_working(
        std::max({item.window.latest + Days{1}, item.window.earliest, request.first_day})
    );
}

PlanDays::PlanDays(const PlanRequest& request) : is_settled_(request.items.size(), false) {
    Date last = request.first_day;
    std::int64_t free = 0;
    TakenDays taken;
    for (std::size_t i = 0; i < request.items.size(); ++i) {
        const PlanItem& item = request.items[i];
        is_settled_[i] = review::is_settled(request, item);
        if (is_settled_[i]) {
            taken.add(*item.published);
        } else {
            last = std::max({last, item.window.earliest, item.window.latest});
            ++free;
        }
    }
    taken.sort();
    std::int64_t room_behind = 0; // places behind the last window: enough for whatever is late
    Date week{};
    int week_left = 0;
    const Date end = last + Days{horizon_days};
    for (Date day = request.first_day; free > 0 && day <= end && room_behind < free;
         day += Days{1}) {
        if (week_room_.empty() || day == week + Days{7}) {
            week = week_of(day);
            const int in_week = taken.count(week, week + Days{7});
            week_left = std::max(0, request.capacity.per_week - in_week);
            week_room_.push_back(week_left);
        }
        if (week_room_.back() == 0 || !request.calendar.is_working(day)) {
            continue;
        }
        const int room = request.capacity.per_day - taken.count(day, day + Days{1});
        if (room <= 0) {
            continue;
        }
        days_.push_back({day, room, static_cast<int>(week_room_.size()) - 1});
        if (day > last) {
            const int usable = std::min(room, week_left);
            week_left -= usable;
            room_behind += usable;
        }
    }
    if (room_behind < free) {
        has_nowhere_ = true;
        week_room_.push_back(static_cast<int>(free));
        days_.push_back(
            {end + Days{1}, static_cast<int>(free), static_cast<int>(week_room_.size()) - 1}
        );
    }
}

int PlanDays::index_from(Date day) const {
    const auto found =
        std::lower_bound(days_.begin(), days_.end(), day, [](const PlanDay& one, Date wanted) {
            return one.day < wanted;
        });
    return static_cast<int>(found - days_.begin());
}

double stretch_of(const PlanRequest& request) {
    std::map<std::pair<Date, Date>, int> work; // by latest and earliest week
    Date last = request.first_day;
    for (const PlanItem& item : request.items) {
        const bool stays = is_settled(request, item);
        const Date from =
            week_of(std::max(stays ? *item.published : item.window.earliest, request.first_day));
        const Date until = std::max(stays ? *item.published : item.window.latest, from);
        ++work[{week_of(until), from}];
        last = std::max(last, until);
    }
    // Somebody may have agreed on a day in a far century.
    last = std::min(last, request.first_day + Days{10 * 366});
    const std::map<Date, int> places = places_by_week(request, last);
    double largest = 0;
    // For every first week: what must be held between it and each later week.
    for (auto first = places.begin(); first != places.end(); ++first) {
        int held = 0;
        int room = 0;
        auto reached = work.begin();
        for (auto week = places.begin(); week != places.end(); ++week) {
            if (week->first >= first->first) {
                room += week->second;
            }
            for (; reached != work.end() && reached->first.first <= week->first; ++reached) {
                held += reached->first.second >= first->first ? reached->second : 0;
            }
            if (held > 0 && week->first >= first->first) {
                largest = std::max(largest, static_cast<double>(held) / std::max(room, 1));
            }
        }
    }
    return largest;
}

} // namespace reviewd::review
