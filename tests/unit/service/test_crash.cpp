#include "tests/support/catch.hpp"
#include "tests/unit/service/world.hpp"

namespace reviewd::test::test_crash {

using namespace reviewd;
using namespace std::chrono_literals;
using std::chrono::days;
using test::at;

namespace {

const Date monday{2026y / 11 / 23};

/// Ticks at `now`, forgetting everything in memory after every `steps` of them.
void work_with_crashes(test::World& world, TimePoint now, int steps) {
    int step = 0;
    for (int total = 0; total < 2000; ++total) {
        const service::Tick tick = world.service().tick(now).value();
        if (!tick.wake || *tick.wake > now) {
            return;
        }
        if (++step == steps) {
            step = 0;
            world.close();
            world.open(now);
        }
    }
    FAIL("the work does not come to an end");
}

} // namespace

TEST_CASE("a process killed between any two steps ends in the same state", "[service][crash][F1]") {
    test::World calm;
    calm.open(at(monday, 12));
    REQUIRE(test::run_until_idle(calm.service(), at(monday, 12)).has_value());
    const std::string expected = calm.describe();
    REQUIRE(expected.size() > 500);
    // A start that does not get far enough begins anew for ever; from there on every pace arrives.
    for (int first = 1; first < 60; ++first) {
        test::World world;
        world.open(at(monday, 12));
        for (int step = 0; step < first; ++step) {
            REQUIRE(world.service().tick(at(monday, 12)).has_value());
        }
        world.close();
        world.open(at(monday, 12));
        REQUIRE(test::run_until_idle(world.service(), at(monday, 12)).has_value());
        INFO("killed after " << first << " steps");
        REQUIRE(world.describe() == expected);
    }
}

TEST_CASE("many kills in a row arrive at the same state", "[service][crash][F1]") {
    test::World calm;
    calm.open(at(monday, 12));
    REQUIRE(test::run_until_idle(calm.service(), at(monday, 12)).has_value());
    test::World world;
    world.open(at(monday, 12));
    work_with_crashes(world, at(monday, 12), 40);
    CHECK(world.describe() == calm.describe());
}

} // namespace reviewd::test::test_crash
