// Independent of the planner: days and room are counted anew here, in the plainest way.

#include "tests/unit/review/plan_oracle.hpp"

#include <glpk.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <memory>
#include <set>
#include <stdexcept>

namespace reviewd::test {
namespace {

using namespace std::chrono_literals;
using review::PlanItem;
using review::PlanRequest;
using std::chrono::days;

const Date monday{2026y / 11 / 23};

bool stays(const PlanRequest& request, const PlanItem& item) {
    if (!item.published) {
        return false;
    }
    const Date day = *item.published;
    return item.hold == PlanItem::Hold::fixed
           || (day >= request.first_day && day <= request.frozen_until
               && day >= item.window.earliest && day <= item.window.latest
               && request.calendar.is_working(day));
}

std::int64_t weight_of(const PlanItem& item) {
    return std::max<std::int64_t>(item.weight, 1);
}

std::int64_t distance_of(const PlanRequest& request, const PlanItem& item, Date day) {
    const Date target = std::max(item.window.target, request.first_day);
    return std::abs((day - target).count()) * (item.tier + 1);
}

/// Days on which free items may be, with what is left of each day and week.
struct Rooms {
    std::map<Date, int> day;
    std::map<Date, int> week;
};

Rooms rooms_of(const PlanRequest& request) {
    Rooms rooms;
    Date last = request.first_day;
    for (const PlanItem& item : request.items) {
        last = std::max(last, item.window.latest);
    }
    // Enough weeks behind the last for everything, whatever the leave.
    const Date end =
        last + days{7 * (static_cast<int>(request.items.size()) / request.capacity.per_week + 3)};
    for (Date day = request.first_day; day <= end; day += days{1}) {
        if (request.calendar.is_working(day)) {
            rooms.day[day] = request.capacity.per_day;
            rooms.week[review::week_of(day)] = request.capacity.per_week;
        }
    }
    for (const PlanItem& item : request.items) {
        if (stays(request, item)) {
            --rooms.day[*item.published];
            --rooms.week[review::week_of(*item.published)];
        }
    }
    return rooms;
}

/// One objective after the other, each pinned before the next.
class Program {
public:
    explicit Program(const PlanRequest& request)
        : request_(request), rooms_(rooms_of(request)), problem_(glp_create_prob()) {
        glp_term_out(GLP_OFF);
        for (const PlanItem& item : request.items) {
            if (!stays(request, item)) {
                items_.push_back(&item);
            }
        }
        add_variables();
        add_rows();
    }

    /// @returns the least sum of costs over the chosen days; keeps it from now on
    std::int64_t minimise(const std::function<std::int64_t(const PlanItem&, Date)>& cost) {
        std::vector<int> index{0};
        std::vector<double> value{0};
        for (const Variable& variable : variables_) {
            const auto own = static_cast<double>(cost(*variable.item, variable.day));
            glp_set_obj_coef(problem_.get(), variable.column, own);
            index.push_back(variable.column);
            value.push_back(own);
        }
        glp_iocp options;
        glp_init_iocp(&options);
        options.presolve = GLP_ON;
        options.msg_lev = GLP_MSG_OFF;
        if (variables_.empty()) {
            return 0;
        }
        if (glp_intopt(problem_.get(), &options) != 0
            || glp_mip_status(problem_.get()) != GLP_OPT) {
            throw std::runtime_error("the solver has no optimum");
        }
        const auto best = static_cast<std::int64_t>(std::llround(glp_mip_obj_val(problem_.get())));
        const int row = glp_add_rows(problem_.get(), 1);
        glp_set_row_bnds(problem_.get(), row, GLP_UP, 0, static_cast<double>(best) + 0.25);
        glp_set_mat_row(
            problem_.get(), row, static_cast<int>(index.size()) - 1, index.data(), value.data()
        );
        return best;
    }

private:
    struct Variable {
        const PlanItem* item;
        Date day{};
        int column = 0;
    };
    struct Delete {
        void operator()(glp_prob* problem) const { glp_delete_prob(problem); }
    };

    void add_variables() {
        for (const PlanItem* item : items_) {
            for (const auto& [day, room] : rooms_.day) {
                if (day >= item->window.earliest && room > 0) {
                    const int column = glp_add_cols(problem_.get(), 1);
                    glp_set_col_kind(problem_.get(), column, GLP_BV);
                    variables_.push_back({item, day, column});
                }
            }
        }
    }

    void add_row(int kind, double bound, const std::function<bool(const Variable&)>& is_in) {
        std::vector<int> index{0};
        for (const Variable& variable : variables_) {
            if (is_in(variable)) {
                index.push_back(variable.column);
            }
        }
        if (index.size() > 1) {
            const std::vector<double> ones(index.size(), 1.0);
            const int row = glp_add_rows(problem_.get(), 1);
            glp_set_row_bnds(problem_.get(), row, kind, bound, bound);
            glp_set_mat_row(
                problem_.get(), row, static_cast<int>(index.size()) - 1, index.data(), ones.data()
            );
        }
    }

    void add_rows() {
        for (const PlanItem* item : items_) {
            add_row(GLP_FX, 1, [&](const Variable& one) { return one.item == item; });
        }
        for (const auto& [day, room] : rooms_.day) {
            const Date wanted = day;
            add_row(GLP_UP, std::max(room, 0), [&](const Variable& one) {
                return one.day == wanted;
            });
        }
        for (const auto& [week, room] : rooms_.week) {
            const Date wanted = week;
            add_row(GLP_UP, std::max(room, 0), [&](const Variable& one) {
                return review::week_of(one.day) == wanted;
            });
        }
    }

    const PlanRequest& request_;
    Rooms rooms_;
    std::unique_ptr<glp_prob, Delete> problem_;
    std::vector<const PlanItem*> items_;
    std::vector<Variable> variables_;
};

std::set<int, std::greater<>> tiers_of(const PlanRequest& request) {
    std::set<int, std::greater<>> tiers;
    for (const PlanItem& item : request.items) {
        tiers.insert(item.tier);
    }
    return tiers;
}

/// Whether the published day can still be had. A day that cannot is no change to be avoided.
bool can_stay(const PlanItem& item, const Rooms& rooms) {
    const auto room = item.published ? rooms.day.find(*item.published) : rooms.day.end();
    return room != rooms.day.end() && room->second > 0 && *item.published >= item.window.earliest;
}

void add(
    PlanValue& value, const PlanRequest& request, const Rooms& rooms, const PlanItem& item, Date day
) {
    value.late_weight[item.tier] += day > item.window.latest ? weight_of(item) : 0;
    value.distance += distance_of(request, item, day);
    value.changes += can_stay(item, rooms) && *item.published != day ? 1 : 0;
}

PlanValue nothing(const PlanRequest& request) {
    PlanValue value;
    for (const int tier : tiers_of(request)) {
        value.late_weight[tier] = 0;
    }
    return value;
}

} // namespace

PlanValue value_of(const PlanRequest& request, const std::vector<review::Placement>& placements) {
    PlanValue value = nothing(request);
    const Rooms rooms = rooms_of(request);
    for (std::size_t i = 0; i < placements.size(); ++i) {
        if (!stays(request, request.items[i])) {
            add(value, request, rooms, request.items[i], placements[i].due);
        }
    }
    return value;
}

PlanValue best_by_solver(const PlanRequest& request) {
    PlanValue value;
    Program program{request};
    for (const int tier : tiers_of(request)) {
        value.late_weight[tier] = program.minimise([&](const PlanItem& item, Date day) {
            const bool is_late = item.tier == tier && day > item.window.latest;
            return is_late ? weight_of(item) : 0;
        });
    }
    value.distance = program.minimise([&](const PlanItem& item, Date day) {
        return distance_of(request, item, day);
    });
    const bool has_published =
        std::any_of(request.items.begin(), request.items.end(), [](const PlanItem& item) {
            return item.published.has_value();
        });
    if (has_published) {
        const Rooms rooms = rooms_of(request);
        value.changes = static_cast<int>(program.minimise([&](const PlanItem& item, Date day) {
            return can_stay(item, rooms) && *item.published != day ? 1 : 0;
        }));
    }
    return value;
}

PlanValue best_by_trying(const PlanRequest& request) {
    const Rooms whole = rooms_of(request);
    Rooms rooms = whole;
    std::optional<PlanValue> best;
    const std::function<void(std::size_t, const PlanValue&)> choose = [&](std::size_t at,
                                                                          const PlanValue& value) {
        if (best && *best < value) {
            return; // it only grows
        }
        if (at == request.items.size()) {
            best = value;
            return;
        }
        const PlanItem& item = request.items[at];
        if (stays(request, item)) {
            choose(at + 1, value);
            return;
        }
        for (auto& [day, room] : rooms.day) {
            int& week = rooms.week[review::week_of(day)];
            if (day >= item.window.earliest && room > 0 && week > 0) {
                PlanValue next = value;
                add(next, request, whole, item, day);
                --room;
                --week;
                choose(at + 1, next);
                ++room;
                ++week;
            }
        }
    };
    choose(0, nothing(request));
    return best.value();
}

PlanRequest random_request(Random& random, const InstanceSize& size) {
    const int per_day = 1 + random.below(2);
    PlanRequest request;
    request.capacity = {per_day, per_day + random.below(3)};
    request.first_day = monday + days{random.below(3)};
    request.frozen_until = request.first_day + days{random.below(6) - 1};
    if (random.below(3) == 0) {
        const Date away = monday + days{random.below(size.days)};
        request.calendar = review::Calendar{{}, {{away, away + days{random.below(6)}}}};
    }
    const int count = 1 + random.below(size.items);
    for (int i = 0; i < count; ++i) {
        PlanItem item;
        item.review = ReviewId{i + 1};
        const Date earliest = monday + days{random.below(size.days) - 2};
        const Date target = earliest + days{random.below(size.length)};
        item.window = {earliest, target, target + days{random.below(size.length)}};
        item.tier = random.below(3);
        item.weight = random.below(4);
        if (random.below(2) == 0) {
            item.published = monday + days{random.below(size.days)};
            item.hold = random.below(6) == 0 ? PlanItem::Hold::fixed : PlanItem::Hold::free;
        }
        request.items.push_back(item);
    }
    return request;
}

} // namespace reviewd::test
