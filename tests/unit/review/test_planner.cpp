#include "daemon/review/planner.hpp"
#include "tests/support/catch.hpp"

#include <algorithm>
#include <map>

namespace reviewd::test::test_planner {

using namespace reviewd;
using namespace std::chrono_literals;
using review::PlanItem;
using review::PlanRequest;
using review::PlanResult;
using std::chrono::days;

namespace {

const Date monday{2026y / 11 / 23};

PlanItem item(std::int64_t id, Date earliest, Date target, Date latest) {
    return PlanItem{ReviewId{id}, {earliest, target, latest}, 0, 0, {}, PlanItem::Hold::free};
}

PlanRequest request(int per_day, int per_week) {
    return PlanRequest{{}, {per_day, per_week}, monday, monday - days{1}, {}};
}

/// A small generator of our own, so that a run repeats everywhere.
struct Random {
    std::uint64_t state;
    int below(int bound) {
        state = state * 6364136223846793005U + 1442695040888963407U;
        return static_cast<int>((state >> 33) % static_cast<std::uint64_t>(bound));
    }
};

} // namespace

TEST_CASE("a review goes to its target when there is room", "[review][planner]") {
    PlanRequest plan = request(1, 5);
    plan.items = {item(1, monday, monday + days{2}, monday + days{10})};
    const PlanResult result = review::plan_owner(plan);
    CHECK(result.placements.front().due == monday + days{2});
    CHECK(result.late_count == 0);
}

TEST_CASE("full days push to the nearest day of the window", "[review][planner]") {
    PlanRequest plan = request(1, 5);
    for (int i = 0; i < 3; ++i) {
        plan.items.push_back(item(i + 1, monday, monday + days{2}, monday + days{4}));
    }
    const PlanResult result = review::plan_owner(plan);
    // Those that nothing else tells apart take the days in order.
    CHECK(result.placements[0].due == monday + days{1});
    CHECK(result.placements[1].due == monday + days{2});
    CHECK(result.placements[2].due == monday + days{3});
}

TEST_CASE("the week's capacity holds across its days", "[review][planner]") {
    PlanRequest plan = request(2, 3);
    for (int i = 0; i < 7; ++i) {
        plan.items.push_back(item(i + 1, monday, monday, monday + days{60}));
    }
    std::map<Date, int> weeks;
    for (const review::Placement& placement : review::plan_owner(plan).placements) {
        ++weeks[review::week_of(placement.due)];
    }
    CHECK(weeks == std::map<Date, int>{{monday, 3}, {monday + days{7}, 3}, {monday + days{14}, 1}});
}

TEST_CASE("what cannot fit is named, and a higher tier is never the one", "[review][planner]") {
    PlanRequest plan = request(1, 5);
    for (int i = 0; i < 8; ++i) {
        plan.items.push_back(item(i + 1, monday, monday + days{1}, monday + days{4}));
        plan.items.back().tier = i == 7 ? 2 : 1;
    }
    const PlanResult result = review::plan_owner(plan);
    CHECK(result.late_count == 3);
    CHECK(result.placements[7].due == monday + days{1});
    CHECK(result.placements[7].days_late == 0);
    CHECK(review::stretch_of(plan) == Approx(8.0 / 5.0));
    for (const review::Placement& placement : result.placements) {
        CHECK((placement.days_late > 0) == (placement.due > monday + days{4}));
    }
}

TEST_CASE("the days reach for late reviews that give way to published ones", "[review][planner]") {
    PlanRequest plan = request(2, 3);
    const Date off = monday + days{2};
    plan.calendar = review::Calendar{{}, {{off, off}}};
    // Three that are long late and published next week, where the others would have had to go.
    for (int i = 0; i < 3; ++i) {
        plan.items.push_back(item(i + 1, monday - days{30}, monday - days{20}, monday - days{10}));
        plan.items.back().published = monday + days{i < 2 ? 7 : 8};
    }
    for (int i = 3; i < 6; ++i) {
        plan.items.push_back(item(i + 1, off, off, off));
    }
    const PlanResult result = review::plan_owner_greedily(plan);
    CHECK(result.late_count == 6);
    for (std::size_t i = 0; i < 3; ++i) {
        CHECK(result.placements[i].due == *plan.items[i].published);
    }
    // This week is free again, since nobody of the first three needs it.
    CHECK(result.placements[3].due == off + days{1});
    CHECK(result.placements[4].due == off + days{1});
    CHECK(result.placements[5].due == off + days{2});
}

TEST_CASE("appointments and the frozen days stay", "[review][planner]") {
    PlanRequest plan = request(1, 5);
    plan.frozen_until = monday + days{4};
    plan.items = {
        item(1, monday, monday + days{1}, monday + days{4}),
        item(2, monday, monday + days{3}, monday + days{4}),
        item(3, monday, monday + days{3}, monday + days{4})};
    plan.items[0].published = monday + days{5}; // a Saturday that was agreed with the customer
    plan.items[0].hold = PlanItem::Hold::fixed;
    plan.items[1].published = monday;
    plan.items[2].published = monday;
    const PlanResult result = review::plan_owner(plan);
    CHECK(result.placements[0].due == monday + days{5});
    CHECK(result.placements[0].days_late == 0);
    CHECK(result.placements[1].due == monday);
    CHECK(result.placements[2].due == monday);
}

TEST_CASE("a published day moves to one that is better, not to one as good", "[review][planner]") {
    PlanRequest plan = request(1, 5);
    plan.items = {
        item(1, monday, monday + days{3}, monday + days{11}),
        item(2, monday, monday + days{3}, monday + days{11})};
    const auto due = [&](std::size_t index) {
        return review::plan_owner(plan).placements[index].due;
    };
    // Of two that want the same day, the one that has it keeps it, and the other its own.
    plan.items[0].published = monday + days{4};
    plan.items[1].published = monday + days{3};
    CHECK(due(0) == monday + days{4});
    CHECK(due(1) == monday + days{3});
    plan.items[0].published = monday + days{2};
    CHECK(due(0) == monday + days{2});
    CHECK(due(1) == monday + days{3});
    // Nearer to the target is better.
    plan.items[0].published = monday + days{8};
    CHECK(due(0) == monday + days{2});
    // A holiday moves what stood there.
    plan.items[0].published = monday + days{2};
    plan.calendar = review::Calendar{{}, {{monday + days{3}, monday + days{3}}}};
    CHECK(due(0) == monday + days{2});
    CHECK(due(1) == monday + days{4});
}

TEST_CASE("any plan keeps the contract, whatever the order of its items", "[review][planner]") {
    Random random{7};
    for (int round = 0; round < 300; ++round) {
        PlanRequest plan = request(1 + random.below(3), 2 + random.below(8));
        plan.calendar =
            review::Calendar{{}, {{monday + days{random.below(20)}, monday + days{25}}}};
        const int count = random.below(30);
        for (int i = 0; i < count; ++i) {
            const Date earliest = monday + days{random.below(30)};
            const Date target = earliest + days{random.below(10)};
            plan.items.push_back(item(i + 1, earliest, target, target + days{random.below(10)}));
            plan.items.back().tier = random.below(3);
            plan.items.back().weight = random.below(100);
        }
        const PlanResult result = review::plan_owner(plan);
        std::map<Date, int> per_day;
        std::map<Date, int> per_week;
        std::map<ReviewId, Date> by_id;
        for (std::size_t i = 0; i < result.placements.size(); ++i) {
            const review::Placement& placement = result.placements[i];
            REQUIRE(placement.review == plan.items[i].review);
            REQUIRE(plan.calendar.is_working(placement.due));
            REQUIRE(placement.due >= std::max(monday, plan.items[i].window.earliest));
            REQUIRE(++per_day[placement.due] <= plan.capacity.per_day);
            REQUIRE(++per_week[review::week_of(placement.due)] <= plan.capacity.per_week);
            by_id[placement.review] = placement.due;
        }
        std::reverse(plan.items.begin(), plan.items.end());
        for (const review::Placement& placement : review::plan_owner(plan).placements) {
            REQUIRE(by_id.at(placement.review) == placement.due);
        }
    }
}

} // namespace reviewd::test::test_planner
