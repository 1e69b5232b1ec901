// What stands in a morning's digest beside what a reminder is due for.
#include "tests/support/catch.hpp"
#include "tests/unit/service/world.hpp"

#include <boost/json.hpp>

namespace reviewd::test::test_digests {

using namespace reviewd;
using namespace std::chrono_literals;
using std::chrono::days;
using test::at;

namespace {

namespace json = boost::json;

const Date monday{2026y / 11 / 23};

/// A person's open reviews by when they are due, as a digest counts them.
struct Counted {
    std::int64_t late = 0;
    std::int64_t week = 0; ///< today and the six days after it
};

Counted count_due(test::World& world, const std::string& owner, TimePoint now) {
    Counted counted;
    for (const service::PersonView& person : world.service().views().people(now)) {
        if (person.profile.name != owner) {
            continue;
        }
        const Date today = person.profile.today(now);
        for (const store::Review& review : world.open_reviews()) {
            const bool is_theirs = review.owner == person.profile.id;
            counted.late += is_theirs && review.due < today ? 1 : 0;
            const bool is_near = review.due >= today && review.due < today + days{7};
            counted.week += is_theirs && is_near ? 1 : 0;
        }
    }
    return counted;
}

} // namespace

TEST_CASE("a digest counts all that is late, also what has no step today", "[service][digest]") {
    test::World world;
    int with_more_late = 0;
    int with_more_to_come = 0;
    world.answer = [&](const service::SendOrder& order, TimePoint now) {
        const json::value payload = json::parse(order.message.payload);
        if (payload.at("kind") == "digest"
            && order.message.payload.find("escalated\":0") != std::string::npos) {
            const Counted due = count_due(world, order.message.recipient.name, now);
            const json::value& counts = payload.at("counts");
            const std::string today{payload.at("today").as_string()};
            std::int64_t late_items = 0;
            std::int64_t near_items = 0;
            for (const json::value& item : payload.at("items").as_array()) {
                const Date day = parse_date(item.at("due").as_string().c_str()).value();
                const bool is_late = day < parse_date(today).value();
                late_items += is_late ? 1 : 0;
                near_items += !is_late && day < parse_date(today).value() + days{7} ? 1 : 0;
            }
            INFO(order.message.recipient.name << " on " << today << ": " << order.message.text);
            CHECK(counts.at("late").as_int64() == due.late);
            const std::int64_t week_items = std::count_if(
                payload.at("items").as_array().begin(),
                payload.at("items").as_array().end(),
                [](const json::value& item) { return item.at("section") == "week"; }
            );
            CHECK(counts.at("week").as_int64() == due.week - near_items + week_items);
            with_more_late += due.late > late_items ? 1 : 0;
            with_more_to_come += due.week > near_items ? 1 : 0;
        }
        notify::Outcome accepted;
        accepted.verdict = notify::Verdict::accepted;
        return accepted;
    };
    world.open(at(monday, 5));
    world.run_through(at(monday, 5), at(monday + days{90}, 12));
    CHECK(with_more_late > 5);
    CHECK(with_more_to_come > 0);
}

TEST_CASE("what was agreed for today comes first, by its hour", "[service][digest]") {
    test::World world;
    world.open(at(monday, 5));
    world.run(at(monday, 5));
    const service::Actor ana{"ana", "socket"};
    const TimePoint noon = at(monday, 12);
    const Date thursday = monday + days{3};
    auto& desk = world.service().reviews();
    const auto agree = [&](const std::string& account, std::chrono::minutes time) {
        const service::ReviewDesk::Appointment agreed{thursday, time};
        REQUIRE(desk.appoint(world.open_review(account).id, agreed, ana, noon).has_value());
    };
    agree("a5", 16h + 30min);
    agree("a3", 9h);
    agree("a4", 0h); // that day, at no hour
    // Whatever their scores are: this one's is the highest.
    const ReviewId first = world.open_review("a1").id;
    REQUIRE(desk.reschedule(first, thursday, "", ana, noon).has_value());
    world.run_through(noon, at(thursday - days{1}, 23));
    world.sent.clear();
    world.run_through(at(thursday, 0), at(thursday, 12));
    std::vector<std::string> accounts;
    std::string text;
    for (const test::Sent& sent : world.sent) {
        if (sent.message.recipient.name != "Ana Costa") {
            continue;
        }
        text = sent.message.text;
        const json::value payload = json::parse(sent.message.payload);
        for (const json::value& item : payload.at("items").as_array()) {
            if (item.at("section") == "today") {
                accounts.emplace_back(item.at("account").at("key").as_string());
            }
        }
        const json::value& agreed = payload.at("items").at(1).at("appointment");
        CHECK(agreed.at("day") == "2026-11-26");
        CHECK(agreed.at("time") == "16:30");
        CHECK(agreed.at("zone") == "Europe/London");
    }
    CHECK(accounts == std::vector<std::string>{"a3", "a5", "a1", "a4"});
    REVIEWD_CHECK_CONTAINS(text, "Agreed  09:00\n");
    REVIEWD_CHECK_CONTAINS(text, "Agreed  16:30\n");
    REVIEWD_CHECK_CONTAINS(text, ", agreed for 26 Nov");
}

} // namespace reviewd::test::test_digests
