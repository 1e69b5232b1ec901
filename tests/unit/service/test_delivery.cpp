#include "tests/support/catch.hpp"
#include "tests/unit/service/world.hpp"

#include <fmt/format.h>

namespace reviewd::test::test_delivery {

using namespace reviewd;
using namespace std::chrono_literals;
using notify::Outcome;
using notify::Verdict;
using std::chrono::days;
using test::at;

namespace {

const Date monday{2026y / 11 / 23};
const service::Actor somebody{"it", "socket"};

Outcome outcome(Verdict verdict) {
    Outcome made;
    made.verdict = verdict;
    return made;
}

/// A portfolio planned early on a Monday: the first digests become due at 07:30.
void prepare(test::World& world) {
    world.open(at(monday, 5));
    world.run(at(monday, 5));
}

store::Delivery only_delivery(test::World& world) {
    const auto all = world.service().views().deliveries({});
    REQUIRE(all.size() == 1);
    return all.front();
}

} // namespace

TEST_CASE("a morning's steps become one message, once", "[service][outbox][I3]") {
    test::World world;
    // So many that several are to be invited on the first morning.
    std::vector<test::AccountRow> accounts{{"b", "farah", 50'000}};
    for (int i = 0; i < 8; ++i) {
        accounts.push_back({"a" + std::to_string(i), "ana", 42'000});
    }
    world.write_accounts(accounts);
    prepare(world);
    const std::size_t before = world.sent.size(); // Dhaka's morning has been
    world.run(at(monday, 7, 29));
    CHECK(world.sent.size() == before);
    world.run(at(monday, 7, 30));
    REQUIRE(world.sent.size() == before + 1);
    const notify::Message& message = world.sent.back().message;
    CHECK(message.recipient.name == "Ana Costa");
    CHECK(message.recipient.address == "ana@example.test");
    CHECK(message.reminder_ids.size() >= 2);
    CHECK_FALSE(message.subject.empty());
    REVIEWD_CHECK_CONTAINS(message.text, "ccount");
    REVIEWD_CHECK_CONTAINS(message.message_id, "@example.test>");
    world.run(at(monday, 12));
    CHECK(world.sent.size() == before + 1);
}

TEST_CASE("threads and calendars survive a move to another host", "[service][outbox]") {
    test::World world;
    prepare(world);
    world.close();
    world.host_name = "other.test";
    prepare(world);
    world.run(at(monday, 7, 30));
    REQUIRE_FALSE(world.sent.empty());
    REVIEWD_CHECK_CONTAINS(world.sent.back().message.message_id, "@example.test>");
}

TEST_CASE(
    "a temporary failure is tried again, later each time, with the same ids",
    "[service][outbox][I13][I15]"
) {
    test::World world;
    prepare(world);
    world.sent.clear();
    std::vector<TimePoint> attempts;
    std::string id;
    std::string message_id;
    world.answer = [&](const service::SendOrder& order, TimePoint now) {
        attempts.push_back(now);
        CHECK((id.empty() || id == order.message.id));
        CHECK((message_id.empty() || message_id == order.message.message_id));
        id = order.message.id;
        message_id = order.message.message_id;
        return outcome(attempts.size() < 6 ? Verdict::temporary : Verdict::accepted);
    };
    world.run_through(at(monday, 7), at(monday, 18));
    REQUIRE(attempts.size() == 6);
    CHECK(world.sent.size() == 1);
    for (std::size_t i = 1; i < attempts.size(); ++i) {
        CHECK(attempts[i] - attempts[i - 1] >= 4min);
        CHECK(attempts[i] - attempts[i - 1] <= 81min);
    }
    CHECK(attempts[5] - attempts[4] > attempts[1] - attempts[0]);
}

TEST_CASE("a peer's Retry-After is obeyed up to a day", "[service][outbox][F29]") {
    test::World world;
    prepare(world);
    std::vector<TimePoint> attempts;
    std::string id;
    world.answer = [&](const service::SendOrder& order, TimePoint now) {
        const bool is_first = id.empty() && order.message.recipient.name == "Ana Costa";
        id = is_first ? order.message.id : id;
        if (order.message.id != id || attempts.size() >= 3) {
            return outcome(Verdict::accepted);
        }
        attempts.push_back(now);
        REQUIRE(world.service().outbox().mark_commit(order.delivery, order.attempt));
        Outcome later = outcome(Verdict::temporary);
        later.retry_after = attempts.size() == 1 ? 3h : 240h;
        return later;
    };
    world.run_through(at(monday, 7), at(monday + days{3}, 12));
    REQUIRE(attempts.size() == 3);
    CHECK(attempts[1] - attempts[0] == 3h);
    CHECK(attempts[2] - attempts[1] == 24h);
}

TEST_CASE("a permanent failure fails and can be sent again by a person", "[service][outbox]") {
    test::World world;
    prepare(world);
    world.sent.clear();
    std::vector<notify::Message> refused;
    world.answer = [&](const service::SendOrder& order, TimePoint /*now*/) {
        refused.push_back(order.message);
        return outcome(Verdict::permanent);
    };
    world.run(at(monday, 7, 30));
    CHECK(world.sent.empty());
    store::DeliveryFilter failed;
    failed.state = store::DeliveryState::failed;
    const auto deliveries = world.service().views().deliveries(failed);
    REQUIRE_FALSE(deliveries.empty());
    world.answer = nullptr;
    const auto again =
        world.service().outbox().retry(deliveries.back().id, somebody, at(monday, 9));
    REQUIRE(again.has_value());
    CHECK(*again != deliveries.back().id);
    world.run(at(monday, 9));
    REQUIRE(world.sent.size() == 1);
    // Whoever took it all the same knows it again.
    REQUIRE_FALSE(refused.empty());
    CHECK(world.sent.front().message.id == refused.back().id);
    CHECK(world.sent.front().message.message_id == refused.back().message_id);
    CHECK(world.sent.front().message.payload == refused.back().payload);
}

TEST_CASE(
    "a person's second try does not remind of what was done meanwhile", "[service][outbox][I14]"
) {
    test::World world;
    world.write_accounts({{"a1", "ana", 42'000}});
    prepare(world);
    std::vector<std::string> named;
    DeliveryId tried;
    world.answer = [&](const service::SendOrder& order, TimePoint /*now*/) {
        named = order.message.reminder_ids;
        tried = order.delivery;
        return outcome(Verdict::permanent);
    };
    world.run(at(monday, 7, 30));
    REQUIRE(named.size() == 1);
    const ReviewId review{std::stoll(named.front())};
    REQUIRE(world.service().reviews().done(review, {}, somebody, at(monday, 8)).has_value());
    const std::size_t before = world.service().views().deliveries({}).size();
    const auto again = world.service().outbox().retry(tried, somebody, at(monday, 9));
    REQUIRE(again.has_error());
    CHECK(again.error().code == ErrorCode::conflict);
    CHECK(world.service().views().deliveries({}).size() == before);
}

TEST_CASE("what nobody takes in time expires and says so", "[service][outbox][I12]") {
    test::World world;
    prepare(world);
    world.answer = [](const service::SendOrder& /*order*/, TimePoint /*now*/) {
        return outcome(Verdict::temporary);
    };
    world.run_through(at(monday, 7), at(monday + days{6}, 12));
    store::DeliveryFilter expired;
    expired.state = store::DeliveryState::expired;
    CHECK_FALSE(world.service().views().deliveries(expired).empty());
}

namespace {

void give_up_soon(test::World& world) {
    world.edit_settings(
        "channels:\n",
        "retry: { first: 1 minute, largest: 2 minutes, give_up_after: 3 hours }\nchannels:\n"
    );
}

std::size_t count_expired(test::World& world) {
    store::DeliveryFilter expired;
    expired.state = store::DeliveryState::expired;
    return world.service().views().deliveries(expired).size();
}

} // namespace

TEST_CASE("what is planned late is tried all the same", "[service][outbox][I12]") {
    test::World world;
    give_up_soon(world);
    world.open(at(monday, 12)); // the morning was at 07:30
    world.run(at(monday, 12));
    CHECK(count_expired(world) == 0);
    CHECK_FALSE(world.sent.empty());
}

TEST_CASE("time without a daemon is not the silence of a channel", "[service][outbox][I12]") {
    const int days_down = GENERATE(0, 6);
    CAPTURE(days_down);
    test::World world;
    give_up_soon(world);
    prepare(world);
    // Planned, and not tried yet, when the process ends.
    static_cast<void>(test::run_until_idle(world.service(), at(monday, 7, 30)).value());
    const std::size_t before = count_expired(world);
    world.close();
    world.sent.clear();
    world.open(at(monday + days{days_down}, 12));
    world.run(at(monday + days{days_down}, 12));
    // A reminder of last week is not sent today.
    CHECK((count_expired(world) == before) == (days_down == 0));
    CHECK((days_down > 0 || !world.sent.empty()));
}

TEST_CASE("a misconfigured channel pauses and burns no attempts", "[service][outbox][F25]") {
    test::World world;
    prepare(world);
    world.sent.clear();
    int attempts = 0;
    world.answer = [&](const service::SendOrder& /*order*/, TimePoint /*now*/) {
        ++attempts;
        Outcome made = outcome(Verdict::misconfigured);
        made.reason = notify::Reason::authentication;
        return made;
    };
    world.run(at(monday, 7, 30));
    CHECK(attempts == 1);
    const auto paused = world.service().outbox().paused(at(monday, 7, 31));
    REQUIRE(paused.size() == 1);
    CHECK(paused.front().channel == "desk");
    REVIEWD_CHECK_CONTAINS(paused.front().reason, "authentication");
    world.run_through(at(monday, 7, 31), at(monday, 8, 29));
    CHECK(attempts <= 5); // one probe each quarter of an hour
    world.answer = nullptr;
    world.run_through(at(monday, 8, 30), at(monday, 10));
    CHECK(world.sent.size() == 1);
    CHECK(world.service().outbox().paused(at(monday, 10)).empty());
    const auto deliveries = world.service().views().deliveries({});
    CHECK(deliveries.back().attempts == 1);
}

TEST_CASE("a lost answer is sent again with the same id", "[service][outbox][F26][I15]") {
    test::World world;
    prepare(world);
    world.sent.clear();
    std::vector<std::string> ids;
    world.answer = [&](const service::SendOrder& order, TimePoint /*now*/) {
        ids.push_back(order.message.message_id);
        REQUIRE(world.service().outbox().mark_commit(order.delivery, order.attempt));
        return outcome(ids.size() == 1 ? Verdict::uncertain : Verdict::accepted);
    };
    world.run_through(at(monday, 7), at(monday, 10));
    REQUIRE(ids.size() == 2);
    CHECK(ids[0] == ids[1]);
    CHECK(world.sent.size() == 1);
}

TEST_CASE("a server that never answers gets few copies", "[service][outbox][F26][I15]") {
    test::World world;
    prepare(world);
    std::vector<TimePoint> tries;
    DeliveryId first;
    world.answer = [&](const service::SendOrder& order, TimePoint now) {
        REQUIRE(world.service().outbox().mark_commit(order.delivery, order.attempt));
        first = tries.empty() ? order.delivery : first;
        if (order.delivery == first) {
            tries.push_back(now);
        }
        return outcome(Verdict::uncertain);
    };
    world.run_through(at(monday, 7), at(monday + days{4}, 7));
    REQUIRE(tries.size() >= 4);
    CHECK(tries.size() <= 10);
    for (std::size_t i = 2; i < tries.size(); ++i) {
        CHECK((tries[i] - tries[i - 1]) >= (tries[i - 1] - tries[i - 2])); // up to a day
    }
}

TEST_CASE("the wait before the first try is no age", "[service][outbox][F23]") {
    test::World world;
    prepare(world); // planned in the night, to be sent at 07:30
    std::vector<TimePoint> tries;
    world.answer = [&](const service::SendOrder& /*order*/, TimePoint now) {
        tries.push_back(now);
        return outcome(tries.size() < 3 ? Verdict::temporary : Verdict::accepted);
    };
    world.run_through(at(monday, 7), at(monday, 10));
    REQUIRE(tries.size() == 3);
    CHECK(tries[0] == at(monday, 7, 30));
    CHECK(tries[1] <= at(monday, 7, 36));
    CHECK(tries[2] <= at(monday, 7, 43));
}

TEST_CASE("a reload sends nothing again and moves no try", "[service][outbox][I3]") {
    test::World world;
    prepare(world);
    world.sent.clear();
    int tries = 0;
    world.answer = [&](const service::SendOrder& /*order*/, TimePoint /*now*/) {
        return outcome(++tries == 1 ? Verdict::temporary : Verdict::accepted);
    };
    world.run(at(monday, 7, 30));
    REQUIRE(tries == 1);
    store::DeliveryFilter waiting;
    waiting.state = store::DeliveryState::wait;
    const auto before = world.service().views().deliveries(waiting);
    REQUIRE(before.size() == 1);
    REQUIRE(world.service().reload(world.load(), somebody, at(monday, 7, 31)).has_value());
    world.run(at(monday, 7, 31));
    CHECK(tries == 1);
    const auto after = world.service().views().deliveries(waiting);
    REQUIRE(after.size() == 1);
    CHECK(after.front().id == before.front().id);
    CHECK((after.front().next_at == before.front().next_at));
    world.run_through(at(monday, 7, 32), at(monday, 10));
    CHECK(tries == 2);
    CHECK(world.sent.size() == 1);
    REQUIRE(world.service().reload(world.load(), somebody, at(monday, 10)).has_value());
    world.run_through(at(monday, 10), at(monday, 20));
    CHECK(world.sent.size() == 1);
}

TEST_CASE("a process that dies while sending sends again, only then", "[service][outbox][I3][F2]") {
    for (const bool is_committed : {false, true}) {
        test::World world;
        prepare(world);
        world.sent.clear();
        REQUIRE(test::run_until_idle(world.service(), at(monday, 7, 30)).has_value());
        const auto orders = world.service().outbox().claim("desk", 4, at(monday, 7, 30)).value();
        REQUIRE(orders.size() == 1);
        CHECK(world.service().outbox().claim("desk", 4, at(monday, 7, 30)).value().empty());
        if (is_committed) {
            REQUIRE(world.service().outbox().mark_commit(orders[0].delivery, orders[0].attempt));
        }
        world.close();
        world.open(at(monday, 7, 31));
        // The dead attempt's late words change nothing.
        CHECK_FALSE(world.service().outbox().mark_commit(orders[0].delivery, orders[0].attempt));
        world.run_through(at(monday, 7, 31), at(monday, 9));
        REQUIRE(world.sent.size() == 1);
        CHECK(world.sent[0].message.message_id == orders[0].message.message_id);
        CHECK(world.sent[0].message.text == orders[0].message.text);
        CHECK((world.sent[0].at >= at(monday, 7, 35)) == is_committed);
        // Only what may have been taken counts as doubtful.
        store::Outbox outbox{world.database()};
        CHECK(outbox.count_uncertain(orders[0].delivery) == (is_committed ? 1 : 0));
        store::DeliveryFilter same;
        same.after = DeliveryId{orders[0].delivery.value - 1};
        same.limit = 1;
        CHECK(outbox.list(same).at(0).uncertain == (is_committed ? 1 : 0));
    }
}

TEST_CASE("what is held stays until somebody releases it", "[service][outbox]") {
    test::World world;
    prepare(world);
    world.sent.clear();
    REQUIRE(test::run_until_idle(world.service(), at(monday, 7, 30)).has_value());
    store::DeliveryFilter ready;
    ready.state = store::DeliveryState::ready;
    const auto deliveries = world.service().views().deliveries(ready);
    REQUIRE(deliveries.size() == 1);
    const DeliveryId id = deliveries.front().id;
    REQUIRE(world.service().outbox().hold(id, "wait", somebody, at(monday, 7, 31)).has_value());
    world.run_through(at(monday, 7, 31), at(monday, 12));
    CHECK(world.sent.empty());
    REQUIRE(world.service().outbox().release(id, somebody, at(monday, 12)).has_value());
    world.run(at(monday, 12));
    CHECK(world.sent.size() == 1);
    CHECK_FALSE(world.service().outbox().release(id, somebody, at(monday, 12)).has_value());
    CHECK_FALSE(
        world.service().outbox().hold(DeliveryId{999}, "x", somebody, at(monday, 12)).has_value()
    );
}

TEST_CASE(
    "a review done between planning and sending is not reminded of", "[service][outbox][I14]"
) {
    test::World world;
    world.write_accounts(
        {{"a1", "ana", 42'000}, {"a2", "ana", 41'000}, {"a3", "ana", 40'000}, {"a4", "ana", 39'000}}
    );
    prepare(world);
    REQUIRE(test::run_until_idle(world.service(), at(monday, 7, 30)).has_value());
    REQUIRE(only_delivery(world).state == store::DeliveryState::ready);
    const store::Review review = world.open_review("a1");
    REQUIRE(world.service().reviews().done(review.id, {}, somebody, at(monday, 7, 31)).has_value());
    world.run(at(monday, 7, 31));
    world.run(at(monday, 8));
    for (const auto& [reminder, count] : world.sent_reminders()) {
        CHECK(reminder.rfind(fmt::format("{}/", review.id.value), 0) != 0);
    }
    CHECK(world.sent_reminders().size() == 1);
    CHECK(world.sent.size() == 1);
}

TEST_CASE(
    "a review done while the relay is down is not named by the next try", "[service][outbox][I14]"
) {
    test::World world;
    std::vector<test::AccountRow> accounts;
    for (int i = 0; i < 8; ++i) {
        accounts.push_back({"a" + std::to_string(i), "ana", 42'000});
    }
    world.write_accounts(accounts);
    prepare(world);
    world.sent.clear();
    std::vector<std::string> named;
    DeliveryId tried;
    world.answer = [&](const service::SendOrder& order, TimePoint /*now*/) {
        named = order.message.reminder_ids;
        tried = order.delivery;
        return outcome(Verdict::temporary);
    };
    world.run(at(monday, 7, 30));
    REQUIRE(named.size() >= 2);
    const ReviewId review{std::stoll(named.front())};
    REQUIRE(world.service().reviews().done(review, {}, somebody, at(monday, 7, 31)).has_value());
    CHECK(store::Outbox{world.database()}.find(tried)->state == store::DeliveryState::cancelled);
    world.answer = {};
    world.run(at(monday, 7, 31));
    CHECK(world.sent.empty()); // it comes no sooner than it would have
    world.run_through(at(monday, 7, 32), at(monday, 12));
    REQUIRE(world.sent.size() == 1);
    CHECK_FALSE(world.sent_reminders().empty());
    for (const auto& [reminder, count] : world.sent_reminders()) {
        CHECK(reminder.rfind(fmt::format("{}/", review.value), 0) != 0);
    }
}

TEST_CASE("what comes up after the morning waits for the next", "[service][outbox]") {
    test::World world;
    world.write_accounts({{"a1", "ana", 42'000}});
    prepare(world);
    world.run(at(monday, 7, 30));
    REQUIRE(world.sent.size() == 1);
    world.write_accounts({{"a1", "ana", 42'000}, {"a2", "ana", 41'000}});
    world.import(at(monday, 10));
    const store::Review added = world.open_review("a2");
    REQUIRE(added.next_step == monday);
    world.run_through(at(monday, 10), at(monday + days{1}, 7, 29));
    CHECK(world.sent.size() == 1);
    world.run(at(monday + days{1}, 7, 30));
    REQUIRE(world.sent.size() == 2);
    REVIEWD_CHECK_CONTAINS(world.sent.back().message.payload, "Account a2");
}

} // namespace reviewd::test::test_delivery
