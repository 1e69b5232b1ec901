// What becomes of deliveries that a channel gives up or cannot account for, over a real database.
#include "tests/support/catch.hpp"
#include "tests/unit/service/world.hpp"

using namespace reviewd;
using namespace std::chrono_literals;
using notify::Outcome;
using notify::Verdict;
using std::chrono::days;
using test::at;

namespace {

const Date monday{2026y / 11 / 23};

Outcome outcome(Verdict verdict, notify::Reason reason = notify::Reason::none) {
    Outcome made;
    made.verdict = verdict;
    made.reason = reason;
    return made;
}

/// Everything planned, nothing of the morning sent.
void prepare(test::World& world) {
    world.open(at(monday, 5));
    world.run(at(monday, 5));
    world.sent.clear();
}

void add_channel(test::World& world, const std::string& keys) {
    world.edit_settings("channels:\n", "channels:\n  spare: { type: file, path: spare.jsonl }\n");
    world.edit_settings("desk: { type: file,", "desk: { type: file, " + keys + ",");
}

std::vector<store::Delivery> in_state(test::World& world, store::DeliveryState state) {
    store::DeliveryFilter filter;
    filter.state = state;
    return world.service().views().deliveries(filter);
}

} // namespace

TEST_CASE("what a channel gives up goes over another, once", "[service][outbox][F24]") {
    test::World world;
    add_channel(world, "fallback: spare");
    prepare(world);
    std::vector<std::string> over;
    world.answer = [&](const service::SendOrder& order, TimePoint /*now*/) {
        over.push_back(order.channel);
        return outcome(order.channel == "desk" ? Verdict::permanent : Verdict::accepted);
    };
    world.run_through(at(monday, 7), at(monday, 12));
    REQUIRE(over.size() == 2);
    CHECK(over[0] == "desk");
    CHECK(over[1] == "spare");
    REQUIRE(world.sent.size() == 1);
    CHECK(world.sent[0].message.recipient.name == "Ana Costa");
    CHECK(in_state(world, store::DeliveryState::failed).size() == 1);
    for (const auto& [reminder, count] : world.sent_reminders()) {
        CHECK(count == 1);
    }
}

TEST_CASE("what expires on a channel goes over its fallback", "[service][outbox][I12]") {
    test::World world;
    add_channel(world, "fallback: spare");
    prepare(world);
    world.answer = [&](const service::SendOrder& order, TimePoint /*now*/) {
        return outcome(
            order.channel == "desk" ? Verdict::temporary : Verdict::accepted,
            order.channel == "desk" ? notify::Reason::deferred : notify::Reason::none
        );
    };
    world.run_through(at(monday, 7), at(monday + days{6}, 12));
    CHECK_FALSE(in_state(world, store::DeliveryState::expired).empty());
    CHECK_FALSE(world.sent.empty());
}

TEST_CASE("a channel told to be brief names no customer", "[service][outbox][content]") {
    test::World world;
    world.edit_settings("desk: { type: file,", "desk: { type: file, content: minimal,");
    world.write_accounts({{"a1", "ana", 42'000}});
    prepare(world);
    world.run(at(monday, 7, 30));
    REQUIRE(world.sent.size() == 1);
    const notify::Message& message = world.sent[0].message;
    for (const std::string& words :
         {message.subject, message.text, message.html, message.payload}) {
        CHECK(words.find("Account a1") == std::string::npos);
        CHECK(words.find("a1\"") == std::string::npos);
    }
    REVIEWD_CHECK_CONTAINS(message.subject, "Reviews: ");
}

TEST_CASE(
    "a chat gets an uncertain message once more, then a person decides", "[service][outbox][F26]"
) {
    test::World world;
    world.edit_settings("desk: { type: file,", "desk: { type: slack,");
    prepare(world);
    int tries = 0;
    world.answer = [&](const service::SendOrder& order, TimePoint /*now*/) {
        ++tries;
        REQUIRE(world.service().outbox().mark_commit(order.delivery, order.attempt));
        return outcome(Verdict::uncertain, notify::Reason::timeout);
    };
    world.run_through(at(monday, 7), at(monday, 20));
    CHECK(tries == 2);
    const auto held = in_state(world, store::DeliveryState::held);
    REQUIRE(held.size() == 1);
    CHECK_FALSE(held[0].held_until.has_value());
    REVIEWD_CHECK_CONTAINS(held[0].reason, "release it");
}
