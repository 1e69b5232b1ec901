#include "daemon/service/score_cause.hpp"
#include "daemon/store/markers.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/service/world.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace reviewd::test::test_levels {

using namespace reviewd;
using namespace std::chrono_literals;
using std::chrono::days;
using store::LevelCause;
using test::at;

namespace {

const Date start{2026y / 11 / 20}; // a Friday
const service::Actor ruth{"ruth", "socket"};

std::vector<store::ScoreChange> history_of(test::World& world, const std::string& account) {
    return world.service().views().score_history(account, 50)->changes;
}

store::AccountScore score_of(test::World& world, const std::string& account) {
    return store::Scores{world.database()}.find(world.account(account).id).value();
}

} // namespace

TEST_CASE("every change of a score names its cause", "[service][history]") {
    test::World world;
    world.open(at(start, 12));
    world.run(at(start, 12));
    REQUIRE(history_of(world, "a1").size() == 1);
    CHECK(history_of(world, "a1").front().cause == LevelCause::first);

    SECTION("a fact, and which") {
        world.put_account({"a1", "ana", 8'000});
        world.import(at(start, 14));
        const auto changes = history_of(world, "a1");
        REQUIRE(changes.size() == 2);
        CHECK(changes.front().cause == LevelCause::facts);
        CHECK(changes.front().from == "high");
        CHECK(changes.front().to == "medium");
        CHECK(changes.front().from_points == 65'000);
        CHECK(changes.front().points == 40'000);
        REVIEWD_CHECK_CONTAINS(
            changes.front().detail, R"({"fact":"budget","from":"EUR 42,000","to":"EUR 8,000"})"
        );
        REVIEWD_CHECK_CONTAINS(changes.front().detail, R"({"rule":"rich","from":45,"to":null})");
        CHECK(history_of(world, "a2").size() == 1);
    }
    SECTION("rules, by their version") {
        world.edit_rules("base: 20", "base: 21");
        REQUIRE(world.service().reload(world.load(), ruth, at(start, 14)).has_value());
        world.run(at(start, 14));
        const auto changes = history_of(world, "a9");
        REQUIRE(changes.size() == 2);
        CHECK(changes.front().cause == LevelCause::rules);
        CHECK(changes.front().rules_version.value == 2);
        CHECK(changes.front().points == 21'000);
        REVIEWD_CHECK_CONTAINS(
            changes.front().detail, R"("others":[{"line":"base","from":20,"to":21}])"
        );
    }
    SECTION("a day that passed") {
        service::Outcome outcome;
        outcome.held_on = start;
        outcome.answers["satisfaction"] = "10";
        const store::Review open = world.open_review("a9");
        REQUIRE(world.service().reviews().done(open.id, outcome, ruth, at(start, 14)).has_value());
        world.run(at(start, 14));
        CHECK(history_of(world, "a9").front().points == 45'000);
        // The answer counts for 18 months.
        const Date later = add_months(start, 18) + days{1};
        world.run(at(later, 12));
        CHECK(history_of(world, "a9").front().cause == LevelCause::day);
        CHECK(history_of(world, "a9").front().points == 20'000);
        REVIEWD_CHECK_CONTAINS(
            history_of(world, "a9").front().detail,
            R"({"fact":"satisfaction","from":"10","to":"missing"})"
        );
    }
}

TEST_CASE(
    "a level that a person sets holds until its day, and then by itself no more",
    "[service][override]"
) {
    test::World world;
    world.open(at(start, 12));
    world.run(at(start, 12));
    service::OverrideDesk& desk = world.service().overrides();
    const Date before = world.open_review("a9").latest;
    const auto set =
        desk.set({"a9", "high", start + days{10}, "a tender in spring"}, ruth, at(start, 13));
    REQUIRE(set.has_value());
    world.run(at(start, 13));
    CHECK(score_of(world, "a9").level == "high");
    CHECK(score_of(world, "a9").raw_level == "low");
    CHECK(world.open_review("a9").level == "high");
    CHECK(world.open_review("a9").latest < before);
    CHECK(history_of(world, "a9").front().cause == LevelCause::overridden);
    const auto view = world.service().views().score("a9", std::nullopt, at(start, 13));
    REQUIRE(view->heading.remarks.size() == 1);
    CHECK(
        view->heading.remarks.front()
        == "set to high by ruth until 30 Nov 2026: a tender in spring (by the rules: low)"
    );

    SECTION("neither imports nor rules move it, and it counts for no guard") {
        world.edit_rules("base: 20", "base: 21");
        REQUIRE(world.service().reload(world.load(), ruth, at(start, 14)).has_value());
        world.import(at(start, 14));
        CHECK(score_of(world, "a9").level == "high");
        CHECK(score_of(world, "a9").points == 21'000);
    }
    SECTION("it survives a restart and expires by itself") {
        world.close();
        world.open(at(start + days{10}, 12));
        world.run(at(start + days{10}, 12));
        CHECK(score_of(world, "a9").level == "high");
        world.run(at(start + days{11}, 12));
        CHECK(score_of(world, "a9").level == "low");
        CHECK(history_of(world, "a9").front().cause == LevelCause::overridden);
        const auto overrides = world.service().views().score_history("a9", 5)->overrides;
        REQUIRE(overrides.size() == 1);
        CHECK(overrides.front().ended_by == "reviewd");
    }
    SECTION("a person may take it back, or set another") {
        REQUIRE(
            desk.set({"a9", "medium", start + days{5}, "smaller"}, ruth, at(start, 14)).has_value()
        );
        CHECK(score_of(world, "a9").level == "medium");
        REQUIRE(desk.remove("a9", ruth, at(start, 15)).has_value());
        CHECK(score_of(world, "a9").level == "low");
        CHECK(desk.remove("a9", ruth, at(start, 15)).error().code == ErrorCode::not_found);
        CHECK(world.service().views().score_history("a9", 5)->overrides.size() == 2);
    }
    SECTION("what makes no sense is refused") {
        const auto refused = [&](const service::OverrideDesk::Wish& wish) {
            return desk.set(wish, ruth, at(start, 14)).error();
        };
        CHECK(refused({"a9", "hihg", start, "x"}).code == ErrorCode::usage);
        REVIEWD_CHECK_CONTAINS(refused({"a9", "hihg", start, "x"}).message, "did you mean `high`");
        CHECK(refused({"a9", "high", start - days{1}, "x"}).code == ErrorCode::usage);
        CHECK(refused({"a9", "high", start + days{2000}, "x"}).code == ErrorCode::usage);
        CHECK(refused({"a9", "high", start, "  "}).code == ErrorCode::usage);
        CHECK(refused({"nobody", "high", start, "x"}).code == ErrorCode::not_found);
    }
    test::check_invariants(world, at(start, 15));
}

TEST_CASE(
    "rules without a level that a person set say so, and its account is counted as moving",
    "[service][override]"
) {
    const std::string top =
        "  top: { from: 90, not_before: 1 week, review_every: 3 weeks, at_latest: 4 weeks }\n";
    test::World world;
    world.edit_rules("levels:\n", "levels:\n" + top);
    world.open(at(start, 12));
    world.run(at(start, 12));
    const auto set = world.service().overrides().set(
        {"a9", "top", start + days{10}, "a tender in spring"}, ruth, at(start, 13)
    );
    REQUIRE(set.has_value());
    world.run(at(start, 13));
    world.edit_rules(top, "");
    REQUIRE(world.service().reload(world.load(), ruth, at(start, 14)).has_value());
    REQUIRE(world.service().rules().waiting().has_value());
    const auto& idle = world.service().rules().waiting()->idle;
    REQUIRE(idle.size() == 1);
    CHECK(idle.front().account_key == "a9");
    const auto tick = test::run_until_idle(world.service(), at(start, 14));
    REQUIRE(tick.has_value());
    const auto told =
        std::find_if(tick->notices.begin(), tick->notices.end(), [](const auto& notice) {
            return notice.event == LogEvent::override_idle;
        });
    REQUIRE(told != tick->notices.end());
    REVIEWD_CHECK_CONTAINS(told->message, "a9 (top until 2026-11-30)");
    CHECK(score_of(world, "a9").level == "low");
    const auto view = world.service().views().score("a9", std::nullopt, at(start, 14));
    REQUIRE(view->heading.remarks.size() == 1);
    REVIEWD_CHECK_CONTAINS(view->heading.remarks.front(), "the rules have no such level");
    CHECK_FALSE(view->heading.is_level_set);

    SECTION("an account that has vanished is nobody's work") {
        CHECK(world.service().overrides().idle().size() == 1);
        world.drop_account("a9");
        world.import(at(start, 15));
        CHECK(world.service().overrides().idle().empty());
    }
    SECTION("the guard counts it") {
        world.edit_rules("levels:\n", "levels:\n" + top);
        REQUIRE(world.service().reload(world.load(), ruth, at(start, 15)).has_value());
        world.run(at(start, 15));
        CHECK(score_of(world, "a9").level == "top");
        world.edit_rules(top, "");
        world.edit_settings("company:", "hold_share: 0.01\ncompany:");
        REQUIRE(world.service().reload(world.load(), ruth, at(start, 16)).has_value());
        world.run(at(start, 16));
        REQUIRE(world.service().rules().waiting().has_value());
        CHECK(world.service().rules().waiting()->moving == 1);
        const auto idle_of_waiting = [&] {
            const auto status =
                world.service().views().status(service::Views::Shares::leave_out, at(start, 16));
            return status.rules_waiting->idle.size();
        };
        CHECK(idle_of_waiting() == 1);
        REQUIRE(world.service().overrides().remove("a9", ruth, at(start, 16)).has_value());
        CHECK(idle_of_waiting() == 0);
    }
    test::check_invariants(world, at(start, 16));
}

TEST_CASE(
    "an input that flaps every day moves a review once a week at most",
    "[service][levels][F43][I10]"
) {
    test::World world;
    world.open(at(start, 12));
    world.run(at(start, 12));
    // Both the level (by the budget) and the cadence (by the flag) flap.
    const auto flap = [&](bool is_up) {
        world.put_account({"a5", "ana", is_up ? 42'000 : 100, is_up});
    };
    const auto plan = [&] {
        const store::Review review = world.open_review("a5");
        return fmt::format(
            "{} {} {} {}",
            to_string(review.earliest),
            to_string(review.target),
            to_string(review.due),
            to_string(review.latest)
        );
    };
    std::string last = plan();
    std::optional<Date> moved;
    int moves = 0;
    for (int day = 1; day <= 60; ++day) {
        const Date today = start + days{day};
        flap(day % 2 == 1);
        world.import(at(today, 6));
        world.run_through(at(today, 6), at(today, 20));
        if (plan() != last) {
            INFO(fmt::format("{}: {} -> {}", to_string(today), last, plan()));
            CHECK((!moved || (today - *moved).count() >= 7));
            last = plan();
            moved = today;
            ++moves;
        }
    }
    CHECK(moves >= 2);
    CHECK(moves <= 9);
}

TEST_CASE("an account that no rule can judge is low, and lists say so", "[service][levels]") {
    test::World world;
    world.edit_rules("rules:\n", "  rank: { type: money, from: accounts.budget }\nrules:\n");
    world.edit_rules("points: 25", "points: 25\n  - { id: ranked, when: rank > 1e9, points: 1 }");
    world.write_accounts({{"a1", "ana", 42'000}, {"a2", "ana", -1}});
    world.open(at(start, 12));
    world.run(at(start, 12));
    const auto rows = world.plan("", at(start, 12));
    for (const service::ReviewRow& row : rows) {
        CHECK(row.is_judged == (row.account.key == "a1"));
        CHECK((row.is_judged || row.review.level == "low"));
    }
    const auto status =
        world.service().views().status(service::Views::Shares::count, at(start, 12));
    CHECK(status.health.accounts_not_judged == 1);
}

TEST_CASE("what comes while a pass writes is counted after a crash, too", "[service][levels]") {
    test::World world;
    constexpr int accounts = 600; // more than one batch
    const auto write_budgets = [&world](int budget) {
        std::vector<test::AccountRow> rows;
        for (int i = 0; i < accounts; ++i) {
            rows.push_back({fmt::format("k{}", i), i % 2 == 0 ? "ana" : "farah", budget});
        }
        world.write_accounts(std::move(rows));
    };
    write_budgets(100);
    world.open(at(start, 12));
    world.run(at(start, 12));
    const auto request = [&world] {
        const auto always = service::Importer::Mode::always;
        REQUIRE(world.service().importer().request({}, always).has_value());
    };
    const auto is_writing = [&world] {
        return store::Markers{world.database()}.find("rescore.pass").has_value();
    };
    write_budgets(101); // nobody moves, so that the guard lets it through
    request();
    while (!is_writing()) {
        REQUIRE(world.service().tick(at(start, 13)).has_value());
    }
    write_budgets(42'000);
    request();
    while (world.service().importer().is_busy()) {
        REQUIRE(world.service().tick(at(start, 13)).has_value());
    }
    REQUIRE(is_writing());
    world.close();
    world.open(at(start, 14));
    world.run(at(start, 14));
    const auto held = world.service().rescorer().held();
    REQUIRE(held.has_value());
    CHECK(held->moving == accounts);
    CHECK(score_of(world, "k599").level == "low");
    // What a person lets through goes on after a crash, and is not asked again.
    REQUIRE(world.service().rescorer().confirm(ruth, at(start, 15)).has_value());
    REQUIRE(world.service().tick(at(start, 15)).has_value());
    world.close();
    world.open(at(start, 16));
    world.run(at(start, 16));
    CHECK_FALSE(world.service().rescorer().held().has_value());
    CHECK(score_of(world, "k599").level == "high");
}

TEST_CASE(
    "keep_level holds facts back for its days, and rules only by its margin", "[service][levels]"
) {
    test::World world;
    world.edit_rules("score:", "keep_level: { margin: 3, at_least: 14 days }\nscore:");
    world.open(at(start, 12));
    world.run(at(start, 12));
    REQUIRE(score_of(world, "a9").level == "low"); // 20, and medium begins at 35

    SECTION("facts") {
        world.put_account({"a9", "farah", 42'000});
        world.import(at(start + days{1}, 12));
        CHECK(score_of(world, "a9").points == 65'000);
        CHECK(score_of(world, "a9").level == "low");
        world.run(at(start + days{14}, 12));
        CHECK(score_of(world, "a9").level == "high");
    }
    SECTION("rules that lift many are held by what they will move, and then move it") {
        world.edit_rules("base: 20", "base: 45");
        REQUIRE(world.service().reload(world.load(), ruth, at(start, 13)).has_value());
        world.run(at(start, 13));
        REQUIRE(world.service().rules().waiting().has_value());
        CHECK(world.service().rules().waiting()->moving == 7);
        REQUIRE(world.service().rules().confirm(ruth, at(start, 14)).has_value());
        world.run(at(start, 14));
        CHECK(score_of(world, "a9").level == "medium");
        CHECK(score_of(world, "a9").level_since == start);
    }
    SECTION("a margin still holds") {
        world.edit_rules("base: 20", "base: 36");
        REQUIRE(world.service().reload(world.load(), ruth, at(start, 13)).has_value());
        world.run(at(start, 13));
        CHECK(score_of(world, "a9").points == 36'000);
        CHECK(score_of(world, "a9").level == "low");
        CHECK(score_of(world, "a9").raw_level == "medium");
    }
}

} // namespace reviewd::test::test_levels
