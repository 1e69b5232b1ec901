// Rounds of many deliveries, fallbacks, limits and pauses, over a real database.
#include "daemon/store/outbox.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/service/world.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace reviewd::test::test_sending {

using namespace reviewd;
using namespace std::chrono_literals;
using notify::Outcome;
using notify::Verdict;
using std::chrono::days;
using test::at;

namespace {

const Date monday{2026y / 11 / 23};
const service::Actor somebody{"it", "socket"};

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
    const std::size_t open = world.open_reviews().size();
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
    CHECK(world.open_reviews().size() == open);
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
    // It ends on a weekend, which is quiet: the fallback speaks on Monday.
    world.run_through(at(monday, 7), at(monday + days{7}, 12));
    CHECK_FALSE(in_state(world, store::DeliveryState::expired).empty());
    CHECK_FALSE(world.sent.empty());
}

TEST_CASE("what is given up in the evening has its time in the morning", "[service][outbox][I12]") {
    test::World world;
    add_channel(world, "fallback: spare");
    world.edit_settings(
        "people:\n  defaults:", "retry: { give_up_after: 4 hours }\npeople:\n  defaults:"
    );
    prepare(world);
    world.answer = [&](const service::SendOrder& /*order*/, TimePoint /*now*/) {
        return outcome(Verdict::temporary, notify::Reason::deferred);
    };
    world.run_through(at(monday, 7), at(monday, 8));
    // The daemon is down until the quiet hours, in which the channel gives the message up.
    world.close();
    world.open(at(monday, 21));
    world.run_through(at(monday, 21), at(monday + days{1}, 6));
    const auto over_spare = [&world](store::DeliveryState state) {
        std::vector<store::Delivery> found = in_state(world, state);
        std::erase_if(found, [](const store::Delivery& one) { return one.channel != "spare"; });
        return found;
    };
    CHECK(over_spare(store::DeliveryState::expired).empty());
    const auto waiting = over_spare(store::DeliveryState::held);
    REQUIRE(waiting.size() == 1);
    // As long as any other, from its first try on.
    CHECK(waiting[0].expires_at == at(monday + days{1}, 11));
    world.answer = nullptr;
    world.run_through(at(monday + days{1}, 6), at(monday + days{1}, 7, 15));
    const auto sent = over_spare(store::DeliveryState::accepted);
    CHECK(std::any_of(sent.begin(), sent.end(), [&](const store::Delivery& one) {
        return one.id == waiting[0].id;
    }));
}

TEST_CASE("what is sent again at night has its time in the morning", "[service][outbox]") {
    test::World world;
    world.edit_settings(
        "people:\n  defaults:", "retry: { give_up_after: 4 hours }\npeople:\n  defaults:"
    );
    prepare(world);
    world.answer = [&](const service::SendOrder& /*order*/, TimePoint /*now*/) {
        return outcome(Verdict::permanent);
    };
    world.run_through(at(monday, 7), at(monday, 12));
    const auto failed = in_state(world, store::DeliveryState::failed);
    REQUIRE_FALSE(failed.empty());
    world.answer = nullptr;
    const auto again = world.service().outbox().retry(failed[0].id, somebody, at(monday, 22));
    REQUIRE(again.has_value());
    const auto expires_at =
        store::Outbox{world.database()}.find_without_message(*again)->expires_at;
    CHECK(expires_at == at(monday + days{1}, 11));
}

TEST_CASE(
    "what has no address on a channel goes over its fallback at once", "[service][outbox][F41]"
) {
    test::World world;
    add_channel(world, "fallback: spare");
    world.check_address = [](std::string_view channel, std::string_view /*address*/) {
        return channel == "desk" ? "no mailbox of that name" : "";
    };
    prepare(world);
    std::set<std::string> over;
    world.answer = [&](const service::SendOrder& order, TimePoint /*now*/) {
        over.insert(order.channel);
        return outcome(Verdict::accepted);
    };
    world.run(at(monday, 7, 30));
    CHECK(over == std::set<std::string>{"spare"});
    REQUIRE_FALSE(world.sent.empty());
    const auto given_up = in_state(world, store::DeliveryState::expired);
    REQUIRE_FALSE(given_up.empty());
    REVIEWD_CHECK_CONTAINS(given_up[0].reason, "no mailbox of that name");
    CHECK(in_state(world, store::DeliveryState::held).empty());
    world.run_through(at(monday, 7, 31), at(monday, 12));
    for (const auto& [reminder, count] : world.sent_reminders()) {
        CHECK(count == 1);
    }
}

TEST_CASE("who has no address is looked at again a day later", "[service][outbox][F41]") {
    test::World world;
    bool has_address = false;
    world.check_address = [&](std::string_view /*channel*/, std::string_view address) {
        return address == "ana@example.test" && !has_address ? "no mailbox of that name" : "";
    };
    prepare(world);
    world.run(at(monday, 7, 30));
    const auto held = in_state(world, store::DeliveryState::held);
    REQUIRE_FALSE(held.empty());
    CHECK(held[0].held_until == at(monday + days{1}, 7, 30));
    const auto is_told = [&] {
        return std::any_of(world.sent.begin(), world.sent.end(), [](const test::Sent& one) {
            return one.message.recipient.address == "ana@example.test";
        });
    };
    CHECK_FALSE(is_told());
    has_address = true;
    world.run_through(at(monday, 8), at(monday + days{1}, 7, 29));
    CHECK_FALSE(is_told());
    world.run(at(monday + days{1}, 7, 30));
    CHECK(is_told());
}

TEST_CASE("a person's limit holds what is more, visibly", "[service][outbox][T14]") {
    test::World world;
    world.edit_settings("desk: { type: file,", "desk: { type: file, per_person_per_day: 1,");
    world.write_accounts({{"a1", "ana", 42'000}});
    prepare(world);
    world.run(at(monday, 7, 30));
    REQUIRE(world.sent.size() == 1);
    world.write_accounts({{"a1", "ana", 42'000}, {"a2", "ana", 41'000}});
    world.import(at(monday, 10));
    // The next morning is less than a day after: it waits until it is one.
    world.run_through(at(monday, 10), at(monday + days{1}, 7, 29));
    CHECK(world.sent.size() == 1);
    world.run_through(at(monday + days{1}, 7, 29), at(monday + days{1}, 12));
    CHECK(world.sent.size() == 2);
}

TEST_CASE("an answer that comes twice gives no room back twice", "[service][outbox][T14][I13]") {
    test::World world;
    world.edit_settings("desk: { type: file,", "desk: { type: file, per_person_per_day: 1,");
    world.write_accounts({{"a1", "ana", 42'000}});
    prepare(world);
    std::vector<std::pair<DeliveryId, int>> tries;
    world.answer = [&](const service::SendOrder& order, TimePoint /*now*/) {
        tries.emplace_back(order.delivery, order.attempt);
        return outcome(tries.size() == 1 ? Verdict::temporary : Verdict::accepted);
    };
    world.run_through(at(monday, 7), at(monday, 12));
    REQUIRE(tries.size() == 2);
    service::Round late;
    late.ended.push_back({tries[0].first, tries[0].second, outcome(Verdict::temporary)});
    REQUIRE(world.service().outbox().run(late, at(monday, 12)).has_value());
    world.write_accounts({{"a1", "ana", 42'000}, {"a2", "ana", 41'000}});
    world.import(at(monday, 12));
    // Ana had hers after half past seven: a day later there is room, and not before.
    world.run_through(at(monday, 12), at(monday + days{1}, 7, 31));
    CHECK(tries.size() == 2);
    world.run_through(at(monday + days{1}, 7, 31), at(monday + days{1}, 13));
    CHECK(tries.size() == 3);
}

TEST_CASE("a channel that somebody paused stays so over a restart", "[service][outbox]") {
    test::World world;
    prepare(world);
    auto& outbox = world.service().outbox();
    REQUIRE(outbox.pause_channel("desk", "moving", somebody, at(monday, 6)).has_value());
    for (const Result<void>& unknown :
         {outbox.pause_channel("dsk", "", somebody, at(monday, 6)),
          outbox.resume_channel("dsk", somebody, at(monday, 6))}) {
        REQUIRE_FALSE(unknown.has_value());
        CHECK(unknown.error().code == ErrorCode::not_found);
        REVIEWD_CHECK_CONTAINS(unknown.error().message, "did you mean `desk`?");
    }
    const Result<void> nowhere = outbox.pause_channel("nowhere", "", somebody, at(monday, 6));
    REQUIRE_FALSE(nowhere.has_value());
    REVIEWD_CHECK_CONTAINS(nowhere.error().message, "there are desk");
    world.run_through(at(monday, 6), at(monday, 9));
    CHECK(world.sent.empty());
    world.close();
    world.open(at(monday, 9));
    const auto paused = world.service().outbox().paused(at(monday, 9));
    REQUIRE(paused.size() == 1);
    CHECK(paused[0].reason == "moving");
    CHECK_FALSE(paused[0].until.has_value());
    world.run_through(at(monday, 9), at(monday, 10));
    CHECK(world.sent.empty());
    REQUIRE(world.service().outbox().resume_channel("desk", somebody, at(monday, 10)).has_value());
    world.run(at(monday, 10));
    CHECK(world.sent.size() == 1);
}

TEST_CASE("an endpoint that is gone stays paused over a restart", "[service][outbox][F31]") {
    test::World world;
    prepare(world);
    int tries = 0;
    world.answer = [&](const service::SendOrder& /*order*/, TimePoint /*now*/) {
        ++tries;
        return outcome(Verdict::misconfigured, notify::Reason::endpoint_gone);
    };
    world.run_through(at(monday, 7), at(monday, 9));
    CHECK(tries == 1);
    world.close();
    world.open(at(monday, 9));
    const auto paused = world.service().outbox().paused(at(monday, 9));
    REQUIRE(paused.size() == 1);
    REVIEWD_CHECK_CONTAINS(paused[0].reason, "gone");
    CHECK(paused[0].reason.find("resume") == std::string::npos); // whoever shows it says that
    CHECK_FALSE(paused[0].until.has_value());
    world.answer = nullptr;
    world.run_through(at(monday, 9), at(monday, 10));
    CHECK(tries == 1);
    CHECK(world.sent.empty());
    REQUIRE(world.service().outbox().resume_channel("desk", somebody, at(monday, 10)).has_value());
    world.run_through(at(monday, 10), at(monday, 11));
    CHECK(world.sent.size() == 1);
}

TEST_CASE("the message that found the trouble goes with a mended channel", "[service][outbox]") {
    test::World world;
    prepare(world);
    world.answer = [&](const service::SendOrder& /*order*/, TimePoint /*now*/) {
        return outcome(Verdict::misconfigured, notify::Reason::local_io);
    };
    world.run(at(monday, 7, 30));
    REQUIRE(in_state(world, store::DeliveryState::wait).size() == 1);
    world.answer = nullptr;
    REQUIRE(world.service().outbox().resume_channel("desk", somebody, at(monday, 7, 31)).has_value()
    );
    world.run(at(monday, 7, 31));
    CHECK(world.sent.size() == 1);
}

TEST_CASE("a channel that is resumed hurries no message that was deferred", "[service][outbox]") {
    test::World world;
    prepare(world);
    world.answer = [&](const service::SendOrder& /*order*/, TimePoint /*now*/) {
        return outcome(Verdict::temporary, notify::Reason::deferred);
    };
    world.run(at(monday, 7, 30));
    const auto before = in_state(world, store::DeliveryState::wait);
    REQUIRE(before.size() == 1);
    auto& outbox = world.service().outbox();
    REQUIRE(outbox.pause_channel("desk", "moving", somebody, at(monday, 7, 30)).has_value());
    REQUIRE(outbox.resume_channel("desk", somebody, at(monday, 7, 31)).has_value());
    CHECK((in_state(world, store::DeliveryState::wait)[0].next_at == before[0].next_at));
}

TEST_CASE("a channel's own limit is told once and is nobody's to resume", "[service][outbox]") {
    test::World world;
    add_channel(world, "per_day: 1");
    world.write_accounts({{"a1", "ana", 42'000}, {"a7", "farah", 50'000, true}});
    prepare(world);
    std::vector<std::string> told;
    const auto listen = [&](const Result<service::Tick>& tick) {
        for (const service::Notice& notice : tick.value().notices) {
            if (notice.event == LogEvent::delivery_limit) {
                told.push_back(notice.message);
            }
        }
    };
    int sent = 0;
    for (int minutes = 0; minutes < 24 * 60; minutes += 15) {
        const TimePoint now = at(monday, 7) + std::chrono::minutes{minutes};
        listen(test::run_until_idle(world.service(), now));
        for (const service::SendOrder& order :
             world.service().outbox().claim("desk", 4, now).value()) {
            ++sent;
            REQUIRE(world.service()
                        .outbox()
                        .settle(order.delivery, order.attempt, outcome(Verdict::accepted), now)
                        .has_value());
        }
    }
    CHECK(sent == 1);
    REQUIRE(told.size() == 1);
    REVIEWD_CHECK_CONTAINS(told[0], "channel desk has its daily limit of 1 message in all until");
    const auto paused = world.service().outbox().paused(at(monday, 20));
    REQUIRE(paused.size() == 1);
    CHECK(paused[0].is_limit);
    CHECK(paused[0].until.has_value());
}

TEST_CASE("a dead endpoint costs five tries, then one a probe", "[service][outbox][F22][F30]") {
    test::World world;
    prepare(world);
    int tries = 0;
    world.answer = [&](const service::SendOrder& /*order*/, TimePoint /*now*/) {
        ++tries;
        return outcome(Verdict::temporary, notify::Reason::connect);
    };
    world.run_through(at(monday, 7), at(monday, 20));
    CHECK(tries >= 5);
    CHECK(tries < 40);
    CHECK_FALSE(in_state(world, store::DeliveryState::wait).empty());
}

TEST_CASE("a dead endpoint holds up no other", "[service][outbox][F30]") {
    test::World world;
    add_channel(world, "per_day: 10000");
    world.edit_settings("channels: [desk]", "channels: [desk, spare]");
    prepare(world);
    int tries = 0;
    world.answer = [&](const service::SendOrder& order, TimePoint /*now*/) {
        const bool is_dead = order.channel == "desk";
        tries += is_dead ? 1 : 0;
        return outcome(
            is_dead ? Verdict::temporary : Verdict::accepted,
            is_dead ? notify::Reason::connect : notify::Reason::none
        );
    };
    world.run_through(at(monday, 7), at(monday, 20));
    CHECK(tries >= 5);
    REQUIRE_FALSE(world.sent.empty());
    CHECK(world.sent.front().at == at(monday, 7, 30));
    for (const store::Delivery& late : in_state(world, store::DeliveryState::wait)) {
        CHECK(late.channel == "desk");
    }
    // Whom nobody reached over the one channel has heard of all of it over the other.
    world.answer = nullptr;
    const auto heard = world.sent.size();
    world.run_through(at(monday, 20), at(monday + days{1}, 12));
    CHECK(world.sent.size() > heard);
    for (const auto& [reminder, count] : world.sent_reminders()) {
        CHECK(count == 1);
    }
}

TEST_CASE(
    "what was claimed when its account vanished may go out once, and is recorded",
    "[service][outbox][F40]"
) {
    test::World world;
    prepare(world);
    REQUIRE(test::run_until_idle(world.service(), at(monday, 7, 30)).has_value());
    const auto orders = world.service().outbox().claim("desk", 4, at(monday, 7, 30)).value();
    REQUIRE(orders.size() == 1);
    const service::SendOrder& order = orders.front();
    const ReviewId review{std::stoll(order.message.reminder_ids.front())};
    std::string key;
    for (int number = 1; number <= 10 && key.empty(); ++number) {
        const std::string name = fmt::format("a{}", number);
        key = world.open_review(name).id == review ? name : "";
    }
    REQUIRE_FALSE(key.empty());
    world.drop_account(key);
    world.import(at(monday, 7, 31));
    REQUIRE(store::Reviews{world.database()}.find(review)->state == store::ReviewState::cancelled);
    const Result<void> late = world.service().outbox().settle(
        order.delivery, order.attempt, outcome(Verdict::accepted), at(monday, 7, 32)
    );
    REQUIRE(late.has_value());
    CHECK(
        store::Outbox{world.database()}.find(order.delivery)->state
        == store::DeliveryState::accepted
    );
    world.sent.clear();
    world.run_through(at(monday, 7, 33), at(monday + days{14}, 12));
    for (const auto& [reminder, count] : world.sent_reminders()) {
        CHECK(reminder.rfind(fmt::format("{}/", review.value), 0) != 0);
    }
}

TEST_CASE(
    "a round is durable as a whole and keeps late words apart", "[service][outbox][I11][F37]"
) {
    test::World world;
    prepare(world);
    REQUIRE(test::run_until_idle(world.service(), at(monday, 7, 30)).has_value());
    auto& outbox = world.service().outbox();
    service::Round claims;
    claims.wanted.push_back({"desk", 8, 0});
    const auto claimed = outbox.run(claims, at(monday, 7, 30)).value();
    REQUIRE(claimed.orders.size() == 1);
    const service::SendOrder& order = claimed.orders[0];
    service::Round next;
    next.commits.emplace_back(order.delivery, order.attempt);
    next.commits.emplace_back(order.delivery, order.attempt + 1);
    next.commits.emplace_back(DeliveryId{999}, 1);
    const auto passed = outbox.run(next, at(monday, 7, 30)).value();
    CHECK(passed.may_go_on == std::vector<bool>{true, false, false});
    service::Round last;
    last.ended.push_back({DeliveryId{999}, 1, outcome(Verdict::accepted)});
    last.ended.push_back({order.delivery, order.attempt, outcome(Verdict::accepted)});
    last.ended.push_back({order.delivery, order.attempt, outcome(Verdict::temporary)});
    const auto recorded = outbox.run(last, at(monday, 7, 31)).value();
    CHECK(recorded.problems.size() == 2);
    CHECK(in_state(world, store::DeliveryState::accepted).size() >= 1);
    CHECK(in_state(world, store::DeliveryState::wait).empty());
}

TEST_CASE("a channel told to be brief names no customer", "[service][outbox][content]") {
    test::World world;
    world.show_html();
    world.edit_settings("desk: { type: exec", "desk: { type: exec, content: minimal");
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
    world.traits = [](std::string_view /*channel*/) {
        notify::DeliveryTraits traits;
        traits.schedule = notify::DeliveryTraits::Schedule::webhook;
        traits.when_uncertain = notify::DeliveryTraits::WhenUncertain::resend_once;
        return traits;
    };
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

TEST_CASE("notifiers that were replaced are asked for their kind again", "[service][outbox]") {
    test::World world;
    int asked = 0;
    world.traits = [&asked](std::string_view /*channel*/) {
        ++asked;
        return notify::DeliveryTraits{};
    };
    prepare(world);
    world.run(at(monday, 12));
    const int before = asked;
    CHECK(before > 0);
    world.run(at(monday, 12, 1));
    CHECK(asked == before);
    world.service().outbox().channels_changed();
    world.run(at(monday, 12, 1));
    CHECK(asked > before);
}

} // namespace reviewd::test::test_sending
