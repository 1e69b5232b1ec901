#include "daemon/review/lone_item.hpp"
#include "daemon/review/plan_days.hpp"
#include "daemon/review/planner.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/review/plan_oracle.hpp"

#include <algorithm>

namespace reviewd::test::test_best_plan {

using namespace reviewd;
using namespace std::chrono_literals;
using review::PlanItem;
using review::PlanRequest;
using review::PlanResult;
using std::chrono::days;
using test::Random;

namespace {

const Date monday{2026y / 11 / 23};

#ifdef __SANITIZE_ADDRESS__
constexpr int share = 10; ///< of the instances: sanitizers take time
#else
constexpr int share = 1;
#endif

/// What holds of any plan: contract 1 and 2, and that its numbers are true.
void check_plan(const PlanRequest& request, const PlanResult& result) {
    REQUIRE(result.placements.size() == request.items.size());
    std::map<Date, int> per_day;
    std::map<Date, int> per_week;
    int late = 0;
    for (std::size_t i = 0; i < request.items.size(); ++i) {
        const PlanItem& item = request.items[i];
        const review::Placement& placement = result.placements[i];
        REQUIRE(placement.review == item.review);
        ++per_day[placement.due];
        ++per_week[review::week_of(placement.due)];
        if (is_settled(request, item)) {
            REQUIRE(placement.due == *item.published);
            continue;
        }
        REQUIRE(request.calendar.is_working(placement.due));
        REQUIRE(placement.due >= std::max(request.first_day, item.window.earliest));
        const auto days_late =
            std::max<std::int64_t>((placement.due - item.window.latest).count(), 0);
        REQUIRE(placement.days_late == days_late);
        late += days_late > 0 ? 1 : 0;
    }
    REQUIRE(result.late_count == late);
    for (std::size_t i = 0; i < request.items.size(); ++i) {
        if (!is_settled(request, request.items[i])) {
            const Date due = result.placements[i].due;
            REQUIRE(per_day[due] <= request.capacity.per_day);
            REQUIRE(per_week[review::week_of(due)] <= request.capacity.per_week);
        }
    }
}

std::map<ReviewId, Date> by_review(const PlanResult& result) {
    std::map<ReviewId, Date> dues;
    for (const review::Placement& placement : result.placements) {
        dues[placement.review] = placement.due;
    }
    return dues;
}

/// A portfolio as people have it: three levels, more or less room than needed.
PlanRequest portfolio(Random& random, int count, int per_week) {
    PlanRequest request;
    request.first_day = monday;
    request.frozen_until = monday + days{13};
    request.capacity = {std::max(1, per_week / 4), per_week};
    request.calendar = review::Calendar{{}, {{monday + days{30}, monday + days{44}}}};
    for (int i = 0; i < count; ++i) {
        const int tier = random.below(10) < 2 ? 2 : random.below(2);
        const int every = tier == 2 ? 30 : (tier == 1 ? 120 : 335);
        const Date held = monday - days{random.below(every)};
        PlanItem item;
        item.review = ReviewId{i + 1};
        item.tier = tier;
        item.weight = random.below(60);
        const Date target = std::max(held + days{every}, monday);
        item.window = {std::max(held + days{every / 2}, monday), target, target + days{every / 3}};
        request.items.push_back(item);
    }
    return request;
}

} // namespace

TEST_CASE("no plan of a few reviews is better than the planner's", "[review][planner]") {
    Random random{11};
    int late = 0;
    for (int round = 0; round < 300 / share; ++round) {
        const PlanRequest request = test::random_request(random, {3, 5, 4});
        const PlanResult result = review::plan_owner(request);
        check_plan(request, result);
        INFO("round " << round);
        const test::PlanValue best = test::best_by_trying(request);
        const test::PlanValue reached = test::value_of(request, result.placements);
        REQUIRE(reached.late_weight == best.late_weight);
        REQUIRE(reached.distance == best.distance);
        REQUIRE(reached.changes == best.changes);
        late += result.late_count > 0 ? 1 : 0;
    }
    CHECK(late > 50 / share);
}

TEST_CASE("a general solver finds no better plan, tier by tier", "[review][planner]") {
    Random random{5};
    int late = 0;
    for (int round = 0; round < 1000 / share; ++round) {
        const PlanRequest request = test::random_request(random, {9, 10, 7});
        const PlanResult result = review::plan_owner(request);
        check_plan(request, result);
        INFO("round " << round);
        const test::PlanValue best = test::best_by_solver(request);
        const test::PlanValue reached = test::value_of(request, result.placements);
        REQUIRE(reached.late_weight == best.late_weight);
        REQUIRE(reached.distance == best.distance);
        REQUIRE(reached.changes == best.changes);
        late += result.late_count > 0 ? 1 : 0;
        // As one that is overloaded beyond hope: then what is on time is all that is weighed.
        const PlanResult quick = review::plan_owner(request, {0, 1000});
        check_plan(request, quick);
        REQUIRE(test::value_of(request, quick.placements).late_weight == best.late_weight);
    }
    CHECK(late > 200 / share);
}

TEST_CASE("large plans keep the contract and beat the simple rule", "[review][planner]") {
    Random random{3};
    for (const int per_week : {8, 5, 3, 1}) {
        PlanRequest request = portfolio(random, 150, per_week);
        const PlanResult result = review::plan_owner(request);
        check_plan(request, result);
        const test::PlanValue reached = test::value_of(request, result.placements);
        const PlanResult simple = review::plan_owner_greedily(request);
        check_plan(request, simple);
        const test::PlanValue compared = test::value_of(request, simple.placements);
        CHECK(reached <= compared);
        if (result.late_count > 0) {
            CHECK(review::stretch_of(request) > 1);
        }

        // The order of the items does not matter.
        PlanRequest turned = request;
        std::reverse(turned.items.begin(), turned.items.end());
        CHECK(by_review(review::plan_owner(turned)) == by_review(result));

        // A plan that is in force stays as it is.
        for (std::size_t i = 0; i < request.items.size(); ++i) {
            request.items[i].published = result.placements[i].due;
        }
        CHECK(by_review(review::plan_owner(request)) == by_review(result));
    }
}

TEST_CASE("a review that looks for a day alone gets the network's", "[review][planner]") {
    Random random{41};
    int alone = 0;
    for (int round = 0; round < 400 / share; ++round) {
        PlanRequest request = portfolio(random, 30, 8);
        const PlanResult before = review::plan_owner(request);
        for (std::size_t i = 0; i < request.items.size(); ++i) {
            PlanItem& item = request.items[i];
            item.published = before.placements[i].due;
            item.window.target =
                std::clamp(*item.published, item.window.earliest, item.window.latest);
        }
        PlanItem& changed = request.items[static_cast<std::size_t>(random.below(30))];
        changed.window.target = request.items.front().window.target;
        changed.window.earliest = std::min(changed.window.earliest, changed.window.target);
        changed.window.latest = std::max(changed.window.latest, changed.window.target);
        if (round % 2 == 0) {
            changed.published.reset();
        }
        const review::PlanDays days_left{request};
        PlanResult plan = review::plan_owner_greedily(request, days_left);
        alone += review::place_lone_item(request, days_left, plan) ? 1 : 0;
        // A second one, years away and wanted on a Sunday, and the network has to decide.
        PlanRequest with_another = request;
        PlanItem another;
        another.review = ReviewId{1000};
        another.window = {monday + days{2000}, monday + days{2008}, monday + days{2015}};
        with_another.items.push_back(another);
        std::map<ReviewId, Date> expected = by_review(review::plan_owner(with_another));
        CHECK(expected.extract(another.review).mapped() == monday + days{2009});
        INFO("round " << round);
        CHECK(by_review(review::plan_owner(request)) == expected);
    }
    CHECK(alone > 50 / share);
}

TEST_CASE("one review more moves few others", "[review][planner]") {
    Random random{23};
    PlanRequest request = portfolio(random, 150, 8);
    const PlanResult before = review::plan_owner(request);
    for (std::size_t i = 0; i < request.items.size(); ++i) {
        request.items[i].published = before.placements[i].due;
    }
    PlanItem added = request.items[50];
    added.review = ReviewId{1000};
    added.published.reset();
    request.items.push_back(added);
    const PlanResult after = review::plan_owner(request);
    int moved = 0;
    for (std::size_t i = 0; i + 1 < request.items.size(); ++i) {
        moved += after.placements[i].due != before.placements[i].due ? 1 : 0;
        if (before.placements[i].due <= request.frozen_until) {
            CHECK(after.placements[i].due == before.placements[i].due);
        }
    }
    CHECK(moved <= 10);
    // And when it goes again, what moved for it may come back, and nothing else moves.
    for (std::size_t i = 0; i < request.items.size(); ++i) {
        request.items[i].published = after.placements[i].due;
    }
    request.items.pop_back();
    int back = 0;
    const PlanResult again = review::plan_owner(request);
    for (std::size_t i = 0; i < request.items.size(); ++i) {
        back += again.placements[i].due != after.placements[i].due ? 1 : 0;
    }
    CHECK(back <= moved);
}

TEST_CASE("an overload beyond hope has on time what can be, and is quiet", "[review][planner]") {
    Random random{31};
    PlanRequest request = portfolio(random, 320, 2);
    request.frozen_until = monday - days{1};
    const PlanResult result = review::plan_owner(request);
    REQUIRE(result.late_count > review::PlanLimits{}.late);
    check_plan(request, result);
    CHECK(review::stretch_of(request) > 1);
    PlanRequest turned = request;
    std::reverse(turned.items.begin(), turned.items.end());
    CHECK(by_review(review::plan_owner(turned)) == by_review(result));

    // What is on time alone is planned as if there were nothing else.
    PlanRequest alone = request;
    alone.items.clear();
    for (std::size_t i = 0; i < request.items.size(); ++i) {
        if (result.placements[i].days_late == 0) {
            alone.items.push_back(request.items[i]);
        }
    }
    for (const review::Placement& one : review::plan_owner(alone).placements) {
        CHECK(by_review(result).at(one.review) == one.due);
    }

    // A plan that is in force stays, and one late review more takes a place behind the others.
    for (std::size_t i = 0; i < request.items.size(); ++i) {
        request.items[i].published = result.placements[i].due;
    }
    CHECK(by_review(review::plan_owner(request)) == by_review(result));
    const auto late = std::find_if(
        result.placements.begin(),
        result.placements.end(),
        [](const review::Placement& one) { return one.days_late > 0; }
    );
    PlanItem added = request.items[static_cast<std::size_t>(late - result.placements.begin())];
    added.review = ReviewId{1000};
    added.published.reset();
    added.weight = 0;
    request.items.push_back(added);
    const PlanResult after = review::plan_owner(request);
    check_plan(request, after);
    int moved = 0;
    for (std::size_t i = 0; i < result.placements.size(); ++i) {
        moved += after.placements[i].due != result.placements[i].due ? 1 : 0;
    }
    CHECK(moved <= 2);
}

TEST_CASE("an overload of windows that are over is quiet, too", "[review][planner]") {
    PlanRequest request;
    request.first_day = monday;
    request.frozen_until = monday - days{1};
    request.capacity = {1, 3};
    for (int i = 0; i < 2; ++i) {
        PlanItem over;
        over.review = ReviewId{i + 1};
        over.tier = 1;
        over.window = {monday - days{9}, monday - days{9}, monday - days{8 + i}};
        over.published = monday + days{14 + 7 * i};
        request.items.push_back(over);
    }
    PlanItem timely;
    timely.review = ReviewId{3};
    timely.window = {monday - days{2}, monday, monday + days{2}};
    request.items.push_back(timely);
    const review::PlanLimits limits{1, 1000};
    const PlanResult first = review::plan_owner(request, limits);
    check_plan(request, first);
    CHECK(first.placements[2].due == monday);
    for (std::size_t i = 0; i < request.items.size(); ++i) {
        request.items[i].published = first.placements[i].due;
    }
    CHECK(by_review(review::plan_owner(request, limits)) == by_review(first));
}

TEST_CASE("more reviews than any person could hold are planned at once", "[review][planner]") {
    Random random{37};
    const PlanRequest request =
        portfolio(random, static_cast<int>(review::PlanLimits{}.items) + 1, 60);
    const PlanResult result = review::plan_owner(request);
    check_plan(request, result);
    CHECK(by_review(result) == by_review(review::plan_owner_greedily(request)));
    CHECK_FALSE(review::find_cure(request).capacity);
}

TEST_CASE("more room cures an overload, and how much is known", "[review][planner]") {
    PlanRequest request;
    request.first_day = monday;
    request.frozen_until = monday - days{1};
    request.capacity = {1, 4};
    for (int i = 0; i < 9; ++i) {
        request.items.push_back(
            {ReviewId{i + 1}, {monday, monday, monday + days{4}}, 0, 0, {}, PlanItem::Hold::free}
        );
    }
    const PlanResult result = review::plan_owner(request);
    CHECK(result.late_count == 5);
    CHECK(review::stretch_of(request) == Approx(9.0 / 4.0));
    const auto cure = review::find_cure(request).capacity;
    REQUIRE(cure);
    CHECK(*cure == review::Capacity{2, 9});
    request.capacity = *cure;
    CHECK(review::plan_owner(request).late_count == 0);
    CHECK_FALSE(review::find_cure(request).capacity);
    request.capacity = {2, 8};
    CHECK(review::plan_owner(request).late_count == 1);

    // No capacity helps against leave.
    request.calendar = review::Calendar{{}, {{monday, monday + days{10}}}};
    CHECK(review::plan_owner(request).late_count == 9);
    CHECK_FALSE(review::find_cure(request).capacity);
    CHECK(review::find_cure(request).lack == review::Cure::Lack::days);

    // With one day to hold nine, the day's capacity is what lacks.
    request.calendar = review::Calendar{{}, {{monday + days{1}, monday + days{10}}}};
    request.capacity = {2, 8};
    CHECK(review::find_cure(request).capacity == review::Capacity{9, 9});
}

TEST_CASE("why no capacity cures an overload is known", "[review][planner]") {
    const auto lack_of = [](std::size_t items) {
        PlanRequest request;
        request.first_day = monday;
        request.capacity = {1, 4};
        for (std::size_t i = 0; i < items; ++i) {
            request.items.push_back(
                {ReviewId{static_cast<std::int64_t>(i) + 1},
                 {monday, monday, monday},
                 0,
                 0,
                 {},
                 PlanItem::Hold::free}
            );
        }
        return review::find_cure(request).lack;
    };
    using Lack = review::Cure::Lack;
    CHECK(lack_of(1) == Lack::none);
    CHECK(lack_of(review::most_per_day) == Lack::none);
    CHECK(lack_of(review::most_per_day + 1) == Lack::capacity);
    CHECK(lack_of(review::PlanLimits{}.items + 1) == Lack::search);
}

TEST_CASE("a window that is over begins where it is told", "[review][planner]") {
    // Late whatever is done: it takes no day from what can be on time, and none before its own.
    const Date wednesday = monday + days{2};
    const Date past = monday - days{10};
    PlanRequest request;
    request.first_day = monday;
    request.frozen_until = monday + days{14};
    request.capacity = {1, 3};
    request.items.push_back(
        {ReviewId{1}, {wednesday, wednesday, past}, 2, 90, {}, PlanItem::Hold::free}
    );
    for (const PlanResult& result :
         {review::plan_owner(request), review::plan_owner_greedily(request)}) {
        CHECK(result.placements.front().due == wednesday);
        CHECK(result.placements.front().days_late == 12);
    }
    request.items.push_back(
        {ReviewId{2}, {wednesday, wednesday, wednesday}, 0, 1, {}, PlanItem::Hold::free}
    );
    request.items.push_back(
        {ReviewId{3}, {wednesday, wednesday, past}, 1, 90, {}, PlanItem::Hold::free}
    );
    for (const PlanResult& result :
         {review::plan_owner(request), review::plan_owner_greedily(request)}) {
        CHECK(result.placements[0].due == wednesday + days{1});
        CHECK(result.placements[1].due == wednesday);
        CHECK(result.placements[2].due == wednesday + days{2});
    }
    // Beyond what is weighed, and far from the end of all windows.
    request.capacity = {1, 1};
    request.items[0].window.earliest = request.items[0].window.target = monday + days{400};
    CHECK(review::plan_owner(request, {0, 10}).placements[0].due >= monday + days{400});
}

TEST_CASE(
    "a day that is full of what stays there is cured by more room on it", "[review][planner]"
) {
    PlanRequest request;
    request.first_day = monday;
    request.frozen_until = monday + days{14};
    request.capacity = {4, 12};
    for (int i = 0; i < 6; ++i) {
        const Date published = i < 4 ? monday : monday + days{2};
        request.items.push_back(
            {ReviewId{i + 1}, {monday, monday, monday}, 0, 0, published, PlanItem::Hold::free}
        );
    }
    CHECK(review::plan_owner(request).late_count == 2);
    CHECK(review::find_cure(request).capacity == review::Capacity{6, 12});

    // What is over is over: it does not hide what could be cured, nor is it cured.
    const Date past = monday - days{3};
    request.items.push_back({ReviewId{7}, {past, past, past}, 0, 0, monday, PlanItem::Hold::free});
    CHECK(review::plan_owner(request).late_count == 3);
    CHECK(review::find_cure(request).capacity == review::Capacity{6, 12});
    request.items.erase(request.items.begin() + 4, request.items.end() - 1);
    CHECK(review::plan_owner(request).late_count == 1);
    CHECK_FALSE(review::find_cure(request).capacity);
}

TEST_CASE("what has no room for years is behind its window and named", "[review][planner]") {
    PlanRequest request;
    request.first_day = monday;
    request.frozen_until = monday - days{1};
    request.capacity = {1, 1};
    for (int i = 0; i < 240; ++i) {
        request.items.push_back(
            {ReviewId{i + 1},
             {monday, monday, monday + days{4}},
             i % 3,
             0,
             {},
             PlanItem::Hold::free}
        );
    }
    for (const PlanResult& result :
         {review::plan_owner(request), review::plan_owner_greedily(request)}) {
        CHECK(result.late_count == 239);
        for (std::size_t i = 0; i < result.placements.size(); ++i) {
            CHECK(
                (result.placements[i].due <= monday + days{4})
                != (result.placements[i].days_late > 0)
            );
        }
    }
}

} // namespace reviewd::test::test_best_plan
