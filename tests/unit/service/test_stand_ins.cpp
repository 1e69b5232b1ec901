// What leave does to lists and counts: who stands in for whom, and what overlaps.
#include "tests/support/catch.hpp"
#include "tests/unit/service/world.hpp"

#include <algorithm>
#include <set>

namespace reviewd::test::test_stand_ins {

using namespace reviewd;
using namespace std::chrono_literals;
using std::chrono::days;
using test::at;

namespace {

const Date monday{2026y / 11 / 23};
const service::Actor ana{"ana", "socket"};

constexpr auto urgent = "  - id: complaint\n"
                        "    source: tickets\n"
                        "    when: closed == null\n"
                        "    contact_within: 2 working days\n"
                        "    when_away: substitute\n";

/// The world with tickets that are urgent.
void prepare(test::World& world) {
    world.watch_tickets(urgent);
    world.open(at(monday, 12));
    world.run(at(monday, 12));
}

/// Ana is away for two weeks, somebody stands in, and an account of Ana's has a complaint.
void prepare_complaint(
    test::World& world, const std::string& substitute = "farah", Date until = monday + days{11}
) {
    world.edit_settings("  farah: {", "  ana: { substitute: " + substitute + " }\n  farah: {");
    prepare(world);
    const service::LeaveDesk::Wanted leave{"ana", monday, until, "a journey"};
    REQUIRE(world.service().leave().add(leave, ana, at(monday, 13)).has_value());
    world.run(at(monday, 13));
    world.write_data("tickets.csv", "key,account,title,opened,closed\nT-1,a6,Jams,2026-11-23,\n");
    world.import(at(monday, 14));
}

/// What managers were sent of the account's review.
std::vector<test::Sent> escalations(test::World& world, const std::string& account) {
    const std::string review = std::to_string(world.open_review(account).id.value) + "/";
    std::vector<test::Sent> found;
    for (const test::Sent& sent : world.sent) {
        const auto& keys = sent.message.reminder_ids;
        if (std::any_of(keys.begin(), keys.end(), [&](const std::string& key) {
                return key.starts_with(review) && key.find("/escalation/") != std::string::npos;
            })) {
            found.push_back(sent);
        }
    }
    return found;
}

} // namespace

TEST_CASE("who stands in hears of it at first, and on its last day", "[service][trigger][F41]") {
    test::World world;
    prepare_complaint(world);
    const auto heard = [&] {
        std::vector<std::string> steps;
        for (const test::Sent& sent : world.sent) {
            for (const std::string& key : sent.message.reminder_ids) {
                if (key.find("/trigger/") != std::string::npos
                    || key.find("/deadline/") != std::string::npos) {
                    const auto day = std::chrono::floor<days>(sent.at).time_since_epoch();
                    steps.push_back(
                        std::to_string((day - monday.time_since_epoch()).count())
                        + (key.find("/trigger/") != std::string::npos ? " trigger " : " deadline ")
                        + sent.message.recipient.address
                    );
                }
            }
        }
        return steps;
    };
    const Date last = world.open_review("a6").latest;
    REQUIRE(last == monday + days{2});
    world.sent.clear();
    const auto run_until = [&](Date day) {
        world.run_through(at(monday, 15), at(day, 12));
    };
    SECTION("nobody calls") {
        run_until(monday + days{9});
        CHECK(
            heard()
            == std::vector<
                std::string>{"1 trigger farah@example.test", "2 deadline farah@example.test"}
        );
    }
    SECTION("somebody calls in time") {
        run_until(monday + days{1});
        service::AccountDesk& accounts = world.service().accounts();
        const auto called = accounts.contact(
            world.account("a6").id, {{}, "mended"}, {"farah", "socket"}, at(monday + days{1}, 13)
        );
        REQUIRE(called.has_value());
        world.run_through(at(monday + days{1}, 13), at(monday + days{9}, 12));
        CHECK(heard() == std::vector<std::string>{"1 trigger farah@example.test"});
    }
    SECTION("its owner is back before") {
        run_until(monday + days{1});
        service::LeaveDesk& leave = world.service().leave();
        const auto known = leave.list("ana");
        REQUIRE(known->size() == 1);
        REQUIRE(leave.remove(known->front().id, ana, at(monday + days{1}, 13)).has_value());
        world.run_through(at(monday + days{1}, 13), at(monday + days{9}, 12));
        CHECK(heard().front() == "1 trigger farah@example.test");
        CHECK(heard().size() == 1);
    }
}

TEST_CASE("a manager hears of a call that nobody made in the owner's place", "[service][trigger]") {
    test::World world;
    std::string substitute = "farah";
    std::optional<std::string> manager = "karim@example.test";
    Date leave_ends = monday + days{11};
    Date called = last_date;
    SECTION("the owner's manager") {}
    SECTION("the next one, where the manager was to call") {
        substitute = "karim";
        manager = "ruth@example.test";
    }
    SECTION("nobody, where nobody is wanted to") {
        world.edit_settings(
            "people:\n  defaults", "reminders: { escalate_days: 0 }\npeople:\n  defaults"
        );
        manager.reset();
    }
    SECTION("nobody, when the owner is back before") {
        leave_ends = monday + days{8};
        manager.reset();
    }
    SECTION("later, when somebody tried") {
        called = monday + days{3};
    }
    prepare_complaint(world, substitute, leave_ends);
    REQUIRE(world.open_review("a6").latest == monday + days{2});
    // Five working days of who stands in, from the last day, or from when they tried.
    const Date told = monday + days{called < last_date ? 10 : 9};
    TimePoint now = at(monday, 15);
    if (called < told) {
        world.run_through(now, at(called, 12));
        now = at(called, 12);
        service::ReviewDesk& desk = world.service().reviews();
        REQUIRE(desk.attempt(world.open_review("a6").id, "no-answer", "", {"farah", "socket"}, now)
                    .has_value());
    }
    world.run_through(now, at(told, 0));
    CHECK(escalations(world, "a6").empty());
    world.run_through(at(told, 0), at(told, 12));
    const std::vector<test::Sent> sent = escalations(world, "a6");
    REQUIRE(sent.size() == (manager ? 1U : 0U));
    if (manager) {
        CHECK(sent[0].message.recipient.address == *manager);
        const std::string& text = sent[0].message.text;
        CHECK_THAT(
            text,
            test::contains(called < last_date ? "ESCALATED 8 days late" : "ESCALATED 7 days late")
        );
        CHECK_THAT(text, test::contains("due since 25 Nov"));
        CHECK_THAT(text, test::contains("For     Ana Costa, who is away"));
    }
}

TEST_CASE("what somebody stands in for is theirs in every list", "[service][trigger][views]") {
    test::World world;
    prepare_complaint(world);
    world.run_through(at(monday, 15), at(monday + days{1}, 12));
    const ReviewId review = world.open_review("a6").id;
    const service::Views& views = world.service().views();
    const auto is_due = [&](const std::string& owner, Date day) {
        const auto due = views.due(owner, std::nullopt, at(day, 12));
        REQUIRE(due.has_value());
        return std::count(due->begin(), due->end(), review);
    };
    for (const std::string owner : {"farah", "ana", ""}) {
        CAPTURE(owner);
        CHECK(is_due(owner, monday + days{1}) == 1);
        CHECK(is_due(owner, monday + days{11}) == 1);
        CHECK(is_due(owner, monday + days{12}) == 0); // Ana is back, and calls on the day planned
    }
    CHECK(is_due("karim", monday + days{1}) == 0);
    const auto row = views.rows(std::vector{review}, at(monday + days{7}, 12)).front();
    REQUIRE(row.stand_in);
    CHECK(row.stand_in->key == "farah");
    CHECK(row.stand_in->until == monday + days{11});
    CHECK(row.review.latest == monday + days{2});
    CHECK(row.days_late == 5);
    const auto overloads = world.service().workload().overloads("ana", at(monday + days{7}, 12));
    REQUIRE(overloads->size() == 1);
    CHECK(overloads->front().late.front().is_for_leave);
    CHECK(overloads->front().late.front().stand_in->key == "farah");
}

TEST_CASE("a contact that is late with a stand-in is overdue everywhere", "[service][trigger]") {
    test::World world;
    prepare_complaint(world);
    world.run_through(at(monday, 15), at(monday + days{7}, 0));
    const auto counts = [&](Date day) {
        const TimePoint now = at(day, 12);
        const service::Views& views = world.service().views();
        const auto rows = views.rows(*views.due("ana", std::nullopt, now), now);
        const auto late = std::count_if(rows.begin(), rows.end(), [](const auto& row) {
            return row.days_late > 0;
        });
        const auto people = views.people(now);
        const auto report = views.report(std::nullopt, std::nullopt, now);
        const auto& owners = report->by_owner;
        const auto line = std::find_if(owners.begin(), owners.end(), [](const auto& owner) {
            return owner.name == "ana";
        });
        return std::vector<std::int64_t>{late, people[0].overdue, line->sum.overdue};
    };
    const auto before = counts(monday + days{2});
    CHECK(before == std::vector(3, before.front()));
    const auto after = counts(monday + days{3});
    CHECK(after == std::vector(3, after.front()));
    CHECK(after.front() == before.front() + 1);
    // Their manager reads of it, too, with the day that was missed.
    world.sent.clear();
    world.run_through(at(monday + days{7}, 0), at(monday + days{7}, 12));
    const auto week = std::find_if(world.sent.begin(), world.sent.end(), [](const auto& one) {
        return one.message.subject.rfind("Week to", 0) == 0;
    });
    REQUIRE(week != world.sent.end());
    REVIEWD_CHECK_CONTAINS(week->message.text, "5 days  Account a6");
}

TEST_CASE("who stands in is told how late the contact is", "[service][trigger][digest]") {
    test::World world;
    world.edit_settings("  farah: {", "  ana: { substitute: farah }\n  farah: {");
    prepare(world);
    // Five days old when it is noticed, after Ana's morning; then she goes on leave at once.
    world.write_data("tickets.csv", "key,account,title,opened,closed\nT-1,a6,Jams,2026-11-18,\n");
    world.import(at(monday, 14));
    const service::LeaveDesk::Wanted leave{"ana", monday, monday + days{11}, ""};
    REQUIRE(world.service().leave().add(leave, ana, at(monday, 15)).has_value());
    world.sent.clear();
    world.run_through(at(monday, 15), at(monday + days{1}, 12));
    REQUIRE(world.open_review("a6").latest == monday);
    REQUIRE(world.open_review("a6").due > monday + days{11}); // it waits for Ana
    const auto told = std::find_if(world.sent.begin(), world.sent.end(), [](const auto& one) {
        return one.message.text.find("T-1 Jams") != std::string::npos;
    });
    REQUIRE(told != world.sent.end());
    REVIEWD_CHECK_CONTAINS(told->message.text, "LATE 1 day (latest 23 Nov)");
}

TEST_CASE("leave makes no silence longer", "[service][desk][I5]") {
    test::World world;
    prepare_complaint(world);
    service::ReviewDesk& desk = world.service().reviews();
    const store::Review review = world.open_review("a6");
    REQUIRE(review.latest == monday + days{2});
    const auto next_try = [&](TimePoint now) {
        return desk.attempt(review.id, "declined", "", ana, now)->quiet_until.value();
    };
    CHECK(next_try(at(monday + days{1}, 9)) == review.latest);
    const Date thursday = monday + days{3};
    CHECK(next_try(at(thursday, 9)) == monday + days{7});
    const auto snoozed = desk.snooze(review.id, monday + days{8}, ana, at(thursday, 10));
    REQUIRE_FALSE(snoozed.has_value());
    REVIEWD_CHECK_CONTAINS(snoozed.error().message, "until 2026-11-30 at the latest");
}

TEST_CASE("of two who may stand in, it is the one who was told", "[service][trigger][views]") {
    test::World world;
    world.edit_settings("  farah: {", "  ana: { substitute: farah }\n  farah: {");
    world.edit_rules(
        "cadences:\n",
        "triggers:\n"
        "  - { id: complaint, source: tickets, when: severity == 'low', contact_within: 2 working days,"
        " when_away: substitute }\n"
        "  - { id: problem, source: tickets, when: severity == 'high', contact_within: 2 working days,"
        " when_away: manager }\n"
        "cadences:\n"
    );
    world.edit_settings(
        "channels:\n", "  tickets: { file: tickets.csv, every: 1 day }\nchannels:\n"
    );
    world.write_data("tickets.csv", "key,account,title,severity,opened,closed\n");
    world.open(at(monday, 12));
    world.run(at(monday, 12));
    const service::LeaveDesk::Wanted leave{"ana", monday, monday + days{11}, "a journey"};
    REQUIRE(world.service().leave().add(leave, ana, at(monday, 13)).has_value());
    world.write_data(
        "tickets.csv",
        "key,account,title,severity,opened,closed\nT-1,a6,Jams,low,2026-11-23,\nT-2,a6,Smokes,high,2026-11-23,\n"
    );
    world.sent.clear();
    world.import(at(monday, 14));
    world.run_through(at(monday, 15), at(monday + days{1}, 12));
    std::set<std::string> told;
    for (const test::Sent& one : world.sent) {
        if (one.message.text.find("Account a6") != std::string::npos) {
            told.insert(one.message.recipient.name);
        }
    }
    CHECK(told == std::set<std::string>{"Karim Haddad"});
    const ReviewId review = world.open_review("a6").id;
    const auto row =
        world.service().views().rows(std::vector{review}, at(monday + days{1}, 12)).front();
    REQUIRE(row.stand_in);
    CHECK(row.stand_in->key == "karim");
}

TEST_CASE("leave names other leave of the same days, also out of a file", "[service][leave]") {
    test::World world;
    world.write_data(
        "ana.ics",
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:1\r\n"
        "DTSTAMP:20261101T000000Z\r\nDTSTART;VALUE=DATE:20261130\r\nDTEND;VALUE=DATE:20261202\r\n"
        "END:VEVENT\r\nEND:VCALENDAR\r\n"
    );
    world.edit_settings("  farah: {", "  ana: { leave: data/ana.ics }\n  farah: {");
    prepare(world);
    service::LeaveDesk& desk = world.service().leave();
    const auto add = [&](Date first, Date last) {
        const auto leave = desk.add({"ana", first, last, ""}, ana, at(monday, 15));
        REQUIRE(leave.has_value());
        return *leave;
    };
    const store::Leave first = add(monday + days{1}, monday + days{3});
    CHECK(desk.inside(first, at(monday, 15)).overlaps.empty());
    const auto overlaps =
        desk.inside(add(monday + days{3}, monday + days{7}), at(monday, 15)).overlaps;
    REQUIRE(overlaps.size() == 2);
    CHECK(overlaps[0].id == first.id);
    CHECK_FALSE(overlaps[1].id);
    CHECK(overlaps[1].first == monday + days{7});
    const auto filed = desk.list_filed("", at(monday, 15));
    REQUIRE(filed->leave.size() == 1);
    CHECK(filed->leave.front().person == "ana");
    CHECK(filed->leave.front().last == monday + days{8});
    CHECK(desk.list_filed("farah", at(monday, 15))->leave.empty());
    CHECK(desk.list_filed("ana", at(monday + days{9}, 15))->leave.empty());
}

TEST_CASE("leave that recurs is listed for a year, and everybody's once", "[service][leave]") {
    test::World world;
    const std::string head =
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:1\r\n"
        "DTSTAMP:20261101T000000Z\r\n";
    const std::string end = "END:VEVENT\r\nEND:VCALENDAR\r\n";
    world.write_data(
        "all.ics",
        head + "DTSTART;VALUE=DATE:20260102\r\nDTEND;VALUE=DATE:20260103\r\nRRULE:FREQ=WEEKLY\r\n"
            + end
    );
    world.write_data(
        "ana.ics", head + "DTSTART;VALUE=DATE:20261130\r\nDTEND;VALUE=DATE:20261202\r\n" + end
    );
    world.edit_settings("  farah: {", "  ana: { leave: data/ana.ics }\n  farah: {");
    world.edit_settings("  defaults:\n", "  defaults:\n    leave: data/all.ics\n");
    prepare(world);
    const service::LeaveDesk& desk = world.service().leave();
    const auto all = desk.list_filed("", at(monday, 15)).value();
    CHECK(all.until == Date{2027y / 11 / 23});
    REQUIRE(all.leave.size() == 53); // a Friday of each week, and Ana's own
    CHECK(all.leave.front().person.empty());
    CHECK(all.leave.front().first == Date{2026y / 11 / 27});
    CHECK(all.leave.back().person == "ana");
    CHECK(all.later > 3000);
    CHECK(desk.list_filed("ana", at(monday, 15))->leave.size() == 53);
    CHECK(desk.list_filed("farah", at(monday, 15))->leave.size() == 52);
    CHECK(desk.list_filed("farah", at(monday, 15))->later == all.later);
}

} // namespace reviewd::test::test_stand_ins
