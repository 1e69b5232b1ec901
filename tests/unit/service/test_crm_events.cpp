// Events for other systems: once each, in the transaction of what happened, through the outbox.
#include "tests/support/catch.hpp"
#include "tests/unit/service/world.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <set>

namespace reviewd::test::test_crm_events {

using namespace reviewd;
using namespace std::chrono_literals;
using test::at;

namespace {

const Date monday{2026y / 11 / 23};
const service::Actor ana{"ana", "socket"};

struct Told {
    test::World world;

    explicit Told(const std::string& only = "") {
        world.edit_settings("channels:\n", "channels:\n  crm: { type: file, path: crm.jsonl }\n");
        world.edit_settings("people:\n", "events: { channels: crm" + only + " }\npeople:\n");
        world.open(at(monday, 12));
        world.run(at(monday, 12));
    }

    std::vector<boost::json::object> events(const std::string& type) {
        std::vector<boost::json::object> found;
        for (const test::Sent& sent : world.sent) {
            const auto payload = boost::json::parse(sent.message.payload).as_object();
            if (payload.contains("type") && payload.at("type").as_string() == type) {
                found.push_back(payload);
            }
        }
        return found;
    }
};

} // namespace

TEST_CASE("every planned review is told once, with its account", "[service][events]") {
    Told told;
    const auto planned = told.events("review.planned");
    CHECK(planned.size() == 10);
    const auto& data = planned.front().at("data").as_object();
    CHECK_FALSE(data.at("account").at("key").as_string().empty());
    CHECK(data.at("owner").is_string());
    CHECK(data.at("review").at("due").as_string().size() == 10);
    told.world.close();
    told.world.open(at(monday, 13));
    told.world.run(at(monday, 13));
    CHECK(told.events("review.planned").size() == 10);
}

TEST_CASE("done is told with its answers, and the next review with it", "[service][events]") {
    Told told;
    told.world.sent.clear();
    const store::Review review = told.world.open_review("a1");
    service::Outcome outcome;
    outcome.answers = {{"satisfaction", "9"}, {"needs", "a \"second\" tray"}};
    outcome.note = "went well";
    REQUIRE(told.world.service().reviews().done(review.id, outcome, ana, at(monday, 13)).has_value()
    );
    told.world.run(at(monday, 13));
    const auto done = told.events("review.done");
    REQUIRE(done.size() == 1);
    const auto& data = done.front().at("data").as_object();
    CHECK(data.at("review").at("id").as_int64() == review.id.value);
    CHECK(data.at("held_on").as_string() == "2026-11-23");
    CHECK(data.at("answers").at("satisfaction").as_int64() == 9);
    CHECK(data.at("answers").at("needs").as_string() == "a \"second\" tray");
    CHECK(data.at("note").as_string() == "went well");
    CHECK(told.events("review.planned").size() == 1);
}

TEST_CASE("a level that changed is told, a first score is not", "[service][events]") {
    Told told{", only: [level.changed]"};
    CHECK(told.events("level.changed").empty());
    told.world.put_account({"a1", "ana", 100});
    told.world.import(at(monday, 14));
    told.world.run(at(monday, 14));
    const auto changed = told.events("level.changed");
    REQUIRE(changed.size() == 1);
    const auto& level = changed.front().at("data").at("level").as_object();
    CHECK(level.at("from").as_string() == "high");
    CHECK(level.at("to").as_string() == "low");
    CHECK(told.events("review.planned").empty());
}

TEST_CASE("a day that a review comes back to is told again", "[service][events]") {
    Told told;
    told.world.sent.clear();
    const ReviewId review = told.world.open_review("a1").id;
    const Date day = told.world.open_review("a1").due;
    std::vector<std::string> said;
    TimePoint now = at(monday, 13);
    for (const Date due : {day + std::chrono::days{1}, day, day + std::chrono::days{1}}) {
        now += 1min;
        REQUIRE(told.world.service().reviews().reschedule(review, due, "", ana, now).has_value());
    }
    told.world.run(now);
    for (const auto& event : told.events("review.planned")) {
        said.emplace_back(event.at("data").at("review").at("due").as_string());
    }
    const std::string next = to_string(day + std::chrono::days{1});
    CHECK(said == std::vector<std::string>{next, to_string(day), next});
}

TEST_CASE("a reopened review is told with its new day", "[service][events]") {
    Told told;
    const ReviewId review = told.world.open_review("a1").id;
    service::ReviewDesk& desk = told.world.service().reviews();
    REQUIRE(desk.done(review, {}, ana, at(monday, 13)).has_value());
    told.world.run(at(monday, 13));
    told.world.sent.clear();
    REQUIRE(desk.reopen(review, ana, at(monday, 14)).has_value());
    told.world.run(at(monday, 14));
    const auto planned = told.events("review.planned");
    REQUIRE(planned.size() == 1);
    CHECK(planned.front().at("data").at("review").at("id").as_int64() == review.value);
}

TEST_CASE("a review that changes hands is told with its owner", "[service][events]") {
    Told told;
    told.world.sent.clear();
    const PersonId farah = told.world.service().views().find_person("farah").value();
    service::AccountDesk& accounts = told.world.service().accounts();
    const AccountId account = told.world.account("a1").id;
    REQUIRE(accounts.reassign(account, {farah, ""}, ana, at(monday, 13)).has_value());
    told.world.put_account({"a2", "farah", 30'000});
    told.world.import(at(monday, 14));
    std::vector<std::string> owners;
    for (const auto& event : told.events("review.planned")) {
        const auto& data = event.at("data").as_object();
        owners.push_back(
            std::string{data.at("account").at("key").as_string()} + " "
            + std::string{data.at("owner").as_string()}
        );
    }
    CHECK(std::count(owners.begin(), owners.end(), "a1 farah") >= 1);
    CHECK(std::count(owners.begin(), owners.end(), "a2 farah") >= 1);
}

TEST_CASE("a level that comes and goes on one day is told each time", "[service][events]") {
    Told told{", only: [level.changed]"};
    TimePoint now = at(monday, 14);
    std::vector<std::string> said;
    for (const int budget : {100, 50'000, 100}) {
        now += 1min;
        told.world.put_account({"a1", "ana", budget});
        told.world.import(now);
        told.world.run(now);
    }
    for (const auto& event : told.events("level.changed")) {
        said.emplace_back(event.at("data").at("level").at("to").as_string());
    }
    CHECK(said == std::vector<std::string>{"low", "high", "low"});
}

} // namespace reviewd::test::test_crm_events
