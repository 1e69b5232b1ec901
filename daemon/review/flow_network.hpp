#pragma once

#include "daemon/review/plan_days.hpp"

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace reviewd::review {

using Cost = std::int64_t;

/// Free items that a plan need not tell apart: same window, target, weight and published day.
struct PlanGroup {
    std::vector<std::size_t> items; ///< of the request, in the order in which they take the days
    int first = 0;                  ///< index of the first day that is possible
    int on_time_end = 0; ///< one past the last day in the window; not above `first`: none is
    Date target{};
    Cost weight = 1;    ///< of one day away from the target
    Cost rank = 0;      ///< of being on time, among all groups: what outweighs has a higher one
    int published = -1; ///< index of its day in the plan in force; -1: none, or not possible

    [[nodiscard]] Cost size() const { return static_cast<Cost>(items.size()); }
};

/// A group without its items and its rank: of those that are like the item.
[[nodiscard]] PlanGroup shape_of(
    const PlanRequest& request, const PlanItem& item, const PlanDays& days
);

/// A day that a group may take, and how many of its items do.
struct PlanColumn {
    int day = 0;
    Cost items = 0;
};
using PlanColumns = std::vector<std::vector<PlanColumn>>; ///< per group, by day

/// Dual prices of a stage: what one more place would be worth.
struct PlanPrices {
    std::vector<Cost> groups;
    std::vector<Cost> days;
    std::vector<Cost> weeks;
    Cost end = 0;
};

/// Items flow from their groups to days, from days to weeks and from weeks to the end, within the
/// room of each. Solves one stage after the other; each keeps what the ones before it reached, by
/// complementary slackness: a plan is optimal exactly if it uses only arcs of reduced cost zero,
/// leaves those above zero empty and fills those below.
class FlowNetwork {
public:
    FlowNetwork(const PlanDays& days, std::vector<PlanGroup> groups);

    [[nodiscard]] const std::vector<PlanGroup>& groups() const { return groups_; }
    [[nodiscard]] const PlanDays& days() const { return days_; }

    /// The plans with the largest weight on time. @returns one of them, and its prices
    [[nodiscard]] std::pair<PlanColumns, PlanPrices> solve_lateness() const;

    /// Minimises the sum of `costs` of the columns, by network simplex.
    /// @param costs beside `columns`, group by group
    /// @pre the columns hold a possible plan
    [[nodiscard]] PlanPrices solve(PlanColumns& columns, std::span<const Cost> costs) const;

    /// From now on only plans that are optimal at these prices are possible.
    void keep(const PlanPrices& prices);

private:
    struct Bounds {
        Cost lower = 0;
        Cost upper = 0;
    };
    static void tighten(Bounds& bounds, Cost reduced_cost);

    const PlanDays& days_;
    std::vector<PlanGroup> groups_;
    std::vector<Bounds> day_bounds_;  ///< of the arcs from days to weeks
    std::vector<Bounds> week_bounds_; ///< of the arcs from weeks to the end
};

} // namespace reviewd::review
