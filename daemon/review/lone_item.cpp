// A full day that the lone item would like better than its own has a price: what the item would
// gain there. A full week has the price of its best day. If leaving its target costs each of the
// others more than the price of the place it would free, no chain of moves makes the plan better,
// nor any other as good: that is the duality of the network the full planner solves.

#include "daemon/review/lone_item.hpp"

#include "daemon/review/flow_network.hpp"

#include <algorithm>
#include <optional>
#include <vector>

namespace reviewd::review {
namespace {

std::size_t at(int index) {
    return static_cast<std::size_t>(index);
}

/// Items that lie on their targets, and the one that does not.
class Neighbours {
public:
    Neighbours(const PlanRequest& request, const PlanDays& days)
        : days_(days),
          day_prices_(days.days().size(), 0),
          week_prices_(days.week_room().size(), 0),
          week_left_(days.week_room()),
          distance_cost_(2 * static_cast<Cost>(request.items.size()) + 2) {
        for (const PlanDay& day : days.days()) {
            day_left_.push_back(day.room);
        }
    }

    void add(PlanGroup shape) {
        const int day = days_.index_from(shape.target);
        --day_left_[at(day)];
        --week_left_[week_of(day)];
        others_.push_back(std::move(shape));
    }

    /// The best day that is left for the item; nothing when others may have to move.
    [[nodiscard]] std::optional<int> day_of(const PlanGroup& item) {
        std::optional<int> best;
        for (int day = item.first; day < item.on_time_end; ++day) {
            const bool is_free = day_left_[at(day)] > 0 && week_left_[week_of(day)] > 0;
            if (is_free && (!best || cost(item, day) < cost(item, *best))) {
                best = day;
            }
        }
        if (best) {
            set_prices(item, cost(item, *best));
        }
        const auto stays = [this](const PlanGroup& other) {
            return is_content(other);
        };
        return best && std::all_of(others_.begin(), others_.end(), stays) ? best : std::nullopt;
    }

private:
    [[nodiscard]] std::size_t week_of(int day) const { return at(days_.days()[at(day)].week); }

    /// The distance, then whether the published day changes. Of two days that are as far the
    /// earlier one is better: it comes first.
    [[nodiscard]] Cost cost(const PlanGroup& item, int day) const {
        const Cost distance = std::abs((days_.days()[at(day)].day - item.target).count());
        const bool is_change = item.published >= 0 && item.published != day;
        return distance_cost_ * item.weight * distance + (is_change ? 1 : 0);
    }

    /// What one place more on a day or in a week would save: zero or less, as in the network.
    void set_prices(const PlanGroup& item, Cost reached) {
        for (int day = item.first; day < item.on_time_end; ++day) {
            if (week_left_[week_of(day)] == 0 && day_left_[at(day)] > 0) {
                Cost& price = week_prices_[week_of(day)];
                price = std::min(price, cost(item, day) - reached);
            }
        }
        for (std::size_t day = 0; day < day_prices_.size(); ++day) {
            day_prices_[day] = week_prices_[week_of(static_cast<int>(day))];
        }
        for (int day = item.first; day < item.on_time_end; ++day) {
            if (day_left_[at(day)] == 0) {
                day_prices_[at(day)] = std::min(day_prices_[at(day)], cost(item, day) - reached);
            }
        }
    }

    /// Whether every other day is worse for it than all that its place is worth.
    [[nodiscard]] bool is_content(const PlanGroup& item) const {
        const int own = days_.index_from(item.target);
        const Cost price = day_prices_[at(own)];
        if (price == 0) {
            return true; // no place is worth more
        }
        for (int day = item.first; day < item.on_time_end; ++day) {
            const Cost worse = cost(item, day) - cost(item, own);
            if (day != own && worse <= day_prices_[at(day)] - price) {
                return false;
            }
        }
        return true;
    }

    const PlanDays& days_;
    std::vector<PlanGroup> others_;
    std::vector<Cost> day_prices_;
    std::vector<Cost> week_prices_;
    std::vector<int> day_left_;
    std::vector<int> week_left_;
    Cost distance_cost_; ///< of one day: outweighs all changes there can be
};

} // namespace

bool place_lone_item(const PlanRequest& request, const PlanDays& days, PlanResult& plan) {
    Neighbours neighbours{request, days};
    std::optional<std::size_t> lone;
    for (std::size_t i = 0; i < request.items.size(); ++i) {
        if (days.is_settled(i)) {
            continue;
        }
        PlanGroup shape = shape_of(request, request.items[i], days);
        if (plan.placements[i].due == shape.target && plan.placements[i].days_late == 0) {
            neighbours.add(std::move(shape));
        } else if (lone) {
            return false;
        } else {
            lone = i;
        }
    }
    if (!lone || plan.placements[*lone].days_late > 0) {
        return false;
    }
    const auto day = neighbours.day_of(shape_of(request, request.items[*lone], days));
    if (day) {
        set_placement(plan, request, *lone, days.days()[at(*day)].day);
    }
    return day.has_value();
}

} // namespace reviewd::review
