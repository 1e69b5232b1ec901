// The tree of routes: who gets which reminder where and when, and why.
#include "daemon/review/steps.hpp"
#include "daemon/service/routing.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/service/world.hpp"

#include <fmt/format.h>

namespace reviewd::test::test_routing {

using namespace reviewd;
using namespace std::chrono_literals;
using config::Route;
using std::chrono::days;
using test::at;

namespace {

const Date monday{2026y / 11 / 23};

constexpr auto routes = R"(routes:
  - for: { level: high }
    channels: [chat]
    routes:
      - { for: { step: overdue }, send: at_once }
      - { for: { step: [ahead, invite], team: ruth }, send: never }
  - { name: managers, for: { step: [escalation, trigger] }, channels: [desk, chat] }
people:
)";

struct Routed {
    test::World world;

    explicit Routed(const std::string& farah = "") {
        world.edit_settings("channels:\n", "channels:\n  chat: { type: file, path: chat.jsonl }\n");
        world.edit_settings("people:\n", routes);
        if (!farah.empty()) {
            world.edit_settings("capacity_per_day: 1 }", "capacity_per_day: 1, " + farah + " }");
        }
        world.open(at(monday, 5));
    }

    service::Routing ask(
        const std::string& level, std::string_view step, const std::string& person
    ) {
        const config::Configuration& configuration = world.service().configuration();
        const service::People people{
            world.database(), configuration.rules->schema, *configuration.settings};
        return service::route(
            {level, step, {"periodic"}, people.find(person)}, *configuration.settings, people
        );
    }
};

} // namespace

TEST_CASE(
    "the first branch that takes a reminder decides, narrower ones refine", "[service][routes]"
) {
    Routed routed;
    routed.world.run(at(monday, 5));
    const auto on_day = routed.ask("high", "on-day", "ana");
    CHECK(on_day.channels == std::vector<std::string>{"chat"});
    CHECK(on_day.send == Route::Send::digest);
    CHECK(routed.ask("high", "overdue", "ana").send == Route::Send::at_once);
    CHECK(routed.ask("high", "ahead", "ana").send == Route::Send::never);
    CHECK(routed.ask("high", "ahead", "ruth").send == Route::Send::digest);
    const auto low = routed.ask("low", "overdue", "ana");
    CHECK(low.channels == std::vector<std::string>{"desk"});
    CHECK(low.send == Route::Send::digest);
    CHECK(routed.ask("low", "escalation", "karim").channels.size() == 2);
    REQUIRE(on_day.why.size() == 2);
    CHECK(on_day.why[0] == "channels of ana: desk");
    REVIEWD_CHECK_CONTAINS(on_day.why[1], "route `1` (");
    REVIEWD_CHECK_CONTAINS(on_day.why[1], "reviewd.yaml:");
    REVIEWD_CHECK_CONTAINS(low.why.back(), "no route takes it");
    CHECK(service::has_routes_at_once(*routed.world.service().configuration().settings));
}

TEST_CASE("a person's own routes come before those of everybody", "[service][routes]") {
    Routed routed{
        "routes: [{ name: mine, for: { step: overdue }, channels: [desk], send: digest }]"};
    routed.world.run(at(monday, 5));
    const auto own = routed.ask("high", "overdue", "farah");
    CHECK(own.channels == std::vector<std::string>{"desk"});
    CHECK(own.send == Route::Send::digest);
    REVIEWD_CHECK_CONTAINS(own.why.back(), "route of farah `mine`");
    CHECK(routed.ask("high", "on-day", "farah").channels == std::vector<std::string>{"chat"});
}

TEST_CASE("a route may be for the kind of what set off a trigger", "[service][routes]") {
    test::World world;
    world.edit_settings("channels:\n", "channels:\n  chat: { type: file, path: chat.jsonl }\n");
    world.edit_settings(
        "people:\n", "routes: [{ for: { kind: check-in }, channels: [chat] }]\npeople:\n"
    );
    world.edit_rules(
        "cadences:\n",
        "triggers:\n  - { id: after-sale, source: purchases, after: 14 days, kind: check-in }\n"
        "cadences:\n"
    );
    world.write_purchases("p1,a1,printer,2026-11-18,900\n");
    world.open(at(monday, 5));
    world.run(at(monday, 5));
    const auto channels = [&](const std::string& account) {
        const auto view = world.service().route(account, 1, at(monday, 6));
        return view->next.at(0).routing.channels;
    };
    CHECK(channels("a1") == std::vector<std::string>{"chat"});
    CHECK(channels("a2") == std::vector<std::string>{"desk"});
}

TEST_CASE("steps in routes are the steps of a review", "[service][routes]") {
    for (const char* word :
         {"invite", "ahead", "on-day", "overdue", "escalation", "trigger", "promise"}) {
        CHECK(review::find_step(word).has_value());
    }
}

TEST_CASE(
    "what goes at once does not wait for the morning, but for quiet hours", "[service][routes][I4]"
) {
    Routed routed;
    routed.world.run_through(at(monday, 5), at(monday + days{60}, 12));
    int at_once = 0;
    for (const test::Sent& sent : routed.world.sent) {
        const auto local = sent.at - TimePoint{std::chrono::floor<days>(sent.at)};
        const std::chrono::weekday weekday{std::chrono::floor<days>(sent.at)};
        const bool is_ana = sent.message.recipient.name == "Ana Costa";
        if (is_ana) {
            CHECK(local >= 7h);
            CHECK(local < 20h);
            CHECK((weekday != std::chrono::Saturday && weekday != std::chrono::Sunday));
        }
        const bool has_overdue =
            sent.message.reminder_ids.size() >= 1
            && sent.message.reminder_ids[0].find("/overdue/") != std::string::npos
            && sent.message.reminder_ids[0].find("/chat") != std::string::npos;
        at_once += has_overdue ? 1 : 0;
    }
    CHECK(at_once > 0);
    for (const auto& [key, times] : routed.world.sent_reminders()) {
        INFO(key);
        CHECK(times == 1);
    }
}

} // namespace reviewd::test::test_routing
