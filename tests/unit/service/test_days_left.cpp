// What a trigger or a promise of the plan holds to one day, and what lets the review leave it.
#include "daemon/store/occasions.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/service/world.hpp"

#include <algorithm>

namespace reviewd::test::test_days_left {

using namespace reviewd;
using namespace std::chrono_literals;
using std::chrono::days;
using test::at;

namespace {

const Date monday{2026y / 11 / 23};
const service::Actor ana{"ana", "socket"};

constexpr auto complaint = "  - id: complaint\n"
                           "    source: tickets\n"
                           "    when: closed == null\n"
                           "    contact_within: 2 working days\n";

/// The world with tickets, of which an open one is a complaint.
void prepare(test::World& world) {
    world.watch_tickets(complaint);
    world.open(at(monday, 12));
    world.run(at(monday, 12));
}

} // namespace

TEST_CASE("a closed ticket is no reason any more", "[service][trigger]") {
    test::World world;
    prepare(world);
    world.write_data("tickets.csv", "key,account,title,opened,closed\nT-1,a6,Jams,2026-11-23,\n");
    world.import(at(monday, 14));
    REQUIRE(world.open_review("a6").reasons != "[]");
    world.write_data(
        "tickets.csv", "key,account,title,opened,closed\nT-1,a6,Jams,2026-11-23,2026-11-23\n"
    );
    world.import(at(monday, 15));
    CHECK(world.open_review("a6").reasons == "[]");
    const auto occasions = store::Occasions{world.database()}.history(world.account("a6").id);
    CHECK(occasions[0].state == store::OccasionState::gone);
    world.sent.clear();
    world.run_through(at(monday, 16), at(monday + days{1}, 12));
    const auto sent = world.sent_reminders();
    CHECK(std::none_of(sent.begin(), sent.end(), [](const auto& told) {
        return told.first.find("/trigger/") != std::string::npos;
    }));
    test::check_invariants(world, at(monday + days{1}, 12));
}

TEST_CASE("what a closed ticket pulled goes back to its own time", "[service][trigger][I6]") {
    test::World world;
    prepare(world);
    const std::string account = "a6";
    const bool was_held = GENERATE(true, false);
    if (was_held) {
        REQUIRE(world.service()
                    .reviews()
                    .done(world.open_review(account).id, {}, ana, at(monday, 13))
                    .has_value());
    }
    const store::Review before = world.open_review(account);
    const auto write_ticket = [&](const std::string& closed) {
        world.write_data(
            "tickets.csv",
            "key,account,title,opened,closed\nT-1," + account + ",Jams,2026-11-23," + closed + "\n"
        );
    };
    write_ticket("");
    world.import(at(monday + days{1}, 14));
    REQUIRE(world.open_review(account).due <= before.due);
    REQUIRE(world.open_review(account).due <= monday + days{3});
    write_ticket("2026-11-24");
    world.import(at(monday + days{1}, 15));
    const store::Review after = world.open_review(account);
    CHECK(after.reasons == "[]");
    CHECK(after.due == before.due);
    CHECK_FALSE(after.pulled_from.has_value());
    CHECK(after.due <= after.latest);
    CHECK(after.latest == before.latest);
    test::check_invariants(world, at(monday + days{1}, 15));
}

TEST_CASE(
    "what no ticket pulled is as late as it was when one is closed", "[service][trigger][I6]"
) {
    test::World world;
    prepare(world);
    service::ReviewDesk& desk = world.service().reviews();
    REQUIRE(desk.done(world.open_review("a1").id, {}, ana, at(monday, 13)).has_value());
    const store::Review before = world.open_review("a1");
    // Noticed the day before its own, and when it was late.
    const int noticed = GENERATE(-1, 6);
    const Date day = before.due + days{noticed};
    world.run_through(at(monday, 15), at(day, 12));
    const auto write_ticket = [&](const std::string& closed) {
        world.write_data(
            "tickets.csv",
            "key,account,title,opened,closed\nT-1,a1,Jams," + to_string(day) + "," + closed + "\n"
        );
    };
    write_ticket("");
    world.import(at(day, 14));
    REQUIRE(world.open_review("a1").reasons != "[]");
    REQUIRE(world.open_review("a1").due == before.due);
    write_ticket(to_string(day));
    world.import(at(day, 15));
    CHECK(world.open_review("a1").reasons == "[]");
    CHECK(world.open_review("a1").due == before.due);
    CHECK(world.open_review("a1").occurrence == before.occurrence);
}

TEST_CASE("a retry that was pulled has its own time back", "[service][trigger][I6]") {
    test::World world;
    prepare(world);
    world.write_data("tickets.csv", "key,account,title,opened,closed\nT-1,a6,Jams,2026-11-23,\n");
    world.import(at(monday, 14));
    service::ReviewDesk& desk = world.service().reviews();
    const auto retry = desk.missed(world.open_review("a6").id, "", ana, at(monday, 15));
    REQUIRE(retry.has_value());
    REQUIRE(world.open_review("a6").due <= monday + days{2});
    world.write_data(
        "tickets.csv", "key,account,title,opened,closed\nT-1,a6,Jams,2026-11-23,2026-11-23\n"
    );
    world.import(at(monday, 16));
    const store::Review after = world.open_review("a6");
    CHECK(after.kind == "retry");
    CHECK(after.due == monday + days{14});
    CHECK(after.latest == monday + days{28});
    test::check_invariants(world, at(monday, 16));
}

TEST_CASE("a later ticket loosens what the one before pulled", "[service][trigger][I6]") {
    test::World world;
    prepare(world);
    const store::Review before = world.open_review("a6");
    const auto write_tickets = [&](const std::string& first, const std::string& second) {
        world.write_data(
            "tickets.csv",
            "key,account,title,opened,closed\nT-1,a6,Jams,2026-11-23," + first
                + "\nT-2,a6,Smells,2026-11-25," + second + "\n"
        );
    };
    world.write_data("tickets.csv", "key,account,title,opened,closed\nT-1,a6,Jams,2026-11-23,\n");
    world.import(at(monday, 14));
    const store::Review pulled = world.open_review("a6");
    REQUIRE(pulled.latest == monday + days{2});
    world.run_through(at(monday, 15), at(monday + days{2}, 5));
    write_tickets("2026-11-24", "");
    world.import(at(monday + days{2}, 5));
    const store::Review loosened = world.open_review("a6");
    CHECK(loosened.due > pulled.due);
    CHECK(loosened.due <= monday + days{4});
    write_tickets("2026-11-24", "2026-11-25");
    world.import(at(monday + days{2}, 6));
    CHECK(world.open_review("a6").due == before.due);
    test::check_invariants(world, at(monday + days{2}, 6));
}

TEST_CASE("a chosen day comes back once the ticket is closed", "[service][trigger]") {
    test::World world;
    prepare(world);
    service::ReviewDesk& desk = world.service().reviews();
    const Date chosen = monday + days{9};
    const ReviewId review = world.open_review("a1").id;
    REQUIRE(desk.reschedule(review, chosen, "as they like", ana, at(monday, 13)).has_value());
    const auto write_ticket = [&](const std::string& closed) {
        world.write_data(
            "tickets.csv",
            "key,account,title,opened,closed\nT-1,a1,Jams,2026-11-23," + closed + "\n"
        );
    };
    write_ticket("");
    world.import(at(monday, 14));
    REQUIRE(world.open_review("a1").due == monday + days{2});
    // At once, or when it is late.
    const Date day = monday + days{GENERATE(1, 4)};
    world.run_through(at(monday, 15), at(day, 12));
    REQUIRE(world.open_review("a1").due == monday + days{2});
    write_ticket("2026-11-24");
    world.import(at(day, 13));
    const store::Review after = world.open_review("a1");
    CHECK(after.due == chosen);
    CHECK(after.is_chosen);
    CHECK_FALSE(after.pulled_from.has_value());
    CHECK(after.next_step <= chosen);
}

TEST_CASE("a chosen day does not come back while a ticket stands", "[service][trigger][I6]") {
    test::World world;
    prepare(world);
    service::ReviewDesk& desk = world.service().reviews();
    const ReviewId review = world.open_review("a1").id;
    const Date chosen = monday + days{3};
    REQUIRE(desk.reschedule(review, chosen, "as they like", ana, at(monday, 13)).has_value());
    std::string tickets = "key,account,title,opened,closed\nT-1,a1,Jams,2026-11-23,\n";
    world.write_data("tickets.csv", tickets);
    world.import(at(monday, 14));
    const store::Review pulled = world.open_review("a1");
    REQUIRE(pulled.due == monday + days{2});
    const Date later = monday + days{7};
    world.run_through(at(monday, 15), at(later, 12));
    world.write_data("tickets.csv", tickets + "T-2,a1,Smells,2026-11-30,\n");
    world.import(at(later, 13));
    CHECK(world.open_review("a1").due == pulled.due);
    CHECK(world.open_review("a1").occurrence == pulled.occurrence);
}

TEST_CASE("what was wanted earlier, though not at the latest, goes back", "[service][trigger]") {
    test::World world;
    world.watch_tickets(
        "  - { id: check-in, source: tickets, when: closed == null, after: 14 days,\n"
        "      contact_within: 20 working days }\n"
    );
    world.open(at(monday, 12));
    world.run(at(monday, 12));
    service::ReviewDesk& desk = world.service().reviews();
    REQUIRE(desk.done(world.open_review("a1").id, {}, ana, at(monday, 13)).has_value());
    const store::Review before = world.open_review("a1");
    const std::string ticket = "key,account,title,opened,closed\nT-1,a1,Jams,2026-11-24,";
    world.write_data("tickets.csv", ticket + "\n");
    world.import(at(monday + days{1}, 14));
    const store::Review pulled = world.open_review("a1");
    REQUIRE(pulled.due == monday + days{15});
    REQUIRE(pulled.latest >= before.due);
    world.write_data("tickets.csv", ticket + "2026-11-25\n");
    world.import(at(monday + days{2}, 14));
    CHECK(world.open_review("a1").due == before.due);
    test::check_invariants(world, at(monday + days{2}, 14));
}

TEST_CASE("an invitation stays though the ticket is closed", "[service][trigger]") {
    test::World world;
    prepare(world);
    world.write_data("tickets.csv", "key,account,title,opened,closed\nT-1,a6,Jams,2026-11-23,\n");
    world.import(at(monday, 14));
    const store::Review pulled = world.open_review("a6");
    REQUIRE(world.service().reviews().invite(pulled.id, ana, at(monday, 15)).has_value());
    world.write_data(
        "tickets.csv", "key,account,title,opened,closed\nT-1,a6,Jams,2026-11-23,2026-11-23\n"
    );
    world.import(at(monday, 16));
    CHECK(world.open_review("a6").reasons == "[]");
    CHECK(world.open_review("a6").due == pulled.due);
}

TEST_CASE("a contact leaves the day that was told", "[service][trigger]") {
    test::World world;
    prepare(world);
    const store::Review before = world.open_review("a1");
    service::ReviewDesk& desk = world.service().reviews();
    REQUIRE(desk.reschedule(before.id, monday + days{18}, "", ana, at(monday, 13)).has_value());
    const auto after =
        world.service().accounts().contact(world.account("a1").id, {}, ana, at(monday, 14));
    REQUIRE(after.has_value());
    CHECK(after->earliest < monday + days{18});
    CHECK(after->due == after->target);
    CHECK(after->due == monday + days{30});
}

TEST_CASE("an outcome that is taken back leaves the reason as it was", "[service][trigger][desk]") {
    test::World world;
    world.watch_tickets(
        "  - { id: silence, when: '!known(last_review_days)', contact_within: 5 working days }\n"
    );
    world.open(at(monday, 12));
    world.run(at(monday, 12));
    const store::Review before = world.open_review("a6");
    REQUIRE(before.reasons != "[]");
    const auto reasons = [&] {
        return store::Occasions{world.database()}.history(world.account("a6").id);
    };
    const auto first = reasons();
    REQUIRE(first.size() == 1);
    const Date later = monday + days{2};
    world.run_through(at(monday, 13), at(later, 12));
    service::ReviewDesk& desk = world.service().reviews();
    REQUIRE(desk.done(before.id, {}, ana, at(later, 13)).has_value());
    world.run(at(later, 13));
    REQUIRE(reasons().front().state == store::OccasionState::answered);
    REQUIRE(desk.reopen(before.id, ana, at(later, 14)).has_value());
    world.run(at(later, 14));
    REQUIRE(reasons().size() == 1);
    CHECK(reasons().front().state == store::OccasionState::open);
    CHECK(reasons().front().noticed == first.front().noticed);
    CHECK(world.open_review("a6").latest == before.latest);
    CHECK(world.open_review("a6").reasons == before.reasons);
}

} // namespace reviewd::test::test_days_left
