// What moves, and what is told when, as working days, reminders, levels and rules change under it.
#include "tests/support/catch.hpp"
#include "tests/unit/service/world.hpp"

#include <algorithm>

namespace reviewd::test::test_calendar_changes {

using namespace reviewd;
using namespace std::chrono_literals;
using std::chrono::days;
using test::at;

namespace {

const Date friday{2026y / 11 / 20};
const Date january{2027y / 1 / 11};
const service::Actor ana{"ana", "socket"};

void open(test::World& world) {
    world.open(at(friday, 12));
    world.run(at(friday, 12));
}

void reschedule(
    test::World& world, const std::string& account, Date day, const std::string& because = {}
) {
    const ReviewId review = world.open_review(account).id;
    const auto moved =
        world.service().reviews().reschedule(review, day, because, ana, at(friday, 12));
    REQUIRE(moved.has_value());
    world.run(at(friday, 12));
    REQUIRE(world.open_review(account).due == day);
}

std::int64_t add_leave(test::World& world, Date first, Date last) {
    const auto leave = world.service().leave().add({"ana", first, last, ""}, ana, at(friday, 13));
    REQUIRE(leave.has_value());
    world.run(at(friday, 13));
    return leave->id;
}

void reload(test::World& world, Date day) {
    REQUIRE(world.service().reload(world.load(), ana, at(day, 12)).has_value());
    world.run(at(day, 12));
}

} // namespace

TEST_CASE("steps are counted on the working days there are", "[service][planning][leave]") {
    test::World world;
    open(world);
    const Date due{2026y / 12 / 21};
    reschedule(world, "a3", due);
    REQUIRE(world.open_review("a3").next_step == Date{2026y / 12 / 7});
    const store::Review others = world.open_review("a8");
    const std::int64_t leave = add_leave(world, Date{2026y / 12 / 7}, Date{2026y / 12 / 18});
    CHECK(world.open_review("a3").due == due);
    CHECK(world.open_review("a3").next_step == friday + days{3}); // ten working days of hers
    CHECK(world.open_review("a8").version == others.version);
    world.run_through(at(friday, 14), at(due, 12));
    const std::map<std::string, int> sent = world.sent_reminders();
    const auto is_told = [&](const std::string& step) {
        return std::any_of(sent.begin(), sent.end(), [&](const auto& reminder) {
            return reminder.first.find(step) != std::string::npos;
        });
    };
    CHECK(is_told("invite"));
    CHECK(is_told("ahead"));
    REQUIRE(world.service().leave().remove(leave, ana, at(due, 13)).has_value());
}

TEST_CASE("a leave that is taken back gives the steps their days", "[service][planning][leave]") {
    test::World world;
    open(world);
    reschedule(world, "a3", Date{2026y / 12 / 21});
    const std::int64_t leave = add_leave(world, Date{2026y / 12 / 7}, Date{2026y / 12 / 18});
    REQUIRE(world.service().leave().remove(leave, ana, at(friday, 14)).has_value());
    world.run(at(friday, 14));
    CHECK(world.open_review("a3").next_step == Date{2026y / 12 / 7});
}

TEST_CASE("other times of reminders hold for what is planned", "[service][planning][reload]") {
    test::World world;
    open(world);
    reschedule(world, "a3", Date{2026y / 12 / 21});
    world.edit_settings("channels:\n  desk", "reminders: { invite_days: 20 }\nchannels:\n  desk");
    reload(world, friday);
    CHECK(world.open_review("a3").next_step == friday + days{3});
}

TEST_CASE("a chosen day in leave goes to the nearest other", "[service][planning][leave][I6]") {
    test::World world;
    open(world);
    reschedule(world, "a3", Date{2026y / 12 / 10});
    // Beyond its hard maximum, as a person may.
    reschedule(world, "a1", Date{2027y / 1 / 13}, "they move house");
    add_leave(world, Date{2026y / 12 / 7}, Date{2026y / 12 / 11});
    const store::Review moved = world.open_review("a3");
    CHECK(moved.due == Date{2026y / 12 / 14});
    CHECK(moved.is_chosen);
    CHECK(world.open_review("a1").due == Date{2027y / 1 / 13});
    // The machine goes no further beyond it than the person went.
    add_leave(world, Date{2027y / 1 / 11}, Date{2027y / 1 / 15});
    CHECK(world.open_review("a1").due == Date{2027y / 1 / 8});
    CHECK(world.open_review("a1").is_chosen);
    test::check_invariants(world, at(friday, 13));
}

TEST_CASE("a chosen day that leave leaves none instead is named", "[service][planning][leave]") {
    test::World world;
    open(world);
    reschedule(world, "a1", Date{2026y / 12 / 10});
    add_leave(world, friday, Date{2027y / 1 / 8});
    const store::Review moved = world.open_review("a1");
    CHECK(moved.due >= january);
    CHECK_FALSE(moved.is_chosen);
    const auto overloads = world.service().workload().overloads("ana", at(friday, 13));
    REQUIRE(overloads->size() == 1);
    const auto& late = overloads->front().late;
    CHECK(std::any_of(late.begin(), late.end(), [&](const service::LateDay& one) {
        return one.review == moved.id && one.is_for_leave;
    }));
}

TEST_CASE("whoever was never reviewed is not late when the level rises", "[service][levels][I5]") {
    test::World world;
    open(world);
    REQUIRE(world.open_review("a6").kind == "first");
    // Shortly before and after what the level had given from the beginning.
    const Date day = january - days{GENERATE(21, 0)};
    world.put_account({"a6", "ana", 42'000});
    world.import(at(day, 12));
    const store::Review risen = world.open_review("a6");
    CHECK(risen.level == "high");
    CHECK(risen.latest == day + days{42}); // six weeks since it is what it is
    CHECK(risen.due > day);
    CHECK(risen.due <= risen.latest);
    // From then on it counts, whatever else is read.
    world.import(at(day + days{14}, 12));
    CHECK(world.open_review("a6").latest == risen.latest);
    world.put_account({"a6", "ana", 200});
    world.import(at(day + days{50}, 12));
    CHECK(world.open_review("a6").latest >= day + days{50});
}

TEST_CASE("other rules make nobody late who was never reviewed", "[service][levels][I5]") {
    test::World world;
    open(world);
    world.edit_rules(
        "not_before: 9 months, review_every: 11 months, at_latest: 12 months",
        "not_before: 1 week, review_every: 2 weeks, at_latest: 3 weeks"
    );
    reload(world, january);
    const store::Review nearer = world.open_review("a6");
    CHECK(nearer.latest == january + days{21});
    CHECK(nearer.due <= nearer.latest);
    // Rules that are read again give no more time.
    const Date later = january + days{30};
    world.edit_rules("points: 45", "points: 46");
    reload(world, later);
    CHECK(world.open_review("a6").latest == nearer.latest);
}

TEST_CASE("what is over is told on its day, not behind it", "[service][planning][I5]") {
    test::World world;
    open(world);
    const ReviewId first = world.open_review("a6").id;
    REQUIRE(world.service().reviews().done(first, {}, ana, at(friday, 12)).has_value());
    world.run(at(friday, 12));
    world.put_account({"a6", "ana", 42'000});
    world.import(at(january, 12)); // the morning's message is gone
    const store::Review risen = world.open_review("a6");
    CHECK(risen.latest < january);
    CHECK(risen.due == january + days{1});
}

} // namespace reviewd::test::test_calendar_changes
