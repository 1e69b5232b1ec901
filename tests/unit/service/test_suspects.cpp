// One message that a receiver does not like must not stand for the whole channel.
#include "daemon/service/suspects.hpp"
#include "daemon/store/transaction.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/service/world.hpp"

#include <fmt/format.h>

#include <string>
#include <vector>

namespace reviewd::test::test_suspects {

using namespace reviewd;
using namespace std::chrono_literals;
using notify::Outcome;
using notify::Verdict;
using service::Suspects;
using test::at;

namespace {

const Date monday{2026y / 11 / 23};

Outcome refused() {
    Outcome made;
    made.verdict = Verdict::misconfigured;
    made.reason = notify::Reason::rejected;
    return made;
}

Outcome accepted() {
    Outcome made;
    made.verdict = Verdict::accepted;
    return made;
}

/// A message that waits to be sent.
DeliveryId freeze(test::World& world, const std::string& subject) {
    store::NoticePlan plan;
    plan.kind = "notice";
    plan.dedupe = subject + "/desk";
    plan.channel = "desk";
    plan.not_before = at(monday, 6);
    store::FrozenMessage message;
    message.subject = subject;
    message.message_id = "<" + subject + "@example.test>";
    message.date = at(monday, 5);
    const auto frozen = store::write(world.database(), [&]() -> Result<DeliveryId> {
        store::Outbox outbox{world.database()};
        const DeliveryId id = outbox.plan_notice(plan, at(monday, 5)).value();
        const Result<void> kept = outbox.freeze(id, message, "", at(monday, 5));
        return kept.has_value() ? Result<DeliveryId>{id} : kept.error();
    });
    return frozen.value();
}

/// So many of each, and nothing else for that morning.
void prepare(test::World& world, int bad, int good) {
    world.open(at(monday, 5));
    for (int i = 0; i < bad; ++i) {
        freeze(world, fmt::format("bad-{}", i));
    }
    for (int i = 0; i < good; ++i) {
        freeze(world, fmt::format("good-{}", i));
    }
    world.answer = [](const service::SendOrder& order, TimePoint /*now*/) {
        return order.message.subject.rfind("bad", 0) == 0 ? refused() : accepted();
    };
}

int count_good(const test::World& world) {
    int good = 0;
    for (const test::Sent& sent : world.sent) {
        good += sent.message.subject.rfind("good", 0) == 0 ? 1 : 0;
    }
    return good;
}

store::Delivery delivery(test::World& world, DeliveryId id) {
    return store::Outbox{world.database()}.find_without_message(id).value();
}

} // namespace

TEST_CASE("who alone is refused has only itself to blame", "[service][gate][F25]") {
    Suspects suspects;
    suspects.add(DeliveryId{1});
    suspects.add(DeliveryId{2});
    CHECK(suspects.contains(DeliveryId{1}));
    CHECK_FALSE(suspects.is_own_trouble(DeliveryId{1}));
    suspects.took(DeliveryId{2}); // it was mended for that one
    CHECK_FALSE(suspects.contains(DeliveryId{2}));
    CHECK(suspects.is_own_trouble(DeliveryId{1}));
    suspects.add(DeliveryId{3});
    CHECK_FALSE(suspects.is_own_trouble(DeliveryId{3}));
    for (int i = 10; i < 10'000; ++i) {
        suspects.add(DeliveryId{i});
        REQUIRE(suspects.size() <= 256);
    }
}

TEST_CASE("messages that nobody likes hold up no others", "[service][outbox][F25]") {
    const int bad = GENERATE(1, 3);
    CAPTURE(bad);
    test::World world;
    prepare(world, bad, 40);
    world.run_through(at(monday, 6), at(monday, 8));
    CHECK(count_good(world) == 40);
    CHECK(world.service().outbox().paused(at(monday, 8)).empty());
    // Nor what comes later: they are deferred now, each by itself.
    for (int i = 0; i < 3; ++i) {
        freeze(world, fmt::format("good-late-{}", i));
    }
    world.run_through(at(monday, 8), at(monday, 8, 5));
    CHECK(count_good(world) == 43);
    world.run_through(at(monday, 8, 5), at(monday, 12));
    CHECK(world.service().outbox().paused(at(monday, 12)).empty());
}

TEST_CASE("a message that is taken at last was no trouble", "[service][outbox][F25]") {
    test::World world;
    prepare(world, 1, 2);
    world.run_through(at(monday, 6), at(monday, 8));
    world.answer = nullptr;
    world.run_through(at(monday, 8), at(monday, 12));
    CHECK(world.sent.size() >= 3);
}

TEST_CASE("a channel that refuses everything is tried each quarter", "[service][outbox][F25]") {
    test::World world;
    prepare(world, 5, 0);
    int tries = 0;
    world.answer = [&](const service::SendOrder& /*order*/, TimePoint /*now*/) {
        ++tries;
        return refused();
    };
    world.run_through(at(monday, 6), at(monday, 9));
    CHECK(tries <= 14);
    CHECK_FALSE(world.service().outbox().paused(at(monday, 9)).empty());
    world.answer = nullptr;
    world.run_through(at(monday, 9), at(monday, 10));
    CHECK(world.sent.size() >= 5);
}

TEST_CASE("a probe whose result cannot be kept is over all the same", "[service][outbox][F25]") {
    test::World world;
    prepare(world, 1, 2);
    world.run(at(monday, 6));
    auto& outbox = world.service().outbox();
    REQUIRE_FALSE(outbox.paused(at(monday, 6, 1)).empty());
    const TimePoint later = at(monday, 6, 15);
    const auto probe = outbox.claim("desk", 4, later).value();
    REQUIRE(probe.size() == 1);
    CHECK(outbox.claim("desk", 4, later).value().empty());
    const auto kept = outbox.settle(probe[0].delivery, probe[0].attempt + 7, accepted(), later);
    CHECK(kept.has_error());
    CHECK(delivery(world, probe[0].delivery).state == store::DeliveryState::sending);
    CHECK_FALSE(outbox.claim("desk", 4, later).value().empty());
}

} // namespace reviewd::test::test_suspects
