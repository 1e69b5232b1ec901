#include "tests/support/catch.hpp"
#include "tests/unit/service/world.hpp"

#include <fmt/format.h>

namespace reviewd::test::test_rules_desk {

using namespace reviewd;
using namespace std::chrono_literals;
using std::chrono::days;
using store::RulesEventKind;
using Kind = RulesEventKind;
using test::at;

namespace {

const Date start{2026y / 11 / 20}; // a Friday
const service::Actor ruth{"ruth", "socket"};

/// The version that every score was computed by, and the one in force.
std::string versions_of(test::World& world) {
    std::string text;
    store::Scores scores{world.database()};
    for (const store::Review& review : world.open_reviews()) {
        const std::string version =
            fmt::format("v{}", scores.find(review.account)->rules_version.value);
        text += text.find(version) == std::string::npos ? version + " " : "";
    }
    const auto active = store::RulesVersions{world.database()}.active();
    return text + "in force " + (active ? fmt::format("v{}", active->id.value) : "none");
}

std::vector<RulesEventKind> events_of(test::World& world, std::int64_t version) {
    std::vector<RulesEventKind> kinds;
    for (const store::RulesEvent& event :
         store::RulesVersions{world.database()}.events(store::RulesVersionId{version})) {
        kinds.push_back(event.what);
    }
    return kinds;
}

/// The rules in force with one piece of them replaced.
std::vector<config::RulesFile> edited(
    test::World& world, const std::string& from, const std::string& to
) {
    auto files = world.service().rules().find_files("current").value();
    const std::size_t place = files.front().text.find(from);
    REQUIRE(place != std::string::npos);
    files.front().text.replace(place, from.size(), to);
    return files;
}

void begin(test::World& world) {
    world.open(at(start, 12));
    world.run(at(start, 12));
}

void begin_published(test::World& world) {
    world.edit_settings("rules: { directory: rules }", "rules: { authority: published }");
    begin(world);
}

} // namespace

TEST_CASE(
    "rules that move too many accounts wait, and the accepted ones hold", "[service][rules][F39]"
) {
    test::World world;
    begin(world);
    const std::string before = world.describe();
    world.edit_rules("base: 20", "base: 45");
    REQUIRE(world.service().reload(world.load(), ruth, at(start, 13)).has_value());
    world.run(at(start, 13));
    REQUIRE(world.service().rules().waiting().has_value());
    const service::WaitingRules& held = *world.service().rules().waiting();
    CHECK(held.candidate.is_held);
    CHECK(held.accounts == 10);
    CHECK(held.moving == 7);
    CHECK(held.moves.at({"low", "medium"}) == 4);
    CHECK(world.service().configuration().rules->score.base == 20'000);
    CHECK(world.describe() == before);

    // A restart, a new day and an import change nothing about that; they go by the accepted rules.
    world.close();
    const TimePoint later = at(start + days{1}, 12);
    world.open(later);
    world.put_account({"a6", "ana", 25'000});
    world.import(later);
    REQUIRE(world.service().rules().waiting().has_value());
    CHECK(world.service().rules().waiting()->candidate.is_held);
    CHECK(world.open_review("a6").level == "high");
    CHECK(world.open_review("a9").level == "low");
    CHECK(versions_of(world) == "v1 in force v1");

    REQUIRE(world.service().rules().confirm(ruth, later).has_value());
    // Killed before a single score followed.
    world.close();
    world.open(later);
    world.run(later);
    CHECK_FALSE(world.service().rules().waiting().has_value());
    CHECK(world.open_review("a9").level == "medium");
    CHECK(world.service().configuration().rules->score.base == 45'000);
    CHECK(versions_of(world) == "v2 in force v2");
    CHECK(
        events_of(world, 2)
        == std::vector{RulesEventKind::loaded, RulesEventKind::held, RulesEventKind::confirmed}
    );
    test::check_invariants(world, later);
}

TEST_CASE("what the files bring, they can take back", "[service][rules]") {
    test::World world;
    begin(world);
    world.edit_rules("base: 20", "base: 45");
    REQUIRE(world.service().reload(world.load(), ruth, at(start, 13)).has_value());
    world.run(at(start, 13));
    REQUIRE(world.service().rules().waiting().has_value());
    SECTION("by being as they were") {
        world.edit_rules("base: 45", "base: 20");
        REQUIRE(world.service().reload(world.load(), ruth, at(start, 14)).has_value());
    }
    SECTION("by a person who drops them") {
        CHECK(world.service().rules().drop(ruth, at(start, 14))->value == 2);
        CHECK(
            world.service().rules().drop(ruth, at(start, 14)).error().code == ErrorCode::not_found
        );
        REQUIRE(world.service().rules().drift().size() == 1);
        CHECK(world.service().rules().drift().front().file == "scoring.yaml");
        SECTION("who is not asked again by the next reload") {
            REQUIRE(world.service().reload(world.load(), ruth, at(start, 14)).has_value());
            CHECK(world.service().rules().passed_over()->value == 2);
        }
        SECTION("nor by a restart") {
            world.close();
            world.open(at(start, 14));
            CHECK(world.service().rules().passed_over()->value == 2);
        }
        SECTION("but again after the files were others meanwhile") {
            world.edit_rules("base: 45", "base: 20");
            REQUIRE(world.service().reload(world.load(), ruth, at(start, 14)).has_value());
            CHECK_FALSE(world.service().rules().passed_over().has_value());
            world.edit_rules("base: 20", "base: 45");
            REQUIRE(world.service().reload(world.load(), ruth, at(start, 14)).has_value());
            world.run(at(start, 14));
            REQUIRE(world.service().rules().waiting().has_value());
            CHECK(world.service().rules().waiting()->candidate.is_held);
            return;
        }
    }
    SECTION("by becoming something that moves few accounts") {
        world.edit_rules("base: 45", "base: 21");
        REQUIRE(world.service().reload(world.load(), ruth, at(start, 14)).has_value());
        world.run(at(start, 14));
        CHECK(versions_of(world) == "v3 in force v3");
    }
    world.run(at(start, 14));
    CHECK_FALSE(world.service().rules().waiting().has_value());
    CHECK(world.open_review("a9").level == "low");
    CHECK_FALSE(store::RulesVersions{world.database()}.candidate().has_value());
}

TEST_CASE("where files are the truth nothing is published or rolled back", "[service][rules]") {
    test::World world;
    begin(world);
    service::RulesDesk& desk = world.service().rules();
    const auto published =
        desk.publish(edited(world, "base: 20", "base: 21"), "a try", ruth, at(start, 13));
    REQUIRE(published.has_error());
    CHECK(published.error().code == ErrorCode::conflict);
    REVIEWD_CHECK_CONTAINS(published.error().message, "are the truth");
    REVIEWD_CHECK_CONTAINS(published.error().message, "reviewctl reload");
    const auto rolled = desk.roll_back(store::RulesVersionId{1}, "", ruth, at(start, 13));
    REQUIRE(rolled.has_error());
    CHECK(rolled.error().code == ErrorCode::conflict);
    CHECK(desk.drift().empty());
}

TEST_CASE("published rules are the truth, whatever the files say", "[service][rules]") {
    test::World world;
    begin_published(world);
    CHECK(versions_of(world) == "v1 in force v1");
    world.edit_rules("base: 20", "base: 45");
    REQUIRE(world.service().reload(world.load(), ruth, at(start, 13)).has_value());
    world.run(at(start, 13));
    CHECK_FALSE(world.service().rules().waiting().has_value());
    CHECK(versions_of(world) == "v1 in force v1");
    REQUIRE(world.service().rules().drift().size() == 1);
    CHECK(world.service().rules().drift().front().kind == service::RulesDrift::Kind::differs);

    const auto published = world.service().rules().publish(
        edited(world, "base: 20", "base: 21"), "a little more", ruth, at(start, 14)
    );
    REQUIRE(published.has_value());
    CHECK(published->value == 2);
    world.run(at(start, 14));
    CHECK(versions_of(world) == "v2 in force v2");
    const auto history = store::RulesVersions{world.database()}.history();
    CHECK(history.front().who == "ruth");
    CHECK(history.front().note == "a little more");
    CHECK(store::RulesVersions{world.database()}.files(*published).front().name == "scoring.yaml");

    const auto same = world.service().rules().publish(
        edited(world, "base: 21", "base: 21"), "again", ruth, at(start, 14)
    );
    CHECK(same.error().code == ErrorCode::conflict);
    const auto wrong = world.service().rules().publish(
        edited(world, "budget > 20000", "bugdet > 20000"), "a slip", ruth, at(start, 14)
    );
    CHECK(wrong.error().code == ErrorCode::bad_data);
    REVIEWD_CHECK_CONTAINS(wrong.error().message, "scoring.yaml:");
    REVIEWD_CHECK_CONTAINS(wrong.error().message, "did you mean `budget`");
    CHECK(versions_of(world) == "v2 in force v2");
}

TEST_CASE(
    "a publication that moves too many waits; a rollback brings it back", "[service][rules]"
) {
    test::World world;
    begin_published(world);
    const std::string before = world.describe();
    const auto big = edited(world, "base: 20", "base: 45");
    REQUIRE(world.service().rules().publish(big, "more", ruth, at(start, 13)).has_value());
    // Killed before it was counted: it is counted after the restart.
    world.close();
    world.open(at(start, 13));
    world.run(at(start, 13));
    REQUIRE(world.service().rules().waiting().has_value());
    CHECK(world.service().rules().waiting()->candidate.is_held);
    CHECK(versions_of(world) == "v1 in force v1");
    const auto second = world.service().rules().publish(
        edited(world, "base: 20", "base: 22"), "more", ruth, at(start, 13)
    );
    CHECK(second.error().code == ErrorCode::conflict);
    REVIEWD_CHECK_CONTAINS(second.error().message, "rules confirm");

    REQUIRE(world.service().rules().confirm(ruth, at(start, 14)).has_value());
    world.run(at(start, 14));
    CHECK(versions_of(world) == "v2 in force v2");
    CHECK(world.open_review("a9").level == "medium");
    REQUIRE(world.service()
                .rules()
                .roll_back(store::RulesVersionId{1}, "too much", ruth, at(start, 15))
                .has_value());
    world.run(at(start, 15));
    CHECK(world.service().rules().waiting()->candidate.is_held);
    REQUIRE(world.service().rules().confirm(ruth, at(start, 15)).has_value());
    world.run(at(start, 15));
    CHECK(versions_of(world) == "v1 in force v1");
    CHECK(world.open_review("a9").level == "low");
    CHECK(
        events_of(world, 1)
        == std::vector{Kind::in_force, Kind::rolled_back, Kind::held, Kind::confirmed}
    );
    test::check_invariants(world, at(start, 15));
}

TEST_CASE("versions are named by number, by place and by state", "[service][rules]") {
    test::World world;
    begin_published(world);
    const service::RulesDesk& desk = world.service().rules();
    CHECK(desk.find_files("v1")->front().name == "scoring.yaml");
    CHECK(desk.find_files("1")->front().text == desk.find_files("files")->front().text);
    CHECK(desk.find_files("held").error().code == ErrorCode::not_found);
    CHECK(desk.find_files("v9").error().code == ErrorCode::not_found);
    CHECK(desk.find_files("newest").error().code == ErrorCode::usage);
    CHECK(desk.find_version("current")->id.value == 1);
}

TEST_CASE(
    "rules that new settings cannot read give way to the files', guarded", "[service][rules]"
) {
    test::World world;
    world.edit_settings("sources:", "tables: { accounts: { rank: integer } }\nsources:");
    world.edit_rules("  vip: {", "  rank: { type: integer, from: accounts.rank }\n  vip: {");
    world.edit_rules("rules:", "rules:\n  - { id: ranked, when: rank > 3, points: 5 }");
    begin(world);
    world.edit_settings("tables: { accounts: { rank: integer } }\n", "");
    world.edit_rules("  rank: { type: integer, from: accounts.rank }\n", "");
    world.edit_rules("  - { id: ranked, when: rank > 3, points: 5 }", "");
    world.edit_rules("base: 20", "base: 45");
    REQUIRE(world.service().reload(world.load(), ruth, at(start, 13)).has_value());
    const auto tick = test::run_until_idle(world.service(), at(start, 13));
    REQUIRE(tick.has_value());
    CHECK(std::any_of(tick->notices.begin(), tick->notices.end(), [](const auto& notice) {
        return notice.event == LogEvent::rules_unreadable;
    }));
    CHECK(world.service().rescorer().held().has_value());
    CHECK(world.open_review("a9").level == "low");
}

} // namespace reviewd::test::test_rules_desk
