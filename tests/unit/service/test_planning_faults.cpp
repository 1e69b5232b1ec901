#include "tests/support/catch.hpp"
#include "tests/unit/service/world.hpp"

#include <algorithm>
#include <set>

namespace reviewd::test::test_planning_faults {

using namespace reviewd;
using namespace std::chrono_literals;
using std::chrono::days;
using test::at;

namespace {

const Date friday{2026y / 11 / 20};
const Date monday{2026y / 11 / 23};
const service::Actor somebody{"it", "socket"};

std::vector<TimePoint> told(const test::World& world, const std::string& address) {
    std::vector<TimePoint> moments;
    for (const test::Sent& one : world.sent) {
        if (one.message.recipient.address == address) {
            moments.push_back(one.at);
        }
    }
    return moments;
}

} // namespace

TEST_CASE("who moves to another zone hears of nothing twice", "[service][planning][F42][I3]") {
    test::World world;
    world.open(at(friday, 12));
    world.run(at(friday, 12));
    world.sent.clear();
    world.run_through(at(friday, 13), at(monday, 8));
    REQUIRE(told(world, "ana@example.test") == std::vector{at(monday, 7, 30)});
    // The same morning comes once more, five hours later: it has been.
    world.edit_settings("  farah: {", "  ana: { zone: America/New_York }\n  farah: {");
    REQUIRE(world.service().reload(world.load(), somebody, at(monday, 9)).has_value());
    world.run_through(at(monday, 9), at(monday, 23));
    CHECK(told(world, "ana@example.test").size() == 1);
    for (const auto& [key, times] : world.sent_reminders()) {
        CAPTURE(key);
        CHECK(times == 1);
    }
    // From then on the mornings are those of New York.
    world.run_through(at(monday, 23), at(monday + days{30}, 0));
    const std::vector<TimePoint> moments = told(world, "ana@example.test");
    REQUIRE(moments.size() >= 2);
    CHECK(std::all_of(moments.begin() + 1, moments.end(), [](TimePoint moment) {
        return moment - std::chrono::floor<days>(moment) == 12h + 30min;
    }));
    test::check_invariants(world, at(monday + days{30}, 0));
}

TEST_CASE(
    "an account of which nothing is known is reviewed all the same", "[service][planning][F44][I1]"
) {
    test::World world;
    world.write_accounts({{"a1", "ana", 42'000}, {"a2", "ana", -1}});
    world.open(at(friday, 12));
    world.run(at(friday, 12));
    const store::Review unknown = world.open_review("a2");
    CHECK(unknown.level == "low");
    const auto rows = world.service().views().plan("ana", at(friday, 12));
    REQUIRE(rows.has_value());
    REQUIRE(rows->size() == 2);
    for (const service::ReviewRow& row : *rows) {
        CHECK(row.is_judged == (row.account.key == "a1"));
    }
    test::check_invariants(world, at(friday, 12));
}

TEST_CASE(
    "hundreds of reviews that come up on one morning are one message", "[service][planning][F45]"
) {
    constexpr int accounts = 400;
    test::World world;
    std::vector<test::AccountRow> rows;
    for (int i = 0; i < accounts; ++i) {
        rows.push_back({"b" + std::to_string(i), i % 2 == 0 ? "ana" : "karim", 200});
    }
    world.write_accounts(rows);
    // Everybody is to be invited at once: the step comes up for all of them on the first morning.
    world.edit_settings("people:\n", "reminders: { invite_days: 250 }\npeople:\n");
    world.open(at(friday, 12));
    world.run(at(friday, 12));
    CHECK(told(world, "ana@example.test").size() == 1);
    CHECK(told(world, "karim@example.test").size() == 1);
    std::set<std::string> keys;
    for (const auto& [key, times] : world.sent_reminders()) {
        keys.insert(key);
        CHECK(times == 1);
    }
    CHECK(keys.size() == accounts);
    for (const test::Sent& one : world.sent) {
        CHECK(one.message.text.size() < 200'000);
    }
    test::check_invariants(world, at(friday, 12));
}

} // namespace reviewd::test::test_planning_faults
