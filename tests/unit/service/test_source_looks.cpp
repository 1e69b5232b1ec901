// When sources are looked at: at their turn, soon after a failure, and after a reload.
#include "daemon/store/sources.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/service/world.hpp"

#include <string>

namespace reviewd::test::test_source_looks {

using namespace reviewd;
using namespace std::chrono_literals;
using test::at;

namespace {

const Date monday{2026y / 11 / 23};

/// What the last look at the purchases came to.
std::string problem(test::World& world) {
    return store::Sources{world.database()}.find("purchases")->last_error;
}

} // namespace

TEST_CASE(
    "a source whose settings were mended is looked at after the reload", "[service][import]"
) {
    test::World world;
    world.edit_settings("purchases.csv", "purchaes.csv");
    world.open(at(monday, 5));
    world.run(at(monday, 5));
    REVIEWD_CHECK_CONTAINS(problem(world), "/purchaes.csv` cannot be opened: No such file");
    world.edit_settings("purchaes.csv", "purchases.csv");
    REQUIRE(world.service().reload(world.load(), {"root", "test"}, at(monday, 5, 1)).has_value());
    world.run(at(monday, 5, 1));
    CHECK(problem(world).empty());
}

TEST_CASE(
    "a source that could not be read is looked at again before its next turn", "[service][import]"
) {
    test::World world;
    world.edit_settings("purchases.csv", "late.csv");
    world.open(at(monday, 5));
    world.run(at(monday, 5));
    REQUIRE_FALSE(problem(world).empty());
    CHECK(world.service().importer().next_wake() == at(monday, 5, 5));
    world.write_data("late.csv", "key,account,product,date,amount\n");
    world.run(at(monday, 5, 5));
    CHECK(problem(world).empty());
    CHECK(world.service().importer().next_wake() > at(monday, 6));
}

} // namespace reviewd::test::test_source_looks
