// `import --confirm` and `--drop`: what is decided, and what the answer says of it.
#include "daemon/control/long_commands.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/service/world.hpp"

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>
#include <fmt/format.h>

#include <string>

namespace reviewd::test::test_import_decisions {

namespace {

namespace json = boost::json;
using namespace std::chrono_literals;

const TimePoint noon = at(Date{2026y / 11 / 23}, 12);

/// As the daemon does it: until the service rests, then the answer.
Result<json::value> import(World& world, const json::object& arguments) {
    const service::Actor ruth{.who = "ruth", .from = "socket, uid 1000"};
    const Result<void> begun = control::begin_import(
        {world.service(), arguments, ruth, noon}, control::held_now(world.service())
    );
    if (!begun) {
        return begun.error();
    }
    world.run(noon);
    return control::import_answer(world.service());
}

std::string purchases(int count) {
    std::string rows;
    for (int i = 0; i < count; ++i) {
        rows += fmt::format("p{},a1,printer,2026-01-02,100\n", i);
    }
    return rows;
}

/// Of accounts and of purchases most the rows are missing, and both imports are held.
void hold_two(World& world) {
    world.write_purchases(purchases(10));
    world.open(noon);
    world.run(noon);
    world.write_purchases(purchases(5));
    world.write_accounts({{"a1", "ana", 42'000}});
    const Result<json::value> answer = import(world, {});
    REQUIRE(answer.has_value());
    REQUIRE(answer->at("still_held") == json::array{"accounts", "purchases"});
}

} // namespace

TEST_CASE("what is held only since the decision was asked for waits", "[control][import]") {
    World world;
    world.write_purchases(purchases(10));
    world.open(noon);
    world.run(noon);
    const control::HeldNow seen = control::held_now(world.service());
    world.write_purchases(purchases(5));
    REQUIRE(import(world, {})->at("still_held") == json::array{"purchases"});
    for (const char* const how : {"confirm", "drop"}) {
        const json::object arguments{{how, true}};
        const Result<void> begun =
            control::begin_import({world.service(), arguments, {}, noon}, seen);
        REQUIRE(begun.has_error());
        CHECK(begun.error().code == ErrorCode::not_found);
        REVIEWD_CHECK_CONTAINS(
            begun.error().message, "the import of `purchases` is held only since you asked"
        );
    }
    CHECK(control::held_now(world.service()).imports.size() == 1);
}

TEST_CASE("of several sources all are decided about, or none", "[control][import]") {
    World world;
    hold_two(world);
    const auto refused = [&](const json::array& sources, const char* how) {
        const Result<json::value> answer = import(world, {{"sources", sources}, {how, true}});
        REQUIRE(answer.has_error());
        CHECK(answer.error().code == ErrorCode::not_found);
        CHECK(world.service().views().imports_held().size() == 2);
        return answer.error().message;
    };
    CHECK(
        refused({"purchases", "people", "no\nsuch", "people"}, "drop")
        == "no import of `people`, `no\\nsuch` is held, so nothing was decided; held: `accounts`, "
           "`purchases`"
    );
    CHECK(
        refused({"people"}, "confirm")
        == "no import of `people` is held, so nothing was decided; held: `accounts`, `purchases`"
    );
    const Result<json::value> dropped =
        import(world, {{"sources", json::array{"purchases", "purchases"}}, {"drop", true}});
    REQUIRE(dropped.has_value());
    CHECK(dropped->at("decided") == json::array{"purchases"});
    CHECK(dropped->at("still_held") == json::array{"accounts"});
    REQUIRE(import(world, {{"drop", true}}).has_value());
    const Result<json::value> none = import(world, {{"drop", true}});
    REQUIRE(none.has_error());
    CHECK(none.error().code == ErrorCode::not_found);
    const Result<json::value> gone =
        import(world, {{"sources", json::array{"accounts"}}, {"drop", true}});
    REQUIRE(gone.has_error());
    CHECK(
        gone.error().message == "no import of `accounts` is held, so nothing was decided; none is"
    );
}

TEST_CASE("who lets levels in is not answered with earlier imports", "[control][import]") {
    World world;
    const auto set_budgets = [&](int budget) {
        std::vector<AccountRow> rows;
        for (int i = 0; i < 10; ++i) {
            rows.push_back({fmt::format("a{}", i), i % 2 == 0 ? "ana" : "farah", budget});
        }
        world.write_accounts(std::move(rows));
    };
    set_budgets(100);
    world.open(noon);
    world.run(noon);
    set_budgets(42'000);
    bool is_after_decision = false;
    SECTION("of a run") {}
    SECTION("of a decision") {
        is_after_decision = true;
        world.write_purchases(purchases(10));
        REQUIRE(import(world, {{"sources", json::array{"purchases"}}}).has_value());
        world.write_purchases(purchases(5));
    }
    Result<json::value> before = import(world, {});
    REQUIRE(before.has_value());
    if (is_after_decision) {
        before = import(world, {{"confirm", true}});
        REQUIRE(before.has_value());
        CHECK(before->at("decided") == json::array{"purchases"});
    } else {
        CHECK(before->at("imports").as_array().size() == 3);
    }
    REQUIRE(before->at("levels_held").is_object());

    const Result<json::value> levels = import(world, {{"confirm", true}});
    REQUIRE(levels.has_value());
    CHECK(levels->at("levels_held").is_null());
    CHECK(levels->at("imports").as_array().empty());
    CHECK(levels->at("decided").as_array().empty());
}

} // namespace reviewd::test::test_import_decisions
