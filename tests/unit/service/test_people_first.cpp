// Nobody is annoyed: quiet hours, one digest after an outage, stand-ins, the managers' week.
#include "tests/support/catch.hpp"
#include "tests/unit/service/world.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <set>

namespace reviewd::test::test_people_first {

using namespace reviewd;
using namespace std::chrono_literals;
using notify::Outcome;
using notify::Verdict;
using std::chrono::days;
using test::at;

namespace {

const Date monday{2026y / 11 / 23};

std::vector<test::Sent> sent_to(const test::World& world, const std::string& name) {
    std::vector<test::Sent> found;
    for (const test::Sent& sent : world.sent) {
        if (sent.message.recipient.name == name) {
            found.push_back(sent);
        }
    }
    return found;
}

} // namespace

TEST_CASE(
    "after an outage of days there is one digest, with everything", "[service][people][F21]"
) {
    test::World world;
    world.open(at(monday, 5));
    world.answer = [&](const service::SendOrder& /*order*/, TimePoint now) {
        Outcome outcome;
        outcome.verdict = now < at(monday + days{3}, 7) ? Verdict::temporary : Verdict::accepted;
        return outcome;
    };
    world.run_through(at(monday, 5), at(monday + days{3}, 12));
    const auto digests = sent_to(world, "Ana Costa");
    REQUIRE(digests.size() == 1);
    CHECK(digests[0].at == at(monday + days{3}, 7, 30));
    CHECK(digests[0].message.reminder_ids.size() >= 3);
    for (const auto& [key, times] : world.sent_reminders()) {
        INFO(key);
        CHECK(times == 1);
    }
}

TEST_CASE("after a stop of days there is one digest, not one per day", "[service][people][F21]") {
    test::World world;
    world.open(at(monday, 5));
    world.answer = [](const service::SendOrder& /*order*/, TimePoint /*now*/) {
        Outcome outcome;
        outcome.verdict = Verdict::temporary;
        return outcome;
    };
    world.run_through(at(monday, 5), at(monday, 9));
    world.close();
    world.answer = nullptr;
    world.sent.clear();
    world.open(at(monday + days{9}, 11));
    world.run(at(monday + days{9}, 11));
    world.run_through(at(monday + days{9}, 11), at(monday + days{9}, 20));
    CHECK(sent_to(world, "Ana Costa").size() == 1);
}

TEST_CASE("what fails into the night waits for the morning", "[service][people][I4]") {
    test::World world;
    world.open(at(monday, 5));
    std::vector<TimePoint> tries;
    world.answer = [&](const service::SendOrder& order, TimePoint now) {
        if (order.message.recipient.name == "Ana Costa") {
            tries.push_back(now);
        }
        Outcome outcome;
        outcome.verdict = Verdict::temporary;
        return outcome;
    };
    world.run_through(at(monday, 5), at(monday + days{2}, 5));
    REQUIRE(tries.size() > 5);
    for (const TimePoint time : tries) {
        const auto local = time - TimePoint{std::chrono::floor<days>(time)};
        INFO(to_string(time));
        CHECK(local >= 7h);
        CHECK(local < 20h);
    }
}

TEST_CASE("managers get one report a week, of their people", "[service][people][week]") {
    test::World world;
    world.show_html();
    world.edit_settings("    remind_at: 07:30\n", "    remind_at: 07:30\n    quiet_hours: none\n");
    world.open(at(monday, 12));
    world.run_through(at(monday, 12), at(monday + days{15}, 12));
    std::map<std::string, std::vector<test::Sent>> reports;
    for (const test::Sent& sent : world.sent) {
        const auto payload = boost::json::parse(sent.message.payload).as_object();
        if (payload.at("kind") == "week") {
            reports[sent.message.recipient.name].push_back(sent);
        }
    }
    // The first Monday was over when the service began; the next two have one each.
    REQUIRE(reports.size() == 2);
    REQUIRE(reports["Karim Haddad"].size() == 2);
    REQUIRE(reports["Ruth Okafor"].size() == 2);
    const test::Sent& first = reports["Karim Haddad"].front();
    CHECK(first.at == at(monday + days{7}, 7, 30));
    CHECK(first.message.reminder_ids.empty());
    REVIEWD_CHECK_CONTAINS(first.message.subject, "Week to 29 Nov");
    REVIEWD_CHECK_CONTAINS(first.message.text, "Ana Costa");
    REVIEWD_CHECK_CONTAINS(first.message.text, "Farah Khan");
    REVIEWD_CHECK_CONTAINS(first.message.html, "Ana Costa");
    const auto payload = boost::json::parse(first.message.payload).as_object();
    CHECK(payload.at("team").as_array().size() == 2);
    // Karim's own manager sees three.
    const auto above = boost::json::parse(reports["Ruth Okafor"].front().message.payload);
    CHECK(above.at("team").as_array().size() == 3);
}

} // namespace reviewd::test::test_people_first
