#include "daemon/service/people.hpp"
#include "daemon/store/sources.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/no_descriptors.hpp"
#include "tests/unit/service/world.hpp"

#include <algorithm>
#include <optional>

namespace reviewd::test::test_people {

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

TEST_CASE(
    "managers and substitutes who are nobody are told when the table changes", "[service][people]"
) {
    test::World world;
    world.edit_settings("  farah: {", "  farah: { substitute: anna,");
    const TimePoint noon = at(Date{2026y / 11 / 20}, 12);
    world.open(noon);
    world.run(noon);
    const auto told = [&] {
        return world.service().views().status(service::Views::Shares::leave_out, noon).lost_links;
    };
    const std::string nobody = "the substitute of `farah`, `anna`, is nobody; did you mean `ana`?";
    CHECK(told() == std::vector<std::string>{nobody});
    world.write_data(
        "people.csv",
        "key,name,email,manager\n"
        "ruth,Ruth Okafor,ruth@example.test,ana\n"
        "karim,Karim Haddad,karim@example.test,ruth\n"
        "ana,Ana Costa,ana@example.test,karim\n"
        "farah,Farah Khan,farah@example.test,karem\n"
    );
    world.import(noon);
    CHECK(
        told()
        == std::vector<std::string>{
            "managers go in a circle: `ana` -> `karim` -> `ruth` -> `ana`; escalation ends where "
            "it comes back to",
            "the manager of `farah`, `karem`, is nobody; did you mean `karim`?",
            nobody}
    );
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

TEST_CASE(
    "a zone that cannot be read now is read later, before anything else", "[service][people][F49]"
) {
    const TimePoint noon = at(Date{2026y / 11 / 20}, 12);
    test::World world;
    world.open(noon);
    world.run(noon);
    world.edit_settings("zone: Asia/Dhaka", "zone: Pacific/Chatham");
    const config::Configuration changed = world.load();
    // A sanitizer looks at classes that it sees first, and wants descriptors for that.
    REQUIRE(
        world.service().reload(world.service().configuration(), {"it", "socket"}, noon).has_value()
    );
    world.run(noon);
    std::optional<Result<void>> reloaded;
    std::optional<Result<service::Tick>> starved;
    {
        const test::NoDescriptors nothing_left;
        reloaded = world.service().reload(changed, {"it", "socket"}, noon);
        starved = world.service().tick(noon);
    }
    REQUIRE(reloaded->has_value());
    REQUIRE(starved->has_error());
    CHECK(starved->error().code == ErrorCode::try_later);
    const service::Tick tick = test::run_until_idle(world.service(), noon).value();
    for (const service::Notice& notice : tick.notices) {
        CHECK(notice.event != LogEvent::people_zone_lost);
    }
    const service::People people{
        world.database(), changed.rules->schema, *world.service().configuration().settings};
    CHECK(people.find("farah")->zone.name() == "Pacific/Chatham");
    CHECK_FALSE(people.has_unread_zones());
}

TEST_CASE("a zone that vanished is told, and the company's is used", "[service][people][F19]") {
    test::World world;
    const TimePoint noon = at(Date{2026y / 11 / 20}, 12);
    world.open(noon);
    world.run(noon);
    const auto status = [&] {
        return world.service().views().status(service::Views::Shares::leave_out, noon);
    };
    CHECK(status().lost_zones.empty());
    // The files were read while the zone was there; then the tz database was updated.
    config::Configuration configuration = world.load();
    config::Settings settings = *configuration.settings;
    settings.people["farah"].zone = "Asia/Nowhere";
    configuration.settings = std::make_shared<const config::Settings>(settings);
    REQUIRE(world.service().reload(configuration, {"it", "socket"}, noon).has_value());
    const auto tick = world.service().tick(noon);
    REQUIRE(tick.has_value());
    CHECK(std::any_of(tick->notices.begin(), tick->notices.end(), [](const auto& notice) {
        return notice.event == LogEvent::people_zone_lost;
    }));
    world.run(noon);
    REQUIRE(status().lost_zones.size() == 1);
    REVIEWD_CHECK_CONTAINS(
        status().lost_zones.front(),
        "the zone `Asia/Nowhere` of `farah` is not in this system's tz database: the company's, "
        "`Europe/London`, is used"
    );
    test::check_invariants(world, noon);
}

TEST_CASE(
    "a person with a zone that does not exist is refused by the import", "[service][people][F19]"
) {
    test::World world;
    const TimePoint noon = at(Date{2026y / 11 / 20}, 12);
    world.open(noon);
    world.run(noon);
    world.write_data(
        "people.csv",
        "key,name,email,manager,zone\n"
        "ruth,Ruth Okafor,ruth@example.test,,\n"
        "karim,Karim Haddad,karim@example.test,ruth,Europe/Paris\n"
        "ana,Ana Costa,ana@example.test,karim,Europe/Lonndon\n"
        "farah,Farah Khan,farah@example.test,karim,\n"
    );
    world.import(noon);
    const config::Configuration& configuration = world.service().configuration();
    const service::People people{
        world.database(), configuration.rules->schema, *configuration.settings};
    REQUIRE(people.find("ana") != nullptr);
    CHECK(people.find("ana")->zone.name() == "Europe/London");
    CHECK(people.find("karim")->zone.name() == "Europe/Paris");
    CHECK(people.lost_zones().empty());
    store::Sources sources{world.database()};
    const auto bad = sources.problems(sources.find("people")->id);
    REQUIRE(bad.size() == 1);
    CHECK(bad[0].line == 4);
    REVIEWD_CHECK_CONTAINS(bad[0].reason, "zone: `Europe/Lonndon`: there is no such time zone");
    test::check_invariants(world, noon);
}

TEST_CASE("of two of one name each is called by the key as well", "[service][people]") {
    test::World world;
    const TimePoint noon = at(Date{2026y / 11 / 20}, 12);
    world.write_data(
        "people.csv",
        "key,name,email,manager,region\n"
        "karim,Karim Haddad,karim@example.test,,\n"
        "ana,Ana Costa,ana@example.test,karim,\n"
        "farah,Ana Costa,farah@example.test,karim,\n"
    );
    world.open(noon);
    world.run(noon);
    const config::Configuration configuration = world.load();
    const service::People people{
        world.database(), configuration.rules->schema, *configuration.settings};
    CHECK(people.find("ana")->called == "Ana Costa (ana)");
    CHECK(people.find("farah")->called == "Ana Costa (farah)");
    CHECK(people.find("karim")->called == "Karim Haddad");
}

TEST_CASE(
    "a region of the table without holidays gives way to the defaults'", "[service][people]"
) {
    test::World world;
    const TimePoint noon = at(Date{2026y / 11 / 20}, 12);
    world.write_data(
        "people.csv",
        "key,name,email,manager,region\n"
        "ruth,Ruth Okafor,ruth@example.test,,\n"
        "karim,Karim Haddad,karim@example.test,ruth,bd\n"
        "ana,Ana Costa,ana@example.test,karim,London\n"
        "farah,Farah Khan,farah@example.test,karim,London\n"
    );
    world.open(noon);
    world.run(noon);
    config::Configuration configuration = world.load();
    config::Settings settings = *configuration.settings;
    const Date andrew{2026y / 11 / 30};
    const Date victory{2026y / 12 / 16};
    settings.holidays["gb"] = {{andrew, andrew}};
    settings.holidays["bd"] = {{victory, victory}};
    settings.person_defaults.region = "gb";
    configuration.settings = std::make_shared<const config::Settings>(settings);
    REQUIRE(world.service().reload(configuration, {"it", "socket"}, noon).has_value());
    const service::People people{world.database(), configuration.rules->schema, settings};
    CHECK_FALSE(people.find("ana")->calendar.is_working(andrew));
    CHECK(people.find("ana")->lost_region == "London");
    CHECK_FALSE(people.find("ruth")->calendar.is_working(andrew));
    CHECK(people.find("karim")->calendar.is_working(andrew));
    CHECK_FALSE(people.find("karim")->calendar.is_working(victory));
    world.run(noon);
    const auto status = world.service().views().status(service::Views::Shares::leave_out, noon);
    CHECK(status.lost_links.empty());
    REQUIRE(status.lost_regions.size() == 1);
    CHECK(
        status.lost_regions.front()
        == "`holidays:` has no region `London`, which the people table gives `ana` and 1 more: the "
           "holidays of `gb` are theirs"
    );
}

} // namespace reviewd::test::test_people
