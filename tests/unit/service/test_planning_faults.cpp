#include "daemon/store/audit.hpp"
#include "daemon/store/markers.hpp"
#include "daemon/store/outbox.hpp"
#include "daemon/store/transaction.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/tz_directory.hpp"
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

/// Puts a message for tomorrow's morning into the outbox, as an escalation does.
DeliveryId plan_for(test::World& world, const store::Review& review, TimePoint when) {
    store::DeliveryPlan plan;
    plan.channel = "desk";
    plan.person = review.owner;
    plan.digest = to_string(Date{std::chrono::floor<days>(when.time_since_epoch())});
    plan.not_before = when;
    plan.expires_at = when + 48h;
    const store::ReminderPlan reminder{
        {review.id, review.occurrence, "on-day", 0, review.owner, "desk"}, review.due};
    std::optional<DeliveryId> planned;
    REQUIRE(store::write(world.database(), [&]() -> Result<void> {
                planned =
                    store::Outbox{world.database()}.plan(plan, std::vector{reminder}, when - 24h);
                return {};
            }).has_value());
    return planned.value();
}

store::Delivery delivery(test::World& world, DeliveryId id) {
    return store::Outbox{world.database()}.find(id).value();
}

/// Whether the audit has a line of that kind.
bool is_audited(test::World& world, const std::string& what) {
    const auto trail = world.service().views().trail({{}, {}, {}, 200}).value();
    return std::any_of(trail.begin(), trail.end(), [&](const auto& line) {
        return line.what == what;
    });
}

} // namespace

TEST_CASE(
    "an update of the tz database moves what is planned, not what is written",
    "[service][planning][F18][I7]"
) {
    const Date tuesday{2026y / 6 / 2};
    const test::TzDirectory database{"Europe/London", "Asia/Dhaka", "America/New_York"};
    test::World world;
    world.open(at(tuesday, 12));
    world.run(at(tuesday, 12));
    // 07:30 tomorrow, in a summer that is an hour ahead.
    const TimePoint morning = at(tuesday + days{1}, 6, 30);
    const DeliveryId planned = plan_for(world, world.open_review("a1"), morning);
    const Date due = world.open_review("a1").due;
    database.update("Europe/London", "Africa/Abidjan");
    SECTION("at a reload") {
        REQUIRE(world.service().reload(world.load(), somebody, at(tuesday, 13)).has_value());
    }
    SECTION("before the next day begins, without anybody") {
        world.run(at(tuesday + days{1}, 0, 30));
    }
    SECTION("at a start, as after a package of zones restarts the service") {
        world.close();
        world.open(at(tuesday, 13));
    }
    SECTION("when somebody goes on leave") {
        REQUIRE(
            world.service()
                .leave()
                .add({"farah", tuesday + days{9}, tuesday + days{9}, ""}, somebody, morning - 9h)
                .has_value()
        );
    }
    CHECK(delivery(world, planned).not_before == morning + 1h);
    CHECK(delivery(world, planned).expires_at == morning + 49h);
    CHECK(delivery(world, planned).state == store::DeliveryState::planned);
    CHECK(world.open_review("a1").due == due); // civil days stay
    CHECK(is_audited(world, "zones.changed"));
    // Nobody is told before their morning, and nobody twice.
    world.sent.clear();
    world.run_through(at(tuesday + days{1}, 0, 30), at(tuesday + days{1}, 7, 29));
    CHECK(told(world, "ana@example.test").empty());
    world.run_through(at(tuesday + days{1}, 7, 29), at(tuesday + days{2}, 7));
    INFO(name(delivery(world, planned).state) << " " << delivery(world, planned).reason);
    CHECK(told(world, "ana@example.test").size() == 1);
    for (const auto& [key, times] : world.sent_reminders()) {
        CAPTURE(key);
        CHECK(times == 1);
    }
    test::check_invariants(world, at(tuesday + days{2}, 7));
}

TEST_CASE("a start follows the zones whatever happened before it", "[service][planning][F18][I7]") {
    const Date tuesday{2026y / 6 / 2};
    const TimePoint morning = at(tuesday + days{1}, 6, 30); // 07:30 in London's summer
    const test::TzDirectory database{"Europe/London", "Asia/Dhaka", "America/New_York"};
    test::World world;
    world.open(at(tuesday, 12));
    world.run(at(tuesday, 12));
    const DeliveryId planned = plan_for(world, world.open_review("a1"), morning);
    const auto start_again = [&](TimePoint now) {
        world.close();
        world.open(now);
    };
    SECTION("the same zones move nothing") {
        start_again(at(tuesday, 13));
        CHECK(delivery(world, planned).not_before == morning);
        CHECK_FALSE(is_audited(world, "zones.changed"));
    }
    SECTION("an older tz database is followed as a newer one is") {
        database.update("Europe/London", "Africa/Abidjan");
        start_again(at(tuesday, 13));
        start_again(at(tuesday, 14));
        CHECK(delivery(world, planned).not_before == morning + 1h);
        database.update("Europe/London", "Europe/London");
        start_again(at(tuesday, 15));
        CHECK(delivery(world, planned).not_before == morning);
    }
    SECTION("somebody was given another zone before it") {
        world.edit_settings("Europe/London", "America/New_York");
        start_again(at(tuesday, 13));
        CHECK(delivery(world, planned).not_before == morning + 5h);
        CHECK(is_audited(world, "zones.changed"));
    }
    SECTION("a database that does not know its zones yet learns them, and moves nothing") {
        REQUIRE(store::write(world.database(), [&]() -> Result<void> {
                    store::Markers{world.database()}.erase("zones.people");
                    return {};
                }).has_value());
        database.update("Europe/London", "Africa/Abidjan");
        start_again(at(tuesday, 13));
        CHECK(delivery(world, planned).not_before == morning);
        CHECK_FALSE(is_audited(world, "zones.changed"));
        database.update("Europe/London", "Europe/London");
        start_again(at(tuesday, 14));
        CHECK(delivery(world, planned).not_before == morning - 1h);
    }
    SECTION("what was kept of a zone is no zone") {
        REQUIRE(store::write(world.database(), [&]() -> Result<void> {
                    store::Markers markers{world.database()};
                    markers.set("zones.people", "Europe/London 1\nEurope/London@1 2 x\n\n@ 3\n");
                    return {};
                }).has_value());
        start_again(at(tuesday, 13));
        CHECK(delivery(world, planned).state == store::DeliveryState::planned);
    }
    SECTION("what is due already stays due, in whatever zone") {
        database.update("Europe/London", "Africa/Abidjan");
        start_again(morning + 1min);
        CHECK(delivery(world, planned).not_before == morning);
        CHECK(is_audited(world, "zones.changed"));
    }
    world.run_through(at(tuesday, 16), at(tuesday + days{2}, 7));
    test::check_invariants(world, at(tuesday + days{2}, 7));
}

TEST_CASE("a reload with the same tz database moves nothing", "[service][planning][F18]") {
    test::World world;
    world.open(at(friday, 12));
    world.run(at(friday, 12));
    const DeliveryId planned = plan_for(world, world.open_review("a1"), at(monday, 7, 30));
    REQUIRE(world.service().reload(world.load(), somebody, at(friday, 13)).has_value());
    CHECK(delivery(world, planned).not_before == at(monday, 7, 30));
    CHECK_FALSE(is_audited(world, "zones.changed"));
}

TEST_CASE(
    "small steps of the clock repeat nothing and lose nothing", "[service][planning][F9][I3]"
) {
    const bool is_forward = GENERATE(true, false);
    const Date first = monday - days{1};
    test::World world;
    world.open(at(friday, 12));
    world.run_through(at(friday, 12), at(first, 20));
    world.sent.clear();
    // The clock is an hour wrong across a morning, and then right again.
    const auto wrong = is_forward ? 1h : -1h;
    for (TimePoint now = at(first, 20); now < at(monday, 12); now += 10min) {
        const bool is_wrong = now >= at(monday, 7) && now < at(monday, 9);
        world.run(is_wrong ? now + wrong : now);
    }
    const std::vector<TimePoint> moments = told(world, "ana@example.test");
    REQUIRE(moments.size() == 1);
    // By the clock that it had, never before the morning.
    CHECK(moments.front() >= at(monday, 7, 30));
    for (const auto& [key, times] : world.sent_reminders()) {
        CAPTURE(key);
        CHECK(times == 1);
    }
    test::check_invariants(world, at(monday, 12));
}

TEST_CASE(
    "a morning that does not exist comes later, one that exists twice comes once",
    "[service][planning][F14][F15]"
) {
    test::World world;
    world.edit_settings("remind_at: 07:30", "remind_at: 01:30");
    // The only message of `sunday` to its reader comes at `minute` past `hour`, UTC.
    const auto comes_once = [&world](Date sunday, int hour, int minute) {
        world.edit_settings("holidays:", "working_days: [sun]\n    holidays:");
        world.open(at(sunday - days{7}, 12));
        const TimePoint before = at(sunday, hour, minute) - 1min;
        world.run_through(at(sunday - days{7}, 12), before);
        world.sent.clear();
        world.run_through(before, at(sunday, 12));
        const auto moments = told(world, "ana@example.test");
        REQUIRE(moments.size() == 1);
        CHECK(moments.front() == at(sunday, hour, minute));
    };
    SECTION("the clocks go forward") {
        // 01:30 does not exist on Sunday 28 March 2027: it happens at 02:30, which is 01:30 UTC.
        comes_once(Date{2027y / 3 / 28}, 1, 30);
    }
    SECTION("the clocks go back") {
        // 01:30 is at 00:30 and at 01:30 UTC on Sunday 31 October 2027.
        comes_once(Date{2027y / 10 / 31}, 0, 30);
    }
}

TEST_CASE(
    "an owner without an address is alarmed about, and the manager hears of it",
    "[service][planning][F41]"
) {
    test::World world;
    world.check_address = [](std::string_view, std::string_view address) {
        return address == "ana@example.test" ? "no mailbox of that name" : "";
    };
    world.open(at(friday, 6));
    std::set<LogEvent> alarms;
    for (const TimePoint now : {at(friday, 6), at(friday, 7, 30), at(monday, 7, 30)}) {
        for (;;) {
            const auto tick = world.service().tick(now);
            REQUIRE(tick.has_value());
            for (const service::Notice& notice : tick->notices) {
                alarms.insert(notice.event);
            }
            if (!tick->wake || *tick->wake > now) {
                break;
            }
        }
    }
    CHECK(alarms.count(LogEvent::delivery_no_address) == 1);
    store::DeliveryFilter held;
    held.state = store::DeliveryState::held;
    const auto waiting = world.service().views().deliveries(held);
    REQUIRE_FALSE(waiting.empty());
    REVIEWD_CHECK_CONTAINS(waiting.front().reason, "no mailbox of that name");
    world.run_through(at(monday, 8), at(monday + days{40}, 8));
    CHECK(told(world, "ana@example.test").empty());
    // What she does not do in time goes up, to the nearest manager.
    std::set<std::string> raised;
    for (const test::Sent& one : world.sent) {
        for (const std::string& key : one.message.reminder_ids) {
            if (key.find("/escalation/1/") != std::string::npos) {
                raised.insert(one.message.recipient.address);
            }
        }
    }
    CHECK(raised.count("karim@example.test") == 1);
}

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
    const auto rows = world.plan("ana", at(friday, 12));
    REQUIRE(rows.size() == 2);
    for (const service::ReviewRow& row : rows) {
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

TEST_CASE(
    "more than a thousand reviews of one owner that come up at once are planned in pieces",
    "[service][planning][F45]"
) {
    constexpr int accounts = 1300;
    constexpr int largest_batch = 1000;
    test::World world;
    world.show_html();
    std::vector<test::AccountRow> rows;
    for (int i = 0; i < accounts; ++i) {
        rows.push_back({"c" + std::to_string(i), "ana", 200});
    }
    world.write_accounts(rows);
    world.edit_settings("people:\n", "reminders: { invite_days: 250 }\npeople:\n");
    world.edit_settings(
        "    remind_at: 07:30\n",
        "    capacity_per_day: 50\n    capacity_per_week: 250\n    remind_at: 07:30\n"
    );
    // At night everything is planned but the reminders.
    const Date saturday = friday + days{1};
    world.open(at(saturday, 12));
    world.run(at(saturday, 12));
    world.sent.clear();
    const auto planned = [&] {
        std::size_t reminders = 0;
        for (const store::Delivery& one : store::Outbox{world.database()}.list({})) {
            reminders += store::Outbox{world.database()}.reminders(one.id).size();
        }
        return reminders;
    };
    REQUIRE(planned() == 0);
    std::size_t before = 0;
    std::size_t most = 0;
    for (bool is_over = false; !is_over;) {
        const auto tick = world.service().tick(at(monday, 7, 30));
        REQUIRE(tick.has_value());
        const std::size_t now = planned();
        most = std::max(most, now - before);
        before = now;
        is_over = !tick->wake || *tick->wake > at(monday, 7, 30);
    }
    CHECK(before == accounts);
    CHECK(most == largest_batch);
    world.run(at(monday, 7, 30));
    REQUIRE(told(world, "ana@example.test").size() == 1); // and yet one message
    CHECK(world.sent_reminders().size() == accounts);
    const auto to_ana = std::find_if(world.sent.begin(), world.sent.end(), [](const auto& one) {
        return one.message.recipient.address == "ana@example.test";
    });
    CHECK(to_ana->message.text.size() < 200'000);
    CHECK_FALSE(to_ana->message.html.empty());
    CHECK(to_ana->message.html.size() < 500'000);
    REVIEWD_CHECK_CONTAINS(to_ana->message.text, "1000 more"); // it names the most urgent
}

} // namespace reviewd::test::test_planning_faults
