#include "tests/support/catch.hpp"
#include "tests/unit/service/world.hpp"

#include <fmt/format.h>

#include <set>

namespace reviewd::test::test_portfolio_year {

using namespace reviewd;
using namespace std::chrono_literals;
using std::chrono::days;
using test::at;

namespace {

const Date start{2026y / 11 / 20}; // a Friday

/// Every owner holds each review on the day it is due, or some days later, and records it at noon.
void hold_reviews(test::World& world, Date today, int days_late) {
    for (const store::Review& review : world.open_reviews()) {
        if (review.due + days{days_late} <= today) {
            service::Outcome outcome;
            outcome.held_on = today;
            outcome.answers["needs"] = "nothing";
            const auto next = world.service().reviews().done(
                review.id, outcome, {"ana", "socket"}, at(today, 12)
            );
            REQUIRE(next.has_value());
            CHECK(next->account == review.account);
            CHECK(next->due > today);
        }
    }
}

void live(test::World& world, Date from, Date to, int days_late) {
    for (Date day = from; day <= to; day += days{1}) {
        world.run_through(at(day, 0), at(day, 11, 59));
        if (day > from) {
            hold_reviews(world, day, days_late);
        }
        world.run_through(at(day, 12), at(day, 23, 59));
        test::check_invariants(world, at(day, 23, 59));
    }
}

} // namespace

TEST_CASE("a new portfolio is ramped up within capacity", "[service][plan][I1]") {
    test::World world;
    world.open(at(start, 12));
    world.run(at(start, 12));
    test::check_invariants(world, at(start, 12));
    const auto reviews = world.open_reviews();
    REQUIRE(reviews.size() == 10);
    std::map<std::pair<PersonId, Date>, int> per_day;
    for (const store::Review& review : reviews) {
        CHECK(review.due > start);
        CHECK(review.kind == "first");
        CHECK(++per_day[{review.owner, review.due}] <= 4);
    }
    // The highest come first, and nobody is overdue for never having been reviewed.
    CHECK(world.open_review("a1").due < world.open_review("a2").due);
    CHECK(world.open_review("a1").level == "high");
    CHECK(world.open_review("a3").level == "medium");
    CHECK(world.open_review("a9").level == "low");
    CHECK(world.open_review("a7").cadence == "vip");
    CHECK(
        world.service()
            .views()
            .status(service::Views::Shares::leave_out, at(start, 12))
            .health.reviews_overdue
        == 0
    );
}

TEST_CASE("a year of a small portfolio", "[service][plan][I1][I3][I4][I5][I6]") {
    test::World world;
    world.open(at(start, 0));
    live(world, start, start + days{370}, 0);
    for (const auto& [reminder, count] : world.sent_reminders()) {
        INFO(reminder);
        CHECK(count == 1);
    }
    // Held by cadence: about 12 a year for high, 3 for medium, 1 for low, 17 for the VIP.
    const auto count_held = [&](const std::string& key) {
        store::ReviewFilter filter;
        filter.account = world.account(key).id;
        filter.which = store::ReviewFilter::Which::closed;
        return store::Reviews{world.database()}.list(filter).size();
    };
    CHECK(count_held("a1") >= 11);
    CHECK(count_held("a1") <= 13);
    CHECK(count_held("a7") >= 15);
    CHECK(count_held("a7") <= 18);
    CHECK(count_held("a3") >= 2);
    CHECK(count_held("a3") <= 4);
    CHECK(count_held("a5") >= 1);
    CHECK(count_held("a5") <= 2);
    // Never longer apart than the hard maximum.
    store::ReviewFilter filter;
    filter.which = store::ReviewFilter::Which::closed;
    filter.limit = 10'000;
    std::map<AccountId, Date> last;
    for (const store::Review& review : store::Reviews{world.database()}.list(filter)) {
        if (last.count(review.account) == 1) {
            const auto apart = (*review.held_on - last[review.account]).count();
            CHECK(apart <= (review.level == "high" ? 42 : review.level == "medium" ? 184 : 366));
        }
        last[review.account] = *review.held_on;
    }
    // One digest a working morning and person at most.
    std::set<std::pair<std::string, Date>> digests;
    for (const test::Sent& one : world.sent) {
        const Date day = review::Zone{}.civil_day(one.at);
        INFO(one.message.recipient.name << " on " << to_string(day));
        CHECK(digests.emplace(one.message.recipient.name, day).second);
    }
    CHECK(digests.size() > 50);
}

TEST_CASE("two runs of the same days give the same tables", "[service][determinism][I21]") {
    const auto run = [] {
        test::World world;
        world.open(at(start, 0));
        live(world, start, start + days{45}, 2);
        return world.describe();
    };
    const std::string first = run();
    CHECK(first.size() > 1000);
    CHECK(first == run());
}

TEST_CASE("reviews that nobody holds climb to the managers", "[service][remind][I9]") {
    test::World world;
    world.open(at(start, 0));
    live(world, start, start + days{60}, 1000);
    std::map<std::string, int> by_person;
    for (const test::Sent& one : world.sent) {
        ++by_person[one.message.recipient.name];
    }
    CHECK(by_person["Ana Costa"] > 5);
    CHECK(by_person["Karim Haddad"] > 2);
    CHECK(by_person["Ruth Okafor"] > 2);
    for (const auto& [reminder, count] : world.sent_reminders()) {
        INFO(reminder);
        CHECK(count == 1);
    }
}

TEST_CASE("after a downtime each review is reminded of once", "[service][remind][I9][F20][F21]") {
    test::World world;
    world.open(at(start, 0));
    live(world, start, start + days{2}, 1000);
    world.close();
    world.sent.clear();
    const Date back{2027y / 2 / 3}; // a Wednesday, two and a half months later
    world.open(at(back, 0));
    world.run_through(at(back, 0), at(back, 23));
    std::map<std::string, int> by_review;
    for (const auto& [reminder, count] : world.sent_reminders()) {
        ++by_review[reminder.substr(0, reminder.find('/'))];
        CHECK(count == 1);
    }
    CHECK(by_review.size() > 3);
    for (const auto& [review, count] : by_review) {
        INFO("review " << review);
        CHECK(count == 1);
    }
    std::map<std::string, int> digests;
    for (const test::Sent& one : world.sent) {
        CHECK(++digests[one.message.recipient.name] == 1);
    }
    test::check_invariants(world, at(back, 23));
}

TEST_CASE(
    "a level that rises pulls its review nearer, one that falls keeps it", "[service][plan][I6]"
) {
    test::World world;
    world.open(at(start, 12));
    world.run(at(start, 12));
    const store::Review before = world.open_review("a10");
    const store::Review high = world.open_review("a2");
    REQUIRE(before.level == "low");
    const Date later = start + days{10};
    world.run_through(at(start + days{1}, 0), at(later, 11));
    world.put_account({"a2", "ana", 10});
    world.put_account({"a10", "farah", 60'000});
    world.import(at(later, 12));
    test::check_invariants(world, at(later, 12));
    const store::Review after = world.open_review("a10");
    CHECK(after.id == before.id);
    CHECK(after.level == "high");
    CHECK(after.due < before.due);
    CHECK(after.due >= later);
    CHECK(after.latest <= later + days{42}); // counted from the day it rose
    CHECK(world.open_review("a2").due == high.due);
    CHECK(world.open_review("a2").level == "low");
    const auto history = store::Scores{world.database()}.history(world.account("a10").id);
    REQUIRE(history.size() == 2);
    CHECK(history.front().to == "high");
    CHECK(history.front().cause == store::LevelCause::facts);
    CHECK(history.back().cause == store::LevelCause::first);
}

TEST_CASE("a review follows its account to another owner", "[service][plan][I14][F41]") {
    test::World world;
    world.open(at(start, 12));
    world.run(at(start, 12));
    const store::Review before = world.open_review("a1");
    world.put_account({"a1", "farah", 42'000});
    world.import(at(start, 13));
    test::check_invariants(world, at(start, 13));
    const store::Review after = world.open_review("a1");
    CHECK(after.id == before.id);
    CHECK(after.owner != before.owner);
    world.sent.clear();
    world.run_through(at(start, 14), at(before.due + days{7}, 23));
    for (const test::Sent& one : world.sent) {
        for (const std::string& reminder : one.message.reminder_ids) {
            if (reminder.rfind(fmt::format("{}/", after.id.value), 0) == 0) {
                CHECK(one.message.recipient.name != "Ana Costa");
            }
        }
    }
}

TEST_CASE("an account that vanished is not reviewed and says nothing", "[service][plan][I2][F40]") {
    test::World world;
    world.open(at(start, 6));
    world.run(at(start, 6)); // planned before anybody's morning
    const store::Review review = world.open_review("a1");
    world.drop_account("a1");
    world.import(at(start, 6, 30));
    test::check_invariants(world, at(start, 6, 30));
    CHECK(world.open_reviews().size() == 9);
    const auto closed = store::Reviews{world.database()}.find(review.id);
    REQUIRE(closed.has_value());
    CHECK(closed->state == store::ReviewState::cancelled);
    world.run_through(at(start, 7), at(start + days{30}, 12));
    for (const auto& [reminder, count] : world.sent_reminders()) {
        CHECK(reminder.rfind(fmt::format("{}/", review.id.value), 0) != 0);
    }
}

TEST_CASE(
    "purchases that break off are held, unless their source begins anew", "[service][import]"
) {
    const auto outcome_of = [](const std::string& source) {
        test::World world;
        world.edit_settings(
            "purchases: { file: purchases.csv,", "purchases: { file: purchases.csv," + source
        );
        std::string rows;
        for (int i = 0; i < 10; ++i) {
            rows += fmt::format("p{},a1,printer,2026-01-02,100\n", i);
        }
        world.write_purchases(rows);
        world.open(at(start, 12));
        world.run(at(start, 12));
        world.write_purchases("");
        service::Importer& importer = world.service().importer();
        REQUIRE(importer.request({"purchases"}, service::Importer::Mode::always).has_value());
        world.run(at(start, 13));
        return importer.requested_reports().back().outcome.kind;
    };
    using Kind = intake::ImportJobOutcome::Kind;
    CHECK(outcome_of("") == Kind::held);
    CHECK(outcome_of(" hold_share: 1,") == Kind::accepted);
}

TEST_CASE("the service does not go back to an earlier day", "[service][start]") {
    test::World world;
    world.open(at(start, 12));
    world.run(at(start, 12));
    world.close();
    REQUIRE_THROWS_AS(world.open(at(start - days{1}, 12)), Failure);
    world.open(at(start, 1));
    CHECK(world.is_open());
}

TEST_CASE("month ends and the leap day keep their place", "[service][plan][I8][F17]") {
    const Date leap{2028y / 1 / 31};
    test::World world;
    world.open(at(leap, 12));
    world.run(at(leap, 12));
    const store::Review first = world.open_review("a1");
    world.run_through(at(leap + days{1}, 0), at(first.due, 11));
    service::Outcome outcome;
    outcome.held_on = leap;
    const auto next = world.service().reviews().done(first.id, outcome, {}, at(first.due, 12));
    REQUIRE(next.has_value());
    CHECK(next->target == Date{2028y / 2 / 29});
}

} // namespace reviewd::test::test_portfolio_year
