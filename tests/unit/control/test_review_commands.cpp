// What commands on reviews tell beside the review itself.
#include "daemon/control/command.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/service/world.hpp"

#include <boost/json/value.hpp>

#include <string_view>

namespace reviewd::test::test_review_commands {

namespace {

namespace json = boost::json;
using namespace std::chrono_literals;

const TimePoint noon = at(Date{2026y / 11 / 23}, 12);

void prepare(World& world) {
    world.write_data(
        "accounts.csv",
        "key,name,owner,budget,vip,parent\na1,Mother,ana,42000,false,\n"
        "a2,Daughter,ana,100,false,a1\na3,Other,farah,100,false,\na4,Fourth,farah,100,false,\n"
    );
    world.open(noon);
    world.run(noon);
}

json::value call(World& world, std::string_view command, const json::object& arguments) {
    const control::Command* const known = control::find_command(command);
    REQUIRE(known != nullptr);
    const service::Actor ruth{.who = "ruth", .from = "socket, uid 1000"};
    const Result<json::value> answer =
        control::run(*known, {world.service(), arguments, ruth, noon});
    REQUIRE(answer.has_value());
    return *answer;
}

} // namespace

TEST_CASE("done and reopen tell of the subsidiaries' reviews, too", "[control][review]") {
    World world;
    prepare(world);
    const auto mother = world.open_review("a1").id.value;
    const auto daughter = world.open_review("a2").id.value;
    const json::value alone = call(world, "review.done", {{"review", "a3"}});
    CHECK(alone.at("with_it").as_array().empty());
    const json::value done =
        call(world, "review.done", {{"review", "a1"}, {"with_subsidiaries", true}});
    REQUIRE(done.at("with_it").as_array().size() == 1);
    const json::value& one = done.at("with_it").at(0);
    CHECK(one.at("review").at("id") == daughter);
    CHECK(one.at("review").at("state") == "done");
    CHECK(one.at("next").at("id") == world.open_review("a2").id.value);
    const json::value reopened = call(world, "review.reopen", {{"review", std::to_string(mother)}});
    CHECK(reopened.at("review").at("id") == mother);
    REQUIRE(reopened.at("still_done").as_array().size() == 1);
    CHECK(reopened.at("still_done").at(0).at("id") == daughter);
}

TEST_CASE("a reschedule tells which appointment it called off", "[control][review]") {
    World world;
    prepare(world);
    const auto moved = [&](const char* day) {
        return call(world, "review.reschedule", {{"review", "a1"}, {"day", day}});
    };
    CHECK(moved("2026-12-09").at("called_off").is_null());
    const json::value agreed =
        call(world, "review.appoint", {{"review", "a1"}, {"day", "2026-12-08"}, {"time", "10:30"}});
    CHECK(agreed.at("is_day_full") == false);
    const json::value off = moved("2026-12-10");
    CHECK(off.at("called_off").at("appointment_local") == "2026-12-08 10:30");
    CHECK(off.at("review").at("appointment_local").is_null());
    CHECK(moved("2026-12-11").at("called_off").is_null());
}

TEST_CASE("an appointment tells that its day is full", "[control][review]") {
    World world;
    prepare(world);
    const auto is_full = [&](const char* account) {
        return call(
                   world, "review.appoint", {{"review", account}, {"day", "2026-12-08"}}
        ).at("is_day_full");
    };
    CHECK(is_full("a3") == false); // Farah has room for one a day
    CHECK(is_full("a4") == true);
}

} // namespace reviewd::test::test_review_commands
