// One delivery that cannot be composed, checked or read stops no other one.
#include "daemon/store/transaction.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/service/world.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>

namespace reviewd::test::test_isolation {

using namespace reviewd;
using namespace std::chrono_literals;
using test::at;

namespace {

const Date monday{2026y / 11 / 23};
const service::Actor somebody{"it", "socket"};

/// Everything planned, nothing of the morning sent.
void prepare(test::World& world) {
    world.open(at(monday, 5));
    world.run(at(monday, 5));
    world.sent.clear();
}

DeliveryId plan_notice(test::World& world, const std::string& kind, const std::string& content) {
    store::NoticePlan plan;
    plan.kind = kind;
    plan.dedupe = kind + content + "/desk";
    plan.content = content;
    plan.channel = "desk";
    plan.not_before = at(monday, 6);
    const auto planned = store::write(world.database(), [&]() -> Result<DeliveryId> {
        return store::Outbox{world.database()}.plan_notice(plan, at(monday, 5)).value();
    });
    return planned.value();
}

/// A message that is frozen already, with a link in it.
DeliveryId freeze_link(test::World& world, const std::string& purpose) {
    const DeliveryId id = plan_notice(world, "notice", purpose);
    store::FrozenMessage message;
    message.subject = purpose;
    message.message_id = "<" + purpose + "@example.test>";
    message.date = at(monday, 5);
    message.links.emplace_back().purpose = purpose;
    message.links.back().placeholder = "Lplaceholder";
    const Result<void> frozen = store::write(world.database(), [&] {
        return store::Outbox{world.database()}.freeze(id, message, "", at(monday, 5));
    });
    REQUIRE(frozen.has_value());
    return id;
}

store::Delivery delivery(test::World& world, DeliveryId id) {
    return store::Outbox{world.database()}.find_without_message(id).value();
}

/// Works until nothing is left to do, without sending. @returns what was told
service::Notices work(test::World& world, TimePoint now) {
    service::Notices told;
    for (;;) {
        service::Tick tick = world.service().tick(now).value();
        told.insert(told.end(), tick.notices.begin(), tick.notices.end());
        if (!tick.wake || *tick.wake > now || tick.has_claimable) {
            return told;
        }
    }
}

} // namespace

TEST_CASE("a message that cannot be composed waits alone", "[service][outbox][isolation]") {
    test::World world;
    prepare(world);
    const DeliveryId torn = plan_notice(world, "event", "{}");
    const DeliveryId foreign = plan_notice(world, "event", "none of ours");
    const service::Notices told = work(world, at(monday, 7, 30));
    for (const DeliveryId id : {torn, foreign}) {
        CHECK(delivery(world, id).state == store::DeliveryState::held);
        CHECK_FALSE(delivery(world, id).held_until);
        CHECK_FALSE(delivery(world, id).reason.empty());
    }
    CHECK(
        std::count_if(
            told.begin(),
            told.end(),
            [](const service::Notice& notice) { return notice.event == LogEvent::delivery_held; }
        )
        == 2
    );
    world.run(at(monday, 7, 30));
    REQUIRE(world.sent.size() == 1);
    CHECK(world.sent.front().message.recipient.name == "Ana Costa");
}

TEST_CASE("a message that cannot be claimed waits alone", "[service][outbox][isolation]") {
    test::World world;
    world.sign_link = [](const store::LinkGrant& grant) -> std::string {
        if (grant.purpose == "broken") {
            throw std::runtime_error("the link cannot be signed");
        }
        return "signed";
    };
    prepare(world);
    const DeliveryId broken = freeze_link(world, "broken");
    const DeliveryId sound = freeze_link(world, "sound");
    world.run(at(monday, 7, 30));
    CHECK(delivery(world, sound).state == store::DeliveryState::accepted);
    CHECK(world.sent.size() == 2); // and the morning's digest
    const store::Delivery held = delivery(world, broken);
    CHECK(held.state == store::DeliveryState::held);
    CHECK(held.attempts == 0); // the claim is undone whole
    CHECK(store::Outbox{world.database()}.attempts(broken).empty());
    REVIEWD_CHECK_CONTAINS(held.reason, "cannot be signed");
    // Mended and released, it goes out.
    world.sign_link = {};
    REQUIRE(world.service().outbox().release(broken, somebody, at(monday, 8)).has_value());
    world.run(at(monday, 8));
    CHECK(delivery(world, broken).state == store::DeliveryState::accepted);
}

} // namespace reviewd::test::test_isolation
