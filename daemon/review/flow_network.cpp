// Days are few, items and the days possible for each are many. The stage of lateness does not care
// which day of a window is taken, so there an item is tied to the nodes of a binary tree over the
// days that cover its window: a dozen arcs instead of hundreds.

#include "daemon/review/flow_network.hpp"

#include "scoring/base/assert.hpp"

#include <lemon/network_simplex.h>
#include <lemon/smart_graph.h>

#include <algorithm>

namespace reviewd::review {
namespace {

using Graph = lemon::SmartDigraph;
using Simplex = lemon::NetworkSimplex<Graph, Cost, Cost>;

/// A graph under construction, with costs, bounds and supplies beside it.
class Problem {
public:
    Problem() : cost_(graph_), lower_(graph_), upper_(graph_), supply_(graph_) {}

    void reserve(std::size_t nodes, std::size_t arcs) {
        graph_.reserveNode(static_cast<int>(nodes));
        graph_.reserveArc(static_cast<int>(arcs));
    }
    Graph::Node add_node(Cost supply = 0) {
        const Graph::Node node = graph_.addNode();
        supply_[node] = supply;
        return node;
    }
    Graph::Arc add_arc(Graph::Node from, Graph::Node to, Cost cost) {
        return add_arc(from, to, cost, 0, std::numeric_limits<Cost>::max());
    }
    Graph::Arc add_arc(Graph::Node from, Graph::Node to, Cost cost, Cost lower, Cost upper) {
        const Graph::Arc arc = graph_.addArc(from, to);
        cost_[arc] = cost;
        lower_[arc] = lower;
        upper_[arc] = upper;
        return arc;
    }
    void set_supply(Graph::Node node, Cost supply) { supply_[node] = supply; }

    void solve(Simplex& simplex) const {
        simplex.lowerMap(lower_).upperMap(upper_).costMap(cost_).supplyMap(supply_);
        const auto result = simplex.run();
        REVIEWD_ASSERT(result == Simplex::OPTIMAL);
    }
    [[nodiscard]] const Graph& graph() const { return graph_; }

private:
    Graph graph_;
    Graph::ArcMap<Cost> cost_;
    Graph::ArcMap<Cost> lower_;
    Graph::ArcMap<Cost> upper_;
    Graph::NodeMap<Cost> supply_;
};

/// The nodes that every stage has.
struct Nodes {
    std::vector<Graph::Node> groups;
    std::vector<Graph::Node> days;
    std::vector<Graph::Node> weeks;
    Graph::Node end;
};

Nodes add_nodes(
    Problem& problem, const std::vector<PlanGroup>& groups, std::size_t days, std::size_t weeks
) {
    Nodes nodes;
    Cost all = 0;
    for (const PlanGroup& group : groups) {
        nodes.groups.push_back(problem.add_node(group.size()));
        all += group.size();
    }
    for (std::size_t i = 0; i < days; ++i) {
        nodes.days.push_back(problem.add_node());
    }
    for (std::size_t i = 0; i < weeks; ++i) {
        nodes.weeks.push_back(problem.add_node());
    }
    nodes.end = problem.add_node(-all);
    return nodes;
}

/// The arcs from days to their weeks and from weeks to the end.
template <class Bounds>
void tie_to_end(
    Problem& problem,
    const Nodes& nodes,
    const PlanDays& days,
    const std::vector<Bounds>& day_bounds,
    const std::vector<Bounds>& week_bounds
) {
    for (std::size_t i = 0; i < day_bounds.size(); ++i) {
        const auto week = static_cast<std::size_t>(days.days()[i].week);
        const Bounds& bounds = day_bounds[i];
        problem.add_arc(nodes.days[i], nodes.weeks[week], 0, bounds.lower, bounds.upper);
    }
    for (std::size_t i = 0; i < week_bounds.size(); ++i) {
        const Bounds& bounds = week_bounds[i];
        problem.add_arc(nodes.weeks[i], nodes.end, 0, bounds.lower, bounds.upper);
    }
}

PlanPrices prices_of(const Simplex& simplex, const Nodes& nodes) {
    PlanPrices prices;
    const auto read = [&](const std::vector<Graph::Node>& from, std::vector<Cost>& to) {
        to.reserve(from.size());
        for (const Graph::Node node : from) {
            to.push_back(simplex.potential(node));
        }
    };
    read(nodes.groups, prices.groups);
    read(nodes.days, prices.days);
    read(nodes.weeks, prices.weeks);
    prices.end = simplex.potential(nodes.end);
    return prices;
}

/// A binary tree over the days: node 1 is the root, the days are the leaves from `width` on.
class DayTree {
public:
    DayTree(Problem& problem, const std::vector<Graph::Node>& days) : problem_(problem) {
        while (width_ < days.size()) {
            width_ *= 2;
        }
        nodes_.resize(2 * width_);
        down_.resize(2 * width_);
        for (std::size_t node = width_; node < 2 * width_; ++node) {
            nodes_[node] = node - width_ < days.size() ? days[node - width_] : problem_.add_node();
        }
        for (std::size_t node = width_ - 1; node >= 1; --node) {
            nodes_[node] = problem_.add_node();
        }
        for (std::size_t node = 2; node < 2 * width_; ++node) {
            down_[node] = problem_.add_arc(nodes_[node / 2], nodes_[node], 0);
        }
    }

    /// An arc into a node of the tree.
    struct Entry {
        std::size_t node = 0;
        Graph::Arc arc;
    };

    /// Ties `from` to all days from `first` up to before `end`.
    void tie(Graph::Node from, std::pair<int, int> range, Cost cost, std::vector<Entry>& entries) {
        std::size_t low = static_cast<std::size_t>(range.first) + width_;
        std::size_t high = static_cast<std::size_t>(range.second) + width_;
        for (; low < high; low /= 2, high /= 2) {
            if (low % 2 == 1) {
                entries.push_back({low, problem_.add_arc(from, nodes_[low], cost)});
                ++low;
            }
            if (high % 2 == 1) {
                --high;
                entries.push_back({high, problem_.add_arc(from, nodes_[high], cost)});
            }
        }
    }

    /// Follows what came into each node down to the days.
    [[nodiscard]] PlanColumns columns(
        const Simplex& simplex, const std::vector<std::vector<Entry>>& entries
    ) const {
        struct Part {
            std::size_t group = 0;
            Cost items = 0;
        };
        std::vector<std::vector<Part>> parts(2 * width_);
        for (std::size_t group = 0; group < entries.size(); ++group) {
            for (const Entry& entry : entries[group]) {
                if (const Cost items = simplex.flow(entry.arc); items > 0) {
                    parts[entry.node].push_back({group, items});
                }
            }
        }
        for (std::size_t node = 1; node < width_; ++node) {
            Cost left = simplex.flow(down_[2 * node]);
            for (const Part& part : parts[node]) {
                const Cost to_left = std::min(left, part.items);
                left -= to_left;
                if (to_left > 0) {
                    parts[2 * node].push_back({part.group, to_left});
                }
                if (part.items > to_left) {
                    parts[2 * node + 1].push_back({part.group, part.items - to_left});
                }
            }
        }
        PlanColumns columns(entries.size());
        for (std::size_t leaf = width_; leaf < 2 * width_; ++leaf) {
            for (const Part& part : parts[leaf]) {
                std::vector<PlanColumn>& own = columns[part.group];
                const int day = static_cast<int>(leaf - width_);
                if (!own.empty() && own.back().day == day) {
                    own.back().items += part.items;
                } else {
                    own.push_back({day, part.items});
                }
            }
        }
        return columns;
    }

private:
    Problem& problem_;
    std::size_t width_ = 1;
    std::vector<Graph::Node> nodes_;
    std::vector<Graph::Arc> down_; ///< into each node from its parent
};

} // namespace

PlanGroup shape_of(const PlanRequest& request, const PlanItem& item, const PlanDays& days) {
    PlanGroup group;
    group.first = days.index_from(std::max(item.window.earliest, request.first_day));
    group.on_time_end = days.index_from(item.window.latest + std::chrono::days{1});
    group.target = std::max(item.window.target, request.first_day);
    group.weight = item.tier + 1;
    const int published = item.published ? days.index_from(*item.published) : -1;
    const bool is_day = published >= group.first && published < static_cast<int>(days.days().size())
                        && days.days()[static_cast<std::size_t>(published)].day == *item.published;
    group.published = is_day ? published : -1;
    return group;
}

FlowNetwork::FlowNetwork(const PlanDays& days, std::vector<PlanGroup> groups)
    : days_(days), groups_(std::move(groups)) {
    for (const PlanDay& day : days.days()) {
        day_bounds_.push_back({0, day.room});
    }
    for (const int room : days.week_room()) {
        week_bounds_.push_back({0, room});
    }
}

std::pair<PlanColumns, PlanPrices> FlowNetwork::solve_lateness() const {
    Problem problem;
    const Nodes nodes = add_nodes(problem, groups_, day_bounds_.size(), week_bounds_.size());
    DayTree tree{problem, nodes.days};
    const int day_count = static_cast<int>(nodes.days.size());
    std::vector<std::vector<DayTree::Entry>> entries(groups_.size());
    for (std::size_t i = 0; i < groups_.size(); ++i) {
        const PlanGroup& group = groups_[i];
        const int late = std::max(group.first, group.on_time_end);
        tree.tie(nodes.groups[i], {group.first, late}, 0, entries[i]);
        tree.tie(nodes.groups[i], {late, day_count}, group.rank, entries[i]);
    }
    tie_to_end(problem, nodes, days_, day_bounds_, week_bounds_);
    Simplex simplex{problem.graph()};
    problem.solve(simplex);
    return {tree.columns(simplex, entries), prices_of(simplex, nodes)};
}

PlanPrices FlowNetwork::solve(PlanColumns& columns, std::span<const Cost> costs) const {
    Problem problem;
    problem.reserve(
        groups_.size() + day_bounds_.size() + week_bounds_.size() + 1,
        costs.size() + day_bounds_.size() + week_bounds_.size()
    );
    const Nodes nodes = add_nodes(problem, groups_, day_bounds_.size(), week_bounds_.size());
    std::vector<Graph::Arc> arcs;
    arcs.reserve(costs.size());
    for (std::size_t i = 0; i < columns.size(); ++i) {
        for (const PlanColumn& column : columns[i]) {
            const Graph::Node day = nodes.days[static_cast<std::size_t>(column.day)];
            arcs.push_back(problem.add_arc(nodes.groups[i], day, costs[arcs.size()]));
        }
    }
    tie_to_end(problem, nodes, days_, day_bounds_, week_bounds_);
    Simplex simplex{problem.graph()};
    problem.solve(simplex);
    std::size_t at = 0;
    for (std::vector<PlanColumn>& own : columns) {
        for (PlanColumn& column : own) {
            column.items = simplex.flow(arcs[at++]);
        }
    }
    return prices_of(simplex, nodes);
}

void FlowNetwork::tighten(Bounds& bounds, Cost reduced_cost) {
    if (reduced_cost > 0) {
        bounds.upper = bounds.lower;
    } else if (reduced_cost < 0) {
        bounds.lower = bounds.upper;
    }
}

void FlowNetwork::keep(const PlanPrices& prices) {
    for (std::size_t i = 0; i < day_bounds_.size(); ++i) {
        const auto week = static_cast<std::size_t>(days_.days()[i].week);
        tighten(day_bounds_[i], prices.days[i] - prices.weeks[week]);
    }
    for (std::size_t i = 0; i < week_bounds_.size(); ++i) {
        tighten(week_bounds_[i], prices.weeks[i] - prices.end);
    }
}

} // namespace reviewd::review
