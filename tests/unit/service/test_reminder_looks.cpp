// A look over what is due takes many steps when there is much; the world does not wait for its end.
#include "daemon/message/templates.hpp"
#include "daemon/service/people.hpp"
#include "daemon/service/reminder_planner.hpp"
#include "daemon/store/outbox.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/service/world.hpp"

#include <memory>
#include <string>
#include <vector>

namespace reviewd::test::test_reminder_looks {

using namespace reviewd;
using namespace std::chrono_literals;
using test::at;

namespace {

const Date friday{2026y / 11 / 20};
const Date much_later{2028y / 3 / 6}; // a Monday: nearly all reviews are overdue
constexpr int more_than_one_step = 12'500;

enum class Change { during_the_look, after_it };

/// How many deliveries are planned at 07:00 when the morning moves from 07:30 to 06:00 then.
std::size_t deliveries_of_a_morning(test::World& world, Change when) {
    service::Context context{
        .database = world.database(),
        .configuration = world.load(),
        .options = {},
        .people = {},
        .templates = std::make_shared<const message::Templates>(),
        .restored = {},
        .notices = {}};
    context.resolve_people();
    service::ReminderPlanner planner{context};
    const TimePoint now = at(much_later, 7);
    const auto change = [&] {
        world.edit_settings("remind_at: 07:30", "remind_at: 06:00");
        context.configuration = world.load();
        context.resolve_people();
        planner.look_again();
    };
    const auto go_on = [&] {
        for (Result<bool> is_more = true; is_more.value();) {
            is_more = planner.step(now);
        }
    };
    CHECK(planner.step(now).value()); // the look goes on
    if (when == Change::during_the_look) {
        change();
        go_on();
    } else {
        go_on();
        change();
    }
    go_on();
    return store::Outbox{world.database()}.list({}).size();
}

std::size_t deliveries_when(Change when) {
    test::World world;
    std::vector<test::AccountRow> rows{{"k0", "ana", 42'000}, {"k1", "ana", 42'000}};
    for (int i = 0; i < more_than_one_step; ++i) {
        rows.push_back({"n" + std::to_string(i), "karim", 100});
    }
    world.write_accounts(rows);
    world.open(at(friday, 12));
    world.run(at(friday, 12));
    return deliveries_of_a_morning(world, when);
}

} // namespace

TEST_CASE(
    "whose morning moves while reminders are looked for is not forgotten", "[service][reminders]"
) {
    const std::size_t expected = deliveries_when(Change::after_it);
    CHECK(expected > 0);
    CHECK(deliveries_when(Change::during_the_look) == expected);
}

} // namespace reviewd::test::test_reminder_looks
