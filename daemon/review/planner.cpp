// Three stages, each among the plans that are optimal for the ones before it: lateness, distance
// from the targets, changes. A stage begins with a few days for each item and asks the prices which
// others would help, until none does: then the plan is optimal among all days, though most of them
// were never part of the problem.

#include "daemon/review/planner.hpp"

#include "daemon/review/flow_network.hpp"
#include "daemon/review/lone_item.hpp"
#include "scoring/base/assert.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <tuple>

namespace reviewd::review {
namespace {

/// A stage begins with at least so many days around each target.
constexpr int near_days = 8;
/// So many days that would help are added for an item at once.
constexpr std::size_t columns_per_round = 12;

/// Whether the stage of lateness has something to decide.
enum class Lateness {
    none,
    possible,
    certain ///< of reviews that outweigh none of each other, those published on time stay so
};

/// Free items by all that distinguishes them. Without lateness to decide, weights within a tier
/// distinguish nobody.
std::vector<PlanGroup> groups_of(
    const PlanRequest& request, const PlanDays& days, Lateness lateness
) {
    using Key = std::tuple<int, int, Date, Cost, int, std::pair<int, Cost>>;
    std::map<Key, PlanGroup> groups;
    std::set<std::pair<int, Cost>> values;
    for (std::size_t i = 0; i < request.items.size(); ++i) {
        if (days.is_settled(i)) {
            continue;
        }
        const PlanItem& item = request.items[i];
        PlanGroup shape = shape_of(request, item, days);
        std::pair<int, Cost> value{item.tier, 0};
        if (lateness != Lateness::none) {
            const bool is_kept = lateness == Lateness::certain && shape.published >= 0
                                 && shape.published < shape.on_time_end;
            value.second = 2 * std::max<Cost>(item.weight, 1) + (is_kept ? 1 : 0);
            values.insert(value);
        }
        const Key key{
            shape.first, shape.on_time_end, shape.target, shape.weight, shape.published, value};
        PlanGroup& group = groups.try_emplace(key, std::move(shape)).first->second;
        group.items.push_back(i);
    }
    std::vector<PlanGroup> all;
    for (auto& [key, group] : groups) {
        const auto rank = values.find(std::get<5>(key));
        group.rank = rank == values.end() ? 0 : 1 + std::distance(values.begin(), rank);
        std::sort(group.items.begin(), group.items.end(), [&](std::size_t a, std::size_t b) {
            const PlanItem& first = request.items[a];
            const PlanItem& second = request.items[b];
            return std::tuple{-first.weight, first.review}
                   < std::tuple{-second.weight, second.review};
        });
        all.push_back(std::move(group));
    }
    return all;
}

Cost distance(const PlanGroup& group, const PlanDay& day) {
    return std::abs((day.day - group.target).count());
}

/// Which days a group may take without being worse in an earlier stage.
class Face {
public:
    explicit Face(const FlowNetwork& network) : network_(network) {}

    /// Only what is optimal at these prices, the stage's cost of a day given.
    void add_lateness(PlanPrices prices) { lateness_ = std::move(prices); }
    void add_distance(PlanPrices prices) { distance_ = std::move(prices); }

    [[nodiscard]] bool has(std::size_t group, int day) const {
        const PlanGroup& one = network_.groups()[group];
        const bool is_late = day >= one.on_time_end;
        if (!lateness_) {
            // Everything can be on time but what has no day in its window at all.
            if (is_late && one.on_time_end > one.first) {
                return false;
            }
        } else if (reduced(*lateness_, group, day, is_late ? one.rank : 0) != 0) {
            return false;
        }
        return !distance_ || reduced(*distance_, group, day, distance_cost(group, day)) == 0;
    }

    [[nodiscard]] Cost distance_cost(std::size_t group, int day) const {
        const PlanGroup& one = network_.groups()[group];
        return one.weight * distance(one, network_.days().days()[static_cast<std::size_t>(day)]);
    }

    static Cost reduced(const PlanPrices& prices, std::size_t group, int day, Cost cost) {
        return cost + prices.groups[group] - prices.days[static_cast<std::size_t>(day)];
    }

private:
    const FlowNetwork& network_;
    std::optional<PlanPrices> lateness_;
    std::optional<PlanPrices> distance_;
};

void add_column(std::vector<PlanColumn>& columns, int day) {
    const auto at = std::lower_bound(
        columns.begin(),
        columns.end(),
        day,
        [](const PlanColumn& column, int wanted) { return column.day < wanted; }
    );
    if (at == columns.end() || at->day != day) {
        columns.insert(at, {day, 0});
    }
}

/// The days that would make the plan better at these prices, the best first.
template <class CostOf>
std::vector<int> helpful_days(
    const FlowNetwork& network,
    const Face& face,
    const PlanPrices& prices,
    std::size_t group,
    const CostOf& cost_of
) {
    std::vector<std::pair<Cost, int>> found;
    const int end = static_cast<int>(network.days().days().size());
    for (int day = network.groups()[group].first; day < end; ++day) {
        const Cost reduced = Face::reduced(prices, group, day, cost_of(group, day));
        if (reduced < 0 && face.has(group, day)) {
            found.emplace_back(reduced, day);
        }
    }
    const std::size_t taken = std::min(found.size(), columns_per_round);
    std::partial_sort(
        found.begin(), found.begin() + static_cast<std::ptrdiff_t>(taken), found.end()
    );
    std::vector<int> best;
    for (std::size_t i = 0; i < taken; ++i) {
        best.push_back(found[i].second);
    }
    return best;
}

/// Solves a stage over all days of the face.
template <class CostOf>
PlanPrices solve_stage(
    const FlowNetwork& network, const Face& face, PlanColumns& columns, const CostOf& cost_of
) {
    for (;;) {
        std::vector<Cost> costs;
        for (std::size_t group = 0; group < columns.size(); ++group) {
            for (const PlanColumn& column : columns[group]) {
                costs.push_back(cost_of(group, column.day));
            }
        }
        PlanPrices prices = network.solve(columns, costs);
        const Cost highest = *std::max_element(prices.days.begin(), prices.days.end());
        bool is_optimal = true;
        for (std::size_t group = 0; group < columns.size(); ++group) {
            if (prices.groups[group] >= highest) {
                continue; // no day helps: no cost is below zero
            }
            for (const int day : helpful_days(network, face, prices, group, cost_of)) {
                add_column(columns[group], day);
                is_optimal = false;
            }
        }
        if (is_optimal) {
            return prices;
        }
    }
}

/// Adds the days of the face around each target, enough for the group.
void add_near_days(const FlowNetwork& network, const Face& face, PlanColumns& columns) {
    const std::vector<PlanDay>& days = network.days().days();
    const int end = static_cast<int>(days.size());
    for (std::size_t group = 0; group < columns.size(); ++group) {
        const PlanGroup& one = network.groups()[group];
        const Cost wanted = 2 * one.size();
        int after = std::max(one.first, network.days().index_from(one.target));
        int before = after - 1;
        int tried = 0;
        for (Cost room = 0;
             (room < wanted || tried < near_days) && (after < end || before >= one.first);) {
            for (const int day : {before--, after++}) {
                if (day >= one.first && day < end && face.has(group, day)) {
                    add_column(columns[group], day);
                    room += days[static_cast<std::size_t>(day)].room;
                    ++tried;
                }
            }
        }
        if (one.published >= 0 && face.has(group, one.published)) {
            add_column(columns[group], one.published);
        }
    }
}

/// Costs of the last stage: first how many published days change, then squares of distances, so
/// that two items share a distance rather than one bearing it all, then the earlier day.
class ChangeCost {
public:
    explicit ChangeCost(const FlowNetwork& network) : network_(network) {
        Cost items = 1;
        Cost largest = 1;
        for (const PlanGroup& group : network.groups()) {
            items += group.size();
            largest = std::max(largest, shape(group, network.days().days().back()));
            largest = std::max(largest, shape(group, network.days().days().front()));
        }
        REVIEWD_ASSERT(largest < std::numeric_limits<Cost>::max() / items);
        change_ = largest * items;
        REVIEWD_ASSERT(change_ < std::numeric_limits<Cost>::max() / (4 * items));
    }

    Cost operator()(std::size_t group, int day) const {
        const PlanGroup& one = network_.groups()[group];
        const bool is_change = one.published >= 0 && one.published != day;
        return (is_change ? change_ : 0)
               + shape(one, network_.days().days()[static_cast<std::size_t>(day)]);
    }

private:
    static Cost shape(const PlanGroup& group, const PlanDay& day) {
        const Cost far = distance(group, day);
        return 2 * far * far + (day.day > group.target ? 1 : 0);
    }

    const FlowNetwork& network_;
    Cost change_ = 0;
};

/// A possible plan of the groups, from a plan of the items.
PlanColumns columns_of(const FlowNetwork& network, const PlanResult& plan) {
    PlanColumns columns;
    for (const PlanGroup& group : network.groups()) {
        std::vector<PlanColumn> own;
        for (const std::size_t item : group.items) {
            add_column(own, network.days().index_from(plan.placements[item].due));
        }
        columns.push_back(std::move(own));
    }
    return columns;
}

/// Whether a plan has nothing late that could be on time in some plan, as far as one can see.
bool is_timely(const PlanRequest& request, const PlanDays& days, const PlanResult& plan) {
    for (std::size_t i = 0; i < request.items.size(); ++i) {
        if (plan.placements[i].days_late > 0) {
            const PlanGroup shape = shape_of(request, request.items[i], days);
            const bool is_avoidable = shape.on_time_end > shape.first;
            const bool is_nowhere = plan.placements[i].due == full_day(request, request.items[i]);
            if (is_avoidable || is_nowhere) {
                return false;
            }
        }
    }
    return true;
}

/// Whether every free item has the day it is wanted on, and no published day could be kept better.
bool is_perfect(const PlanRequest& request, const PlanDays& days, const PlanResult& plan) {
    for (std::size_t i = 0; i < request.items.size(); ++i) {
        const Date target = std::max(request.items[i].window.target, request.first_day);
        if (!days.is_settled(i) && plan.placements[i].due != target) {
            return false;
        }
    }
    return true;
}

PlanResult result_of(
    const PlanRequest& request, const FlowNetwork& network, const PlanColumns& columns
) {
    PlanResult result;
    result.placements.resize(request.items.size());
    for (std::size_t i = 0; i < request.items.size(); ++i) {
        if (network.days().is_settled(i)) {
            set_placement(result, request, i, *request.items[i].published);
        }
    }
    for (std::size_t i = 0; i < columns.size(); ++i) {
        std::size_t next = 0;
        const PlanGroup& group = network.groups()[i];
        for (const PlanColumn& column : columns[i]) {
            for (Cost left = column.items; left > 0; --left) {
                const std::size_t item = group.items[next++];
                const PlanDay& day = network.days().days()[static_cast<std::size_t>(column.day)];
                const bool is_nowhere = network.days().is_nowhere(column.day);
                set_placement(
                    result,
                    request,
                    item,
                    is_nowhere ? full_day(request, request.items[item]) : day.day
                );
            }
        }
        REVIEWD_ASSERT(next == group.items.size());
    }
    return result;
}

void check_precondition(const PlanRequest& request) {
    REVIEWD_ASSERT(request.capacity.per_day >= 1 && request.capacity.per_week >= 1);
    for (const PlanItem& item : request.items) {
        const Window& window = item.window;
        const bool is_over = window.latest < window.earliest;
        REVIEWD_ASSERT(window.earliest <= window.target);
        REVIEWD_ASSERT(is_over || window.target <= window.latest);
    }
}

/// How many items a solved stage of lateness leaves behind their windows.
Cost count_late(const FlowNetwork& network, const PlanColumns& columns) {
    Cost late = 0;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        for (const PlanColumn& column : columns[i]) {
            late += column.day >= network.groups()[i].on_time_end ? column.items : 0;
        }
    }
    return late;
}

/// The items, of the request, that are late in the plans with the largest weight on time.
std::vector<bool> late_items(const PlanRequest& request, const PlanDays& days) {
    const FlowNetwork network{days, groups_of(request, days, Lateness::certain)};
    const PlanColumns columns = network.solve_lateness().first;
    std::vector<bool> late(request.items.size(), false);
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const PlanGroup& group = network.groups()[i];
        Cost on_time = 0;
        for (const PlanColumn& column : columns[i]) {
            on_time += column.day < group.on_time_end ? column.items : 0;
        }
        for (auto item = group.items.begin() + on_time; item != group.items.end(); ++item) {
            late[*item] = true;
        }
    }
    return late;
}

/// The best plan of what can be on time, and the simple rule for the others, in the room that is
/// left.
PlanResult plan_overload(const PlanRequest& request, const PlanDays& days) {
    const std::vector<bool> is_late = late_items(request, days);
    PlanRequest timely = request;
    timely.items.clear();
    for (std::size_t i = 0; i < request.items.size(); ++i) {
        if (!is_late[i]) {
            timely.items.push_back(request.items[i]);
        }
    }
    const PlanResult best = plan_owner(timely);
    // Those keep their days while the others look for room.
    PlanRequest rest = request;
    std::size_t next = 0;
    for (std::size_t i = 0; i < request.items.size(); ++i) {
        if (!is_late[i]) {
            rest.items[i].published = best.placements[next++].due;
            rest.items[i].hold = PlanItem::Hold::fixed;
        }
    }
    return plan_owner_greedily(rest);
}

} // namespace

PlanResult plan_owner(const PlanRequest& request, const PlanLimits& limits) {
    check_precondition(request);
    const PlanDays days{request};
    PlanResult simple = plan_owner_greedily(request, days);
    if (request.items.size() > limits.items || is_perfect(request, days, simple)) {
        return simple;
    }
    const bool is_late = !is_timely(request, days, simple);
    if (!is_late && simple.late_count > limits.late) {
        return plan_overload(request, days); // all of them have no day in their window any more
    }
    if (place_lone_item(request, days, simple)) {
        return simple;
    }
    FlowNetwork network{
        days, groups_of(request, days, is_late ? Lateness::possible : Lateness::none)};
    Face face{network};
    PlanColumns columns;
    if (is_late) {
        auto [timely, prices] = network.solve_lateness();
        if (count_late(network, timely) > limits.late) {
            return plan_overload(request, days);
        }
        columns = std::move(timely);
        network.keep(prices);
        face.add_lateness(std::move(prices));
    } else {
        columns = columns_of(network, simple);
    }
    add_near_days(network, face, columns);
    PlanPrices prices = solve_stage(network, face, columns, [&](std::size_t group, int day) {
        return face.distance_cost(group, day);
    });
    network.keep(prices);
    face.add_distance(std::move(prices));
    for (std::vector<PlanColumn>& own : columns) {
        const std::size_t group = static_cast<std::size_t>(&own - columns.data());
        std::erase_if(own, [&](const PlanColumn& column) { return !face.has(group, column.day); });
    }
    solve_stage(network, face, columns, ChangeCost{network});
    return result_of(request, network, columns);
}

namespace {

/// Whether a working day of its window is left, with room or without.
bool has_working_day(const PlanRequest& request, const PlanItem& item) {
    const Date first = std::max(item.window.earliest, request.first_day);
    return request.calendar.next_working(first) <= item.window.latest;
}

/// Whether something that may be moved has none.
bool has_lost_item(const PlanRequest& request) {
    return std::any_of(request.items.begin(), request.items.end(), [&](const PlanItem& item) {
        return item.hold == PlanItem::Hold::free && !has_working_day(request, item);
    });
}

/// Whether some plan has everything on time that has a working day in its window at all.
bool can_be_timely(const PlanRequest& request) {
    const PlanDays days{request};
    const PlanResult simple = plan_owner_greedily(request, days);
    const auto is_curable = [&](std::size_t item) {
        return has_working_day(request, request.items[item]);
    };
    bool is_timely = true;
    for (std::size_t i = 0; i < request.items.size() && is_timely; ++i) {
        is_timely = simple.placements[i].days_late == 0 || !is_curable(i);
    }
    if (is_timely) {
        return true;
    }
    if (request.items.size() > PlanLimits{}.items) {
        return false; // as far as one can see
    }
    const FlowNetwork network{days, groups_of(request, days, Lateness::possible)};
    const PlanColumns columns = network.solve_lateness().first;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const PlanGroup& group = network.groups()[i];
        const bool is_late =
            std::any_of(columns[i].begin(), columns[i].end(), [&](const PlanColumn& column) {
                return column.day >= group.on_time_end;
            });
        if (is_late && std::any_of(group.items.begin(), group.items.end(), is_curable)) {
            return false;
        }
    }
    return true;
}

/// The smallest value from `low` to `high` that is enough, if `high` is.
template <class IsEnough>
std::optional<int> smallest(int low, int high, const IsEnough& is_enough) {
    if (!is_enough(high)) {
        return std::nullopt;
    }
    while (low < high) {
        const int middle = low + (high - low) / 2;
        if (is_enough(middle)) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return high;
}

} // namespace

Cure find_cure(const PlanRequest& request) {
    constexpr int working_days = 5;
    if (can_be_timely(request)) {
        return {std::nullopt, has_lost_item(request) ? Cure::Lack::days : Cure::Lack::none};
    }
    PlanRequest tried = request;
    const auto is_enough = [&](int per_day, int per_week) {
        tried.capacity = {per_day, per_week};
        return can_be_timely(tried);
    };
    const Capacity& now = request.capacity;
    const auto day_for = [&](int per_week) {
        return std::max(now.per_day, (per_week + working_days - 1) / working_days);
    };
    const std::optional<int> week = smallest(
        now.per_week,
        std::max(now.per_week, working_days * std::max(most_per_day, now.per_day)),
        [&](int per_week) { return is_enough(day_for(per_week), per_week); }
    );
    if (!week) {
        const bool is_known = request.items.size() <= PlanLimits{}.items;
        return {std::nullopt, is_known ? Cure::Lack::capacity : Cure::Lack::search};
    }
    const int per_day = day_for(*week);
    const std::optional<int> least =
        smallest(now.per_week, *week, [&](int per_week) { return is_enough(per_day, per_week); });
    return {Capacity{per_day, least.value_or(*week)}, Cure::Lack::none};
}

} // namespace reviewd::review
