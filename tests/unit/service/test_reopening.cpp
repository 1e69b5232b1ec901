// What ends a review is recorded once, and undone as a whole: the last end first, and each occasion
// pulls the review as it did before.
#include "daemon/store/occasions.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/service/world.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace reviewd::test::test_reopening {

using namespace reviewd;
using namespace std::chrono_literals;
using std::chrono::days;
using store::OccasionState;
using test::at;

namespace {

const Date monday{2026y / 11 / 23};
const service::Actor ana{"ana", "socket"};

/// a6 has an open complaint of today.
void prepare_complaint(test::World& world) {
    world.watch_tickets("  - id: complaint\n"
                        "    source: tickets\n"
                        "    when: closed == null\n"
                        "    contact_within: 2 working days\n");
    world.open(at(monday, 12));
    world.run(at(monday, 12));
    world.write_data("tickets.csv", "key,account,title,opened,closed\nT-77,a6,Jams,2026-11-23,\n");
    world.import(at(monday, 14));
    REQUIRE(world.open_review("a6").due == monday + days{1});
}

OccasionState complaint_of(test::World& world) {
    const auto found =
        store::Occasions{world.database()}.find(world.account("a6").id, "complaint", "T-77");
    REQUIRE(found.has_value());
    return found->state;
}

/// Messages that name the complaint.
std::ptrdiff_t count_told(const test::World& world) {
    return std::count_if(world.sent.begin(), world.sent.end(), [](const test::Sent& one) {
        return one.message.text.find("T-77") != std::string::npos;
    });
}

} // namespace

TEST_CASE("one day has one review of an account", "[service][desk][F23]") {
    test::World world;
    world.open(at(monday, 12));
    world.run(at(monday, 12));
    service::ReviewDesk& desk = world.service().reviews();
    const store::Review review = world.open_review("a1");
    const auto next = desk.done(review.id, {}, ana, at(monday, 13));
    REQUIRE(next.has_value());
    const std::string before = world.describe();
    const auto again = desk.done(next->id, {}, ana, at(monday, 14));
    REQUIRE_FALSE(again.has_value());
    CHECK(again.error().code == ErrorCode::usage);
    REVIEWD_CHECK_CONTAINS(
        again.error().message,
        fmt::format(
            "review {} cannot have been held on 2026-11-23: review {} is recorded as held on that "
            "day already",
            next->id.value,
            review.id.value
        )
    );
    REVIEWD_CHECK_CONTAINS(
        again.error().message, fmt::format("reviewctl review reopen review:{}", review.id.value)
    );
    CHECK(world.describe() == before);
    // What was reopened was not held, and tomorrow is another day.
    REQUIRE(desk.reopen(review.id, ana, at(monday, 15)).has_value());
    const auto once_more = desk.done(review.id, {}, ana, at(monday, 16));
    REQUIRE(once_more.has_value());
    CHECK(desk.done(once_more->id, {}, ana, at(monday + days{1}, 9)).has_value());
}

TEST_CASE("only the review that ended last is opened again", "[service][desk]") {
    test::World world;
    world.open(at(monday, 12));
    world.run(at(monday, 12));
    service::ReviewDesk& desk = world.service().reviews();
    const ReviewId first = world.open_review("a1").id;
    const store::Review second = desk.done(first, {}, ana, at(monday, 13)).value();
    const Date later = monday + days{28};
    const store::Review third = desk.done(second.id, {}, ana, at(later, 13)).value();
    const auto refused = desk.reopen(first, ana, at(later, 14));
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().code == ErrorCode::conflict);
    CHECK(
        refused.error().message
        == fmt::format(
            "review {} was held since, on 2026-12-21: `reviewctl review reopen review:{}` opens "
            "that one first",
            second.id.value,
            second.id.value
        )
    );
    CHECK(world.open_review("a1").id == third.id);
    CHECK(world.open_review("a1").due == third.due);
    // A skip is an end as well; what was cancelled by reopening is none.
    REQUIRE(desk.skip(third.id, "a strike", ana, at(later, 12)).has_value());
    // The clock was an hour ahead until then: what counts is which one came last.
    REVIEWD_CHECK_CONTAINS(
        desk.reopen(second.id, ana, at(later, 16)).error().message,
        fmt::format("review {} was skipped since, on 2026-12-21", third.id.value)
    );
    for (const ReviewId each : {third.id, second.id, first}) {
        REQUIRE(desk.reopen(each, ana, at(later, 17)).has_value());
    }
    CHECK(world.open_review("a1").id == first);
}

TEST_CASE("a skip that is taken back gives the complaint its deadline back", "[service][trigger]") {
    test::World world;
    prepare_complaint(world);
    service::ReviewDesk& desk = world.service().reviews();
    const store::Review before = world.open_review("a6");
    REQUIRE(desk.skip(before.id, "a mistake", ana, at(monday, 15)).has_value());
    CHECK(complaint_of(world) == OccasionState::deferred);
    const auto again = desk.reopen(before.id, ana, at(monday, 16));
    REQUIRE(again.has_value());
    CHECK(complaint_of(world) == OccasionState::open);
    world.run(at(monday, 17));
    const store::Review after = world.open_review("a6");
    CHECK(after.due == before.due);
    CHECK(after.latest == before.latest);
    world.sent.clear();
    world.run_through(at(monday, 18), at(monday + days{1}, 12));
    CHECK(count_told(world) == 1);
}

TEST_CASE("what a person had put off stays so when a review is reopened", "[service][trigger]") {
    test::World world;
    prepare_complaint(world);
    service::ReviewDesk& desk = world.service().reviews();
    const ReviewId review = world.open_review("a6").id;
    const Date chosen = monday + days{9};
    SECTION("by another day") {
        const auto moved = desk.reschedule(review, chosen, "they asked", ana, at(monday, 15));
        REQUIRE(moved.has_value());
        REQUIRE(desk.done(review, {}, ana, at(monday, 16)).has_value());
        CHECK(complaint_of(world) == OccasionState::answered);
        REQUIRE(desk.reopen(review, ana, at(monday, 17)).has_value());
        world.run(at(monday, 18));
        CHECK(world.open_review("a6").due == chosen);
        CHECK(world.open_review("a6").is_chosen);
        CHECK(complaint_of(world) == OccasionState::deferred);
    }
    SECTION("by a skip before this review") {
        const auto next = desk.skip(review, "abroad", ana, at(monday, 15));
        REQUIRE(next.has_value());
        const auto third = desk.skip(next->id, "still abroad", ana, at(monday, 16));
        REQUIRE(third.has_value());
        REQUIRE(desk.reopen(next->id, ana, at(monday, 17)).has_value());
        CHECK(complaint_of(world) == OccasionState::deferred);
        REQUIRE(desk.reopen(review, ana, at(monday, 18)).has_value());
        CHECK(complaint_of(world) == OccasionState::open);
    }
}

TEST_CASE("a silence that comes back with its review holds", "[service][trigger]") {
    test::World world;
    prepare_complaint(world);
    service::ReviewDesk& desk = world.service().reviews();
    // The complaint's day is the review's: its message of that morning has told both.
    world.run_through(at(monday, 15), at(monday + days{1}, 12));
    REQUIRE(count_told(world) == 1);
    const TimePoint tuesday = at(monday + days{1}, 13);
    const ReviewId review = world.open_review("a6").id;
    const Date until = monday + days{2};
    REQUIRE(desk.snooze(review, until, ana, tuesday).has_value());
    REQUIRE(desk.done(review, {}, ana, tuesday + 1h).has_value());
    REQUIRE(desk.reopen(review, ana, tuesday + 2h).has_value());
    CHECK(world.open_review("a6").next_step == until);
    world.sent.clear();
    world.run_through(tuesday + 3h, at(monday + days{2}, 0));
    CHECK(count_told(world) == 0);
    world.run_through(at(monday + days{2}, 0), at(monday + days{2}, 12));
    CHECK(count_told(world) == 1);
}

} // namespace reviewd::test::test_reopening
