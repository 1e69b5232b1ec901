// What came to nothing is told to those who look after the service, once a morning.
#include "daemon/store/transaction.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/service/world.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <set>

namespace reviewd::test::test_operator_digests {

using namespace reviewd;
using namespace std::chrono_literals;
using notify::Outcome;
using notify::Verdict;
using std::chrono::days;
using test::at;

namespace {

const Date monday{2026y / 11 / 23};
const service::Actor somebody{"it", "socket"};

void name_operators(test::World& world, const std::string& keys) {
    world.edit_settings("\npeople:\n", "\noperators: " + keys + "\npeople:\n");
}

boost::json::object payload_of(const notify::Message& message) {
    return boost::json::parse(message.payload).as_object();
}

bool is_for_operators(const notify::Message& message) {
    return payload_of(message).at("kind") == "operator";
}

std::vector<test::Sent> operator_digests(const test::World& world) {
    std::vector<test::Sent> found;
    std::copy_if(
        world.sent.begin(),
        world.sent.end(),
        std::back_inserter(found),
        [](const test::Sent& sent) { return is_for_operators(sent.message); }
    );
    return found;
}

Outcome refused() {
    Outcome outcome;
    outcome.verdict = Verdict::permanent;
    outcome.reason = notify::Reason::rejected;
    outcome.reply = "550 5.1.1 no such user";
    return outcome;
}

Outcome taken() {
    Outcome outcome;
    outcome.verdict = Verdict::accepted;
    return outcome;
}

/// Everybody's messages until then are refused, those to operators never.
void refuse_until(test::World& world, TimePoint end) {
    world.answer = [end](const service::SendOrder& order, TimePoint now) {
        return now < end && !is_for_operators(order.message) ? refused() : taken();
    };
}

std::int64_t count_failed(test::World& world) {
    store::DeliveryFilter failed;
    failed.state = store::DeliveryState::failed;
    return static_cast<std::int64_t>(world.service().views().deliveries(failed).size());
}

} // namespace

TEST_CASE("operators read once a morning what came to nothing", "[service][operators]") {
    test::World world;
    world.show_html();
    name_operators(world, "[ruth]");
    world.open(at(monday, 5));
    refuse_until(world, at(monday + days{1}, 7));
    world.run_through(at(monday, 5), at(monday + days{4}, 12));
    const auto digests = operator_digests(world);
    REQUIRE_FALSE(digests.empty());
    std::set<TimePoint> mornings;
    std::int64_t told = 0;
    for (const test::Sent& sent : digests) {
        CHECK(sent.message.recipient.name == "Ruth Okafor");
        CHECK(sent.at - TimePoint{std::chrono::floor<days>(sent.at)} == 7h + 30min);
        CHECK(mornings.insert(sent.at).second);
        const auto payload = payload_of(sent.message);
        told += payload.at("deliveries").as_int64();
        REQUIRE(payload.at("groups").as_array().size() == 1);
    }
    CHECK(told == count_failed(world));
    CHECK(*mornings.rbegin() == at(monday + days{1}, 7, 30));
    const notify::Message& last = digests.back().message;
    REVIEWD_CHECK_CONTAINS(last.subject, "Not delivered: ");
    REVIEWD_CHECK_CONTAINS(last.text, "desk: ");
    REVIEWD_CHECK_CONTAINS(last.text, "refused for good");
    REVIEWD_CHECK_CONTAINS(last.text, "550 5.1.1 no such user");
    REVIEWD_CHECK_CONTAINS(last.text, "reviewctl outbox show ");
    REVIEWD_CHECK_CONTAINS(last.text, "Nothing took over");
    REVIEWD_CHECK_CONTAINS(last.html, "refused for good");
    CHECK(last.text.find("Account a") == std::string::npos);
}

TEST_CASE("a digest for operators that fails makes no other one", "[service][operators]") {
    test::World world;
    name_operators(world, "[ruth]");
    world.open(at(monday, 5));
    std::set<std::string> tried;
    TimePoint last{};
    world.answer = [&](const service::SendOrder& order, TimePoint now) {
        if (is_for_operators(order.message)) {
            tried.insert(order.message.id);
            last = now;
            return refused();
        }
        return now < at(monday, 12) ? refused() : taken();
    };
    world.run_through(at(monday, 5), at(monday + days{10}, 12));
    CHECK(operator_digests(world).empty());
    CHECK_FALSE(tried.empty());
    CHECK(tried.size() <= 2);
    CHECK(last < at(monday + days{1}, 12));
}

TEST_CASE("operators are left in peace when all goes well", "[service][operators]") {
    test::World world;
    name_operators(world, "[ruth, karim]");
    world.open(at(monday, 5));
    world.run_through(at(monday, 5), at(monday + days{7}, 12));
    CHECK_FALSE(world.sent.empty());
    CHECK(operator_digests(world).empty());
}

TEST_CASE("operators read once who left accounts behind", "[service][operators]") {
    test::World world;
    name_operators(world, "[ruth]");
    const std::string others =
        "key,name,email,manager\nruth,Ruth Okafor,,\nkarim,Karim Haddad,,ruth\n"
        "farah,Farah Khan,,karim\nlee,Lee,,\nmo,Mo,,\n";
    world.write_data("people.csv", others + "ana,Ana Costa,,karim\n");
    world.open(at(monday, 5));
    world.run_through(at(monday, 5), at(monday, 12));
    CHECK(operator_digests(world).empty());
    world.write_data("people.csv", others);
    world.import(at(monday, 13));
    world.run_through(at(monday, 13), at(monday + days{3}, 12));
    const auto digests = operator_digests(world);
    REQUIRE(digests.size() == 1);
    CHECK(digests.front().at == at(monday + days{1}, 7, 30));
    const notify::Message& message = digests.front().message;
    CHECK(message.subject == "Without an owner: 6 accounts");
    REVIEWD_CHECK_CONTAINS(message.text, "Ana Costa (ana) is gone: 6 accounts");
    REVIEWD_CHECK_CONTAINS(message.text, "Ask:     Karim Haddad");
    REVIEWD_CHECK_CONTAINS(message.text, "reviewctl review reassign --from ana --to PERSON");
    CHECK(message.text.find("Account a") == std::string::npos);
    const auto give = [&](TimePoint now) {
        const service::Views& views = world.service().views();
        return world.service().accounts().reassign_all(
            views.find_giver("ana").value(), {views.find_person("farah").value(), ""}, somebody, now
        );
    };
    REQUIRE(give(at(monday + days{3}, 12)).has_value());
    world.run_through(at(monday + days{3}, 12), at(monday + days{4}, 12));
    // One more of hers is news again, although she had left more behind before.
    world.put_account({"a11", "ana", 100});
    world.import(at(monday + days{4}, 13));
    world.run_through(at(monday + days{4}, 13), at(monday + days{7}, 12));
    REQUIRE(operator_digests(world).size() == 2);
    CHECK(operator_digests(world).back().message.subject == "Without an owner: 1 account");
}

TEST_CASE("what a person sent again is no news to operators", "[service][operators]") {
    test::World world;
    name_operators(world, "[ruth]");
    world.write_accounts({{"a1", "ana", 42'000}});
    world.open(at(monday, 5));
    world.run(at(monday, 5));
    refuse_until(world, at(monday, 8));
    world.run_through(at(monday, 5), at(monday, 8));
    store::DeliveryFilter failed;
    failed.state = store::DeliveryState::failed;
    const auto deliveries = world.service().views().deliveries(failed);
    REQUIRE(deliveries.size() == 1);
    REQUIRE(
        world.service().outbox().retry(deliveries.front().id, somebody, at(monday, 9)).has_value()
    );
    world.run_through(at(monday, 9), at(monday + days{3}, 12));
    CHECK(operator_digests(world).empty());
}

TEST_CASE("what was tried in vain until it was too late is told, too", "[service][operators]") {
    test::World world;
    name_operators(world, "[ruth]");
    world.open(at(monday, 5));
    world.run(at(monday, 5));
    store::Portfolio portfolio{world.database(), world.service().configuration().rules->schema};
    store::NoticePlan plan;
    plan.kind = "week";
    plan.dedupe = "week/of a test/desk";
    plan.channel = "desk";
    plan.person = portfolio.match_person("karim").value().id;
    plan.not_before = at(monday, 8);
    plan.expires_at = at(monday, 12);
    REQUIRE(store::write(world.database(), [&]() -> Result<void> {
                store::Outbox{world.database()}.plan_notice(plan, at(monday, 5));
                return {};
            }).has_value());
    world.answer = [](const service::SendOrder& order, TimePoint /*now*/) {
        Outcome outcome = taken();
        if (payload_of(order.message).at("kind") == "week") {
            outcome.verdict = Verdict::temporary;
            outcome.reason = notify::Reason::connect;
        }
        return outcome;
    };
    world.run_through(at(monday, 5), at(monday + days{1}, 12));
    const auto digests = operator_digests(world);
    REQUIRE(digests.size() == 1);
    const auto payload = payload_of(digests.front().message);
    const auto& group = payload.at("groups").as_array().front().as_object();
    CHECK(group.at("is_expired").as_bool());
    CHECK(group.at("reason") == "connect");
    REVIEWD_CHECK_CONTAINS(digests.front().message.text, "until it was too late");
}

TEST_CASE("operators read once what may have come and waits for them", "[service][operators]") {
    test::World world;
    world.traits = [](std::string_view /*channel*/) {
        notify::DeliveryTraits traits;
        traits.when_uncertain = notify::DeliveryTraits::WhenUncertain::hold;
        return traits;
    };
    name_operators(world, "[ruth]");
    world.write_accounts({{"a1", "ana", 42'000}});
    world.open(at(monday, 5));
    world.run(at(monday, 5));
    world.answer = [&](const service::SendOrder& order, TimePoint now) {
        REQUIRE(world.service().outbox().mark_commit(order.delivery, order.attempt));
        Outcome outcome = taken();
        if (now < at(monday, 8)) {
            outcome.verdict = Verdict::uncertain;
            outcome.reason = notify::Reason::timeout;
        }
        return outcome;
    };
    world.run_through(at(monday, 5), at(monday + days{2}, 12));
    const auto digests = operator_digests(world);
    REQUIRE(digests.size() == 1);
    CHECK(digests.front().at == at(monday + days{1}, 7, 30));
    const auto payload = payload_of(digests.front().message);
    CHECK(payload.at("groups").as_array().empty());
    REQUIRE(payload.at("waiting").as_array().size() == 1);
    const auto& waiting = payload.at("waiting").as_array().front().as_object();
    CHECK(waiting.at("channel") == "desk");
    CHECK(waiting.at("why") == "uncertain");
    CHECK(waiting.at("deliveries").as_int64() == 1);
    CHECK(waiting.at("since") == "2026-11-23");
    const std::string& text = digests.front().message.text;
    REVIEWD_CHECK_CONTAINS(text, "since 23 Nov, and may have come already");
    const auto number = waiting.at("delivery").as_int64();
    REVIEWD_CHECK_CONTAINS(text, "reviewctl outbox release " + std::to_string(number));
    CHECK(text.find("Account a1") == std::string::npos);
    // What it says to type is what lets it go.
    CHECK(world.service()
              .outbox()
              .release(DeliveryId{number}, somebody, at(monday + days{2}, 13))
              .has_value());
}

TEST_CASE("operators read what somebody holds back, and since when", "[service][operators]") {
    test::World world;
    name_operators(world, "[ruth]");
    world.answer = [](const service::SendOrder& /*order*/, TimePoint /*now*/) {
        Outcome later;
        later.verdict = Verdict::temporary;
        later.reason = notify::Reason::connect;
        return later;
    };
    world.open(at(monday, 5));
    world.run(at(monday, 5));
    const auto deliveries = world.service().views().deliveries({});
    REQUIRE(deliveries.size() == 1);
    const DeliveryId id = deliveries.front().id;
    REQUIRE(world.service()
                .outbox()
                .hold(id, "Account a1 has a quarrel", somebody, at(monday, 6))
                .has_value());
    world.answer = [](const service::SendOrder& /*order*/, TimePoint /*now*/) {
        return taken();
    };
    world.run_through(at(monday, 6), at(monday, 12));
    const auto digests = operator_digests(world);
    REQUIRE(digests.size() == 1);
    const auto payload = payload_of(digests.front().message);
    const auto& waiting = payload.at("waiting").as_array().front().as_object();
    CHECK(waiting.at("why") == "held");
    CHECK(waiting.at("delivery").as_int64() == id.value);
    // Why it is held may speak of a customer: that stays where one looks it up.
    CHECK(digests.front().message.text.find("quarrel") == std::string::npos);
    CHECK(digests.front().message.payload.find("quarrel") == std::string::npos);
}

TEST_CASE("operators read how much waits on a channel that is paused", "[service][operators]") {
    test::World world;
    name_operators(world, "[ruth]");
    world.edit_settings("channels:\n", "channels:\n  spare: { type: file, path: spare.jsonl }\n");
    world.edit_settings("  farah: {", "  ruth: { channels: [spare] }\n  farah: {");
    world.write_accounts({{"a1", "ana", 42'000}});
    world.open(at(monday, 5));
    world.run(at(monday, 5));
    auto& outbox = world.service().outbox();
    REQUIRE(outbox.pause_channel("desk", "a new relay", somebody, at(monday, 6)).has_value());
    world.run_through(at(monday, 6), at(monday, 12));
    const auto digests = operator_digests(world);
    REQUIRE(digests.size() == 1);
    CHECK(digests.front().at == at(monday, 7, 30));
    const auto payload = payload_of(digests.front().message);
    const auto& waiting = payload.at("waiting").as_array().front().as_object();
    CHECK(waiting.at("channel") == "desk");
    CHECK(waiting.at("why") == "paused");
    CHECK(waiting.at("reason") == "a new relay");
    CHECK(waiting.at("since") == "2026-11-23");
    CHECK(waiting.at("deliveries").as_int64() >= 1);
    REVIEWD_CHECK_CONTAINS(digests.front().message.text, "reviewctl notifier resume desk");
    // It is over when somebody lets the channel go on.
    REQUIRE(outbox.resume_channel("desk", somebody, at(monday, 12)).has_value());
    world.run_through(at(monday, 12), at(monday + days{2}, 12));
    CHECK(operator_digests(world).size() == 1);
}

TEST_CASE("an operator whom nobody knows is named in the log", "[service][operators]") {
    test::World world;
    name_operators(world, "[ruth, root]");
    world.open(at(monday, 5));
    const service::Tick tick = test::run_until_idle(world.service(), at(monday, 5)).value();
    const auto told =
        std::count_if(tick.notices.begin(), tick.notices.end(), [](const service::Notice& notice) {
            return notice.message.find("`operators:` names `root`") != std::string::npos;
        });
    CHECK(told == 1);
}

} // namespace reviewd::test::test_operator_digests
