// Who is told once more: of a review that the machine has moved, and of one that has changed hands.

#include "daemon/store/invitations.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/service/world.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace reviewd::test::test_told_again {

using namespace reviewd;
using namespace std::chrono_literals;
using std::chrono::days;
using test::at;

namespace {

const Date monday{2026y / 11 / 23};
const service::Actor ana{"ana", "socket"};

PersonId person(test::World& world, const std::string& key) {
    return world.service().views().find_person(key).value();
}

/// "39/1/invite/0/2/desk Ana Costa" of all that was sent about one review, in order.
std::vector<std::string> told(test::World& world, ReviewId review) {
    std::vector<std::string> steps;
    for (const test::Sent& sent : world.sent) {
        for (const std::string& key : sent.message.reminder_ids) {
            if (key.starts_with(fmt::format("{}/", review.value))) {
                steps.push_back(key + " " + sent.message.recipient.name);
            }
        }
    }
    return steps;
}

bool has(const std::vector<std::string>& steps, const std::string& piece) {
    return std::any_of(steps.begin(), steps.end(), [&](const std::string& step) {
        return step.find(piece) != std::string::npos;
    });
}

/// The next review of a3, after one on the Monday: months away, so that all its steps come.
store::Review far_review(test::World& world) {
    service::ReviewDesk& desk = world.service().reviews();
    const auto next = desk.done(world.open_review("a3").id, {}, ana, at(monday, 12));
    REQUIRE(next.has_value());
    world.run(at(monday, 12));
    return world.open_review("a3");
}

void hand_to(test::World& world, const std::string& owner, TimePoint now) {
    REQUIRE(world.service()
                .accounts()
                .reassign(world.account("a3").id, {person(world, owner), ""}, ana, now)
                .has_value());
    world.run(now);
}

} // namespace

TEST_CASE("a review that is moved away has all its reminders on the other day", "[service][I2]") {
    test::World world;
    world.edit_settings(
        "channels:\n", "  interactions: { file: interactions.csv, every: 1 day }\nchannels:\n"
    );
    world.write_data("interactions.csv", "key,account,kind,date\n");
    world.open(at(monday, 12));
    world.run(at(monday, 12));
    const store::Review before = far_review(world);
    const bool is_on_the_day = GENERATE(false, true);
    const Date talked = is_on_the_day ? before.due : before.due - days{4};
    world.run_through(at(monday, 13), at(talked, 12));
    REQUIRE(has(told(world, before.id), "/1/invite/0"));
    REQUIRE(has(told(world, before.id), "/1/on-day/0") == is_on_the_day);
    world.write_data(
        "interactions.csv", "key,account,kind,date\ni1,a3,call," + to_string(talked) + "\n"
    );
    world.import(at(talked, 14));
    const store::Review review = world.open_review("a3");
    REQUIRE(review.id == before.id);
    REQUIRE(review.due > before.due + days{20});
    CHECK(review.occurrence == 2);
    world.run_through(at(talked, 15), at(review.due, 12));
    const auto steps = told(world, review.id);
    CAPTURE(steps);
    CHECK(has(steps, "/2/invite/0"));
    CHECK(has(steps, "/2/ahead/0"));
    CHECK(has(steps, "/2/on-day/0/"));
}

TEST_CASE("a new owner is told what the former one was told", "[service][accounts][F41]") {
    test::World world;
    world.open(at(monday, 12));
    world.run(at(monday, 12));
    const store::Review review = far_review(world);
    const auto steps_until = [&](Date from, Date until) {
        world.sent.clear();
        world.run_through(at(from, 15), at(until, 15));
        return told(world, review.id);
    };
    SECTION("to invite the customer") {
        const Date handed = review.due - days{10};
        world.run_through(at(monday, 13), at(handed, 12));
        REQUIRE(has(told(world, review.id), "/invite/0"));
        hand_to(world, "farah", at(handed, 14));
        const auto steps = steps_until(handed, handed + days{4});
        CAPTURE(steps);
        CHECK(has(steps, "/invite/0"));
    }
    SECTION("that it is due, and its manager that it is overdue") {
        // Farah's manager is another one than Ana's.
        world.close();
        world.write_data(
            "people.csv",
            "key,name,email,manager\nruth,Ruth Okafor,ruth@example.test,\n"
            "karim,Karim Haddad,karim@example.test,\nana,Ana Costa,ana@example.test,karim\n"
            "farah,Farah Khan,farah@example.test,ruth\n"
        );
        world.open(at(monday, 13));
        world.import(at(monday, 13));
        const Date handed = review.due + days{8};
        world.run_through(at(monday, 14), at(handed, 12));
        REQUIRE(has(told(world, review.id), "Karim Haddad"));
        hand_to(world, "farah", at(handed, 14));
        const auto steps = steps_until(handed, handed + days{14});
        CAPTURE(steps);
        CHECK(has(steps, "Farah Khan"));
        CHECK(has(steps, "/escalation/1"));
        CHECK(has(steps, "Ruth Okafor"));
        CHECK_FALSE(has(steps, "Karim Haddad"));
    }
}

TEST_CASE(
    "the manager who takes a late review over has one above, too", "[service][accounts][F41]"
) {
    test::World world;
    world.open(at(monday, 12));
    world.run(at(monday, 12));
    const store::Review review = far_review(world);
    const Date handed = review.due + days{8};
    world.run_through(at(monday, 13), at(handed, 12));
    REQUIRE(has(told(world, review.id), "/escalation/1/"));
    REQUIRE_FALSE(has(told(world, review.id), "Ruth Okafor"));
    hand_to(world, "karim", at(handed, 14)); // who was told that Ana is late
    world.sent.clear();
    world.run_through(at(handed, 15), at(handed + days{14}, 12));
    const auto steps = told(world, review.id);
    CAPTURE(steps);
    CHECK(has(steps, "/escalation/1/"));
    CHECK(has(steps, "Ruth Okafor"));
}

TEST_CASE("a meeting that was held stays in the calendar", "[service][desk][appointment]") {
    test::World world;
    world.edit_settings(
        "    channels: [desk]\n", "    channels: [desk, mail]\n    invitations: appointments\n"
    );
    world.edit_settings(
        "channels:\n", "channels:\n  mail: { type: smtp, host: localhost, from: r@example.test }\n"
    );
    world.open(at(monday, 12));
    world.run(at(monday, 12));
    const ReviewId review = world.open_review("a1").id;
    const Date day = monday + days{1};
    const bool has_time = GENERATE(true, false);
    const auto time = has_time ? std::optional<std::chrono::minutes>{10h} : std::nullopt;
    service::ReviewDesk& desk = world.service().reviews();
    REQUIRE(desk.appoint(review, {day, time, "as they like it"}, ana, at(monday, 13)).has_value());
    const auto is_called_off = [&] {
        const auto sent = store::Invitations{world.database()}.of(review);
        REQUIRE(sent.size() == 1);
        return sent.begin()->second.is_cancelled;
    };
    SECTION("when its outcome is reported") {
        REQUIRE(desk.done(review, {}, ana, at(day, 15)).has_value());
        CHECK_FALSE(is_called_off());
    }
    SECTION("but one that is still to come is called off") {
        service::Outcome earlier;
        earlier.held_on = monday;
        REQUIRE(desk.done(review, earlier, ana, at(monday, 15)).has_value());
        CHECK(is_called_off());
    }
}

TEST_CASE("a talk of before the last one is only noted", "[service][accounts]") {
    test::World world;
    world.open(at(monday, 12));
    world.run(at(monday, 12));
    service::AccountDesk& accounts = world.service().accounts();
    service::ReviewDesk& desk = world.service().reviews();
    const AccountId account = world.account("a1").id;
    const auto fair = accounts.contact(account, {monday - days{5}, "a fair"}, ana, at(monday, 12));
    REQUIRE(fair.has_value());
    const Date chosen = monday + days{24};
    const ReviewId id = world.open_review("a1").id;
    REQUIRE(desk.reschedule(id, chosen, "", ana, at(monday, 13)).has_value());
    REQUIRE(desk.invite(id, ana, at(monday, 13)).has_value());
    const store::Review before = world.open_review("a1");
    const auto after = accounts.contact(account, {monday - days{9}, "a call"}, ana, at(monday, 14));
    REQUIRE(after.has_value());
    CHECK(after->due == chosen);
    CHECK(after->state == store::ReviewState::invited);
    CHECK(after->occurrence == before.occurrence);
    CHECK(after->is_chosen);
    // A later one restarts the clock.
    const auto again = accounts.contact(account, {monday, "a call"}, ana, at(monday, 15));
    REQUIRE(again.has_value());
    CHECK(again->state == store::ReviewState::planned);
    CHECK_FALSE(again->is_chosen);
}

TEST_CASE("every day is in one weekly report", "[service][people][week]") {
    test::World world;
    world.edit_settings("    remind_at: 07:30\n", "    remind_at: 07:30\n    quiet_hours: none\n");
    world.open(at(monday, 12));
    world.run_through(at(monday, 12), at(monday + days{7}, 12));
    // After Monday's report: a level changes, and a review is held.
    const Date reported = monday + days{7};
    world.put_account({"a6", "ana", 42'000});
    world.import(at(reported, 13));
    service::ReviewDesk& desk = world.service().reviews();
    REQUIRE(desk.done(world.open_review("a2").id, {}, ana, at(reported, 13)).has_value());
    world.run_through(at(reported, 14), at(reported + days{15}, 12));
    std::vector<std::string> weeks;
    for (const test::Sent& sent : world.sent) {
        const auto payload = boost::json::parse(sent.message.payload).as_object();
        if (payload.at("kind") == "week" && sent.message.recipient.name == "Karim Haddad") {
            weeks.push_back(fmt::format(
                "{} to {}: {} levels, held {}",
                payload.at("from").as_string().c_str(),
                payload.at("until").as_string().c_str(),
                payload.at("level_changes").as_int64(),
                payload.at("team").at(0).at("held").as_int64()
            ));
        }
    }
    const std::vector<std::string> wanted{
        "2026-11-23 to 2026-11-29: 0 levels, held 0",
        "2026-11-30 to 2026-12-06: 1 levels, held 1",
        "2026-12-07 to 2026-12-13: 0 levels, held 0"};
    CHECK(weeks == wanted);
}

} // namespace reviewd::test::test_told_again
