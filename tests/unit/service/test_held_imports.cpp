// A file that lacks many rows waits for a person, and whoever is asked is asked once.
#include "daemon/store/imports.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/service/world.hpp"

#include <fmt/format.h>

#include <string>

namespace reviewd::test::test_held_imports {

using namespace reviewd;
using namespace std::chrono_literals;
using std::chrono::days;
using test::at;

namespace {

const Date monday{2026y / 11 / 23};

std::string purchases(int first, int last) {
    std::string rows;
    for (int i = first; i <= last; ++i) {
        rows += fmt::format("p{},a1,printer,2026-01-02,100\n", i);
    }
    return rows;
}

/// What the log is told of held imports until the service rests.
int count_told(test::World& world, TimePoint now) {
    int told = 0;
    for (const service::Notice& notice : run_until_idle(world.service(), now).value().notices) {
        told += notice.event == LogEvent::import_held ? 1 : 0;
    }
    return told;
}

ImportId held_in(test::World& world) {
    const auto held = store::Imports{world.database()}.held();
    return held.empty() ? ImportId{} : held.front().id;
}

} // namespace

TEST_CASE("a file that stays held is told once, and keeps its number", "[service][import]") {
    test::World world;
    world.write_purchases(purchases(1, 10));
    world.open(at(monday, 5));
    CHECK(count_told(world, at(monday, 5)) == 0);
    world.write_purchases(purchases(1, 5));
    CHECK(count_told(world, at(monday + days{1}, 6)) == 1);
    const ImportId held = held_in(world);
    REQUIRE(held);
    CHECK(count_told(world, at(monday + days{2}, 7)) == 0);
    CHECK(held_in(world) == held);
    world.close();
    world.open(at(monday + days{3}, 5));
    CHECK(count_told(world, at(monday + days{3}, 8)) == 0);
    CHECK(held_in(world) == held);
    // Whoever asks for it reads the answer, and the log has it already.
    service::Importer& importer = world.service().importer();
    REQUIRE(importer.request({"purchases"}, service::Importer::Mode::always).has_value());
    CHECK(count_told(world, at(monday + days{3}, 9)) == 0);
    CHECK(importer.requested_reports().back().outcome.kind == intake::ImportJobOutcome::Kind::held);

    world.write_purchases(purchases(1, 4));
    CHECK(count_told(world, at(monday + days{4}, 10)) == 1);
    world.write_purchases(purchases(1, 10));
    CHECK(count_told(world, at(monday + days{5}, 11)) == 0);
    CHECK_FALSE(held_in(world));
}

} // namespace reviewd::test::test_held_imports
