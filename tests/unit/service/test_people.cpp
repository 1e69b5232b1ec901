#include "daemon/service/people.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/service/world.hpp"

using namespace reviewd;
using namespace std::chrono_literals;
using test::at;

TEST_CASE(
    "configuration completes and overrides what was imported of people", "[service][people]"
) {
    test::World world;
    world.edit_settings(
        "  farah: {",
        "  karim: { email: k@other.test }\n  ruth: { manager: karim }\n  farah: { addresses: { desk: tray-3 },"
    );
    world.open(at(Date{2026y / 11 / 20}, 12));
    world.run(at(Date{2026y / 11 / 20}, 12));
    const config::Configuration& configuration = world.service().configuration();
    const service::People people{
        world.database(), configuration.rules->schema, *configuration.settings};
    REQUIRE(people.all().size() == 4);
    const service::PersonProfile* farah = people.find("farah");
    const service::PersonProfile* karim = people.find("karim");
    REQUIRE(farah != nullptr);
    REQUIRE(karim != nullptr);
    CHECK(farah->zone.name() == "Asia/Dhaka");
    CHECK(farah->capacity.per_day == 1);
    CHECK(farah->capacity.per_week == 12);
    CHECK(farah->address_on("desk") == "tray-3");
    CHECK(karim->address_on("desk") == "k@other.test");
    CHECK(karim->zone.name() == "Europe/London");
    // A circle of managers ends the line.
    const auto managers = people.managers_of(farah->id);
    REQUIRE(managers.size() == 2);
    CHECK(managers.front()->key == "karim");
    CHECK(managers.back()->key == "ruth");
    CHECK(people.managers_of(PersonId{}).empty());
    CHECK(people.owner(PersonId{}).channels.empty());
}

TEST_CASE("a person's morning is that of their zone and calendar", "[service][people][I4]") {
    test::World world;
    world.open(at(Date{2026y / 11 / 20}, 12));
    world.run(at(Date{2026y / 11 / 20}, 12));
    const config::Configuration& configuration = world.service().configuration();
    const service::People people{
        world.database(), configuration.rules->schema, *configuration.settings};
    const service::PersonProfile& ana = *people.find("ana");
    const service::PersonProfile& farah = *people.find("farah");
    const Date friday{2026y / 11 / 20};
    CHECK_FALSE(ana.is_reminded_at(at(friday, 7, 29)));
    CHECK(ana.is_reminded_at(at(friday, 7, 30)));
    CHECK_FALSE(ana.is_reminded_at(at(friday + std::chrono::days{1}, 12)));
    CHECK(ana.next_morning(at(friday, 7, 30), friday) == at(friday + std::chrono::days{3}, 7, 30));
    CHECK(ana.next_morning(at(friday, 6), friday) == at(friday, 7, 30));
    // Sunday is a working day in Dhaka, six hours ahead.
    CHECK(farah.next_morning(at(friday, 6), friday) == at(friday + std::chrono::days{2}, 1, 30));
    CHECK(
        ana.next_morning(at(friday, 6), Date{2026y / 12 / 25}) == at(Date{2026y / 12 / 29}, 7, 30)
    );
}
