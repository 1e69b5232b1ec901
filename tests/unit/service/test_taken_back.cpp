// What is begun and does not come to its end changes nothing; what a restored backup had under way
// can be given up.
#include "daemon/store/internal/implementation.hpp"
#include "daemon/store/markers.hpp"
#include "daemon/store/restore.hpp"
#include "daemon/store/transaction.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/service/world.hpp"

namespace reviewd::test::test_taken_back {

using namespace reviewd;
using namespace std::chrono_literals;
using test::at;

namespace {

const Date monday{2026y / 11 / 23};
const service::Actor somebody{"it", "socket"};

/// The state of a backup that was made while messages were on their way, restored at noon.
void restore_at_noon(test::World& world) {
    world.open(at(monday, 5));
    world.run(at(monday, 5));
    world.sent.clear();
    REQUIRE(test::run_until_idle(world.service(), at(monday, 7, 30)).has_value());
    service::Dispatcher& outbox = world.service().outbox();
    const auto orders = outbox.claim("desk", 4, at(monday, 7, 30));
    REQUIRE_FALSE(orders->empty());
    for (const service::SendOrder& order : *orders) {
        REQUIRE(outbox.mark_commit(order.delivery, order.attempt));
    }
    const auto mark = [&]() -> Result<void> {
        store::Markers{world.database()}.set(store::restored_marker, "a backup");
        return {};
    };
    REQUIRE(store::write(world.database(), mark).has_value());
    world.close();
    world.open(at(monday, 12));
    world.run(at(monday, 12));
    REQUIRE(world.sent.empty());
}

} // namespace

TEST_CASE("after a restore, what was on its way goes out again or is dropped", "[service][F37]") {
    test::World world;
    restore_at_noon(world);
    SECTION("sent") {
        REQUIRE(
            world.service().resume(service::Backlog::send, somebody, at(monday, 12, 1)).has_value()
        );
        world.run_through(at(monday, 12, 1), at(monday, 18));
        CHECK_FALSE(world.sent.empty());
    }
    SECTION("dropped") {
        const Result<int> dropped =
            world.service().resume(service::Backlog::drop, somebody, at(monday, 12, 1));
        CHECK(dropped.value() > 0);
        world.run_through(at(monday, 12, 1), at(monday, 18));
        CHECK(world.sent.empty());
    }
}

TEST_CASE("a reload that breaks off leaves the settings as they were", "[service][F38][F48]") {
    test::World world;
    world.open(at(monday, 5));
    world.run(at(monday, 5));
    world.edit_settings("remind_at: 07:30", "remind_at: 09:00");
    const auto remind_at = [&] {
        return world.service().configuration().settings->person_defaults.remind_at;
    };
    const auto reload = [&] {
        return world.service().reload(world.load(), somebody, at(monday, 6)).has_value();
    };
    world.database().implementation().execute("ALTER TABLE audit RENAME TO audit_away");
    CHECK_THROWS_AS(reload(), Failure);
    world.database().implementation().execute("ALTER TABLE audit_away RENAME TO audit");
    CHECK(remind_at() == 7h + 30min);
    world.sent.clear();
    world.run(at(monday, 7, 30));
    CHECK_FALSE(world.sent.empty());
    CHECK(reload());
    CHECK(remind_at() == 9h);
}

} // namespace reviewd::test::test_taken_back
