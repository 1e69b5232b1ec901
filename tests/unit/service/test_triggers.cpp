#include "daemon/store/audit.hpp"
#include "daemon/store/occasions.hpp"
#include "daemon/store/outcomes.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/service/world.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace reviewd::test::test_triggers {

using namespace reviewd;
using namespace std::chrono_literals;
using std::chrono::days;
using test::at;

namespace {

const Date monday{2026y / 11 / 23};
const service::Actor ana{"ana", "socket"};

/// The world with tickets and interactions, and these triggers.
void prepare(test::World& world, const std::string& triggers) {
    world.watch_tickets(triggers);
    world.edit_settings(
        "channels:\n", "  interactions: { file: interactions.csv, every: 1 day }\nchannels:\n"
    );
    world.write_data("interactions.csv", "key,account,kind,date\n");
    world.open(at(monday, 12));
    world.run(at(monday, 12));
}

constexpr auto complaint = "  - id: complaint\n"
                           "    source: tickets\n"
                           "    when: closed == null\n"
                           "    contact_within: 2 working days\n"
                           "    kind: complaint\n";

std::vector<store::Occasion> occasions_of(test::World& world, const std::string& account) {
    return store::Occasions{world.database()}.history(world.account(account).id);
}

} // namespace

TEST_CASE("a complaint pulls the open review nearer and is its reason", "[service][trigger][I1]") {
    test::World world;
    prepare(world, complaint);
    const store::Review before = world.open_review("a6");
    REQUIRE(before.due > monday + days{20});
    world.write_data("tickets.csv", "key,account,title,opened,closed\nT-77,a6,Jams,2026-11-23,\n");
    world.import(at(monday, 14));
    const store::Review review = world.open_review("a6");
    CHECK(review.id == before.id);
    CHECK(review.due == monday + days{1}); // today's message has gone
    CHECK(review.latest == monday + days{2});
    REVIEWD_CHECK_CONTAINS(review.reasons, "T-77 Jams");
    test::check_invariants(world, at(monday, 14));
    // The owner hears of it on the next morning, once, and `review show` says why.
    world.sent.clear();
    world.run_through(at(monday, 15), at(monday + days{1}, 12));
    const auto tells =
        std::count_if(world.sent.begin(), world.sent.end(), [](const test::Sent& one) {
            return one.message.text.find("T-77") != std::string::npos;
        });
    CHECK(tells == 1);
    CHECK(std::none_of(world.sent.begin(), world.sent.end(), [](const test::Sent& one) {
        return one.message.text.find("LATE") != std::string::npos;
    }));
    const auto view = world.service().views().review("a6", at(monday + days{1}, 12));
    REQUIRE(view->sheet.occasions.size() == 1);
    CHECK(view->sheet.occasions[0].kind == "complaint");
    CHECK(view->sheet.occasions[0].contact_by == monday + days{2});
}

TEST_CASE(
    "the most urgent reason comes first, and the history names who ended", "[service][trigger]"
) {
    test::World world;
    prepare(
        world,
        "  - { id: slow, source: tickets, when: title == 'Dust', contact_within: 9 working days }\n"
        "  - { id: fast, source: tickets, when: title == 'Fire', contact_within: 1 working day }\n"
    );
    const std::string dust = "key,account,title,opened,closed\nT-90,a6,Dust,2026-11-23,\n";
    world.write_data("tickets.csv", dust + "T-91,a6,Fire,2026-11-23,\n");
    world.import(at(monday, 14));
    const store::Review review = world.open_review("a6");
    CHECK(review.reasons == R"(["fast: T-91 Fire, 2026-11-23","slow: T-90 Dust, 2026-11-23"])");
    const auto view = world.service().views().review("a6", at(monday, 15));
    REQUIRE(view->sheet.occasions.size() == 2);
    CHECK(view->sheet.occasions[0].trigger == "fast");
    world.sent.clear();
    world.run_through(at(monday, 15), at(monday + days{1}, 12));
    CHECK(std::any_of(world.sent.begin(), world.sent.end(), [](const test::Sent& sent) {
        const std::size_t fire = sent.message.text.find("T-91");
        return fire != std::string::npos && fire < sent.message.text.find("T-90");
    }));
    const auto last_end = [&] {
        const auto history =
            world.service().views().review("a6", at(monday + days{2}, 15))->history;
        const auto end = std::find_if(history.rbegin(), history.rend(), [](const auto& event) {
            return event.what == "reasons ended";
        });
        return end == history.rend() ? std::string{} : end->details;
    };
    world.write_data("tickets.csv", dust);
    world.import(at(monday + days{1}, 14));
    REVIEWD_CHECK_CONTAINS(last_end(), R"("ended":"fast: T-91 Fire, 2026-11-23")");
    world.write_data("tickets.csv", "key,account,title,opened,closed\n");
    world.import(at(monday + days{2}, 14));
    REVIEWD_CHECK_CONTAINS(last_end(), R"("ended":"slow: T-90 Dust, 2026-11-23")");
}

TEST_CASE("an event fires once, whatever is read again", "[service][trigger]") {
    test::World world;
    prepare(world, complaint);
    const std::string ticket = "key,account,title,opened,closed\nT-77,a6,Jams,2026-11-23,\n";
    world.write_data("tickets.csv", ticket);
    world.import(at(monday, 14));
    const auto next =
        world.service().reviews().done(world.open_review("a6").id, {}, ana, at(monday, 15));
    REQUIRE(next.has_value());
    CHECK(next->due > monday + days{100});
    CHECK(next->reasons == "[]");
    // The ticket is still open: it was answered, and stays so.
    world.import(at(monday + days{1}, 9));
    world.close();
    world.open(at(monday + days{1}, 10));
    world.run_through(at(monday + days{1}, 10), at(monday + days{4}, 0));
    CHECK(world.open_review("a6").due == next->due);
    REQUIRE(occasions_of(world, "a6").size() == 1);
    CHECK(occasions_of(world, "a6")[0].state == store::OccasionState::answered);
    // Another ticket is another event.
    world.write_data("tickets.csv", ticket + "T-78,a6,Noise,2026-11-27,\n");
    world.import(at(monday + days{4}, 9));
    CHECK(world.open_review("a6").due <= monday + days{9});
    CHECK(occasions_of(world, "a6").size() == 2);
}

TEST_CASE("what was missed is not due again on the same day", "[service][trigger]") {
    test::World world;
    prepare(world, complaint);
    world.write_data("tickets.csv", "key,account,title,opened,closed\nT-77,a6,Jams,2026-11-23,\n");
    world.import(at(monday, 14));
    service::ReviewDesk& desk = world.service().reviews();
    const auto next = desk.missed(world.open_review("a6").id, "", ana, at(monday, 15));
    REQUIRE(next.has_value());
    CHECK(next->due > monday);
    CHECK(next->due <= monday + days{2});
    CHECK(next->latest == monday + days{2});
    test::check_invariants(world, at(monday, 15));
    world.run_through(at(monday, 16), at(monday + days{1}, 6));
    CHECK(world.open_review("a6").due == next->due);
    // On the last day for it there is no other.
    const auto last = desk.missed(next->id, "", ana, at(monday + days{2}, 15));
    REQUIRE(last.has_value());
    CHECK(last->due == monday + days{2});
}

TEST_CASE("a second trigger is a second reason of the one open review", "[service][trigger][I1]") {
    test::World world;
    prepare(
        world,
        std::string{complaint}
            + "  - { id: after-sale, source: purchases, after: 14 days, kind: check-in }\n"
    );
    world.write_data("tickets.csv", "key,account,title,opened,closed\nT-1,a6,Jams,2026-11-23,\n");
    world.write_purchases("p1,a6,printer,2026-11-18,900\nold,a5,printer,2024-01-02,900\n");
    world.import(at(monday, 14));
    const store::Review review = world.open_review("a6");
    CHECK(review.due <= monday + days{2});
    REVIEWD_CHECK_CONTAINS(review.reasons, "T-1");
    REVIEWD_CHECK_CONTAINS(review.reasons, "check-in (after-sale): printer, 2026-11-18");
    // A purchase of years ago is history.
    CHECK(world.open_review("a5").reasons == "[]");
    CHECK(occasions_of(world, "a5").empty());
    // Answering the complaint leaves the check-in to its own day.
    const auto next = world.service().reviews().done(review.id, {}, ana, at(monday + days{1}, 9));
    REQUIRE(next.has_value());
    CHECK(next->due == monday + days{9});
}

TEST_CASE("a purchase is told by the product's name", "[service][trigger]") {
    test::World world;
    world.write_data("products.csv", "key,name\nlamp,Desk lamp\nchair,Chair\n");
    world.edit_settings(
        "channels:\n", "  products: { file: products.csv, every: 1 day }\nchannels:\n"
    );
    world.edit_rules(
        "cadences:\n", "products:\n  chair: { name: { en: Office chair } }\ncadences:\n"
    );
    prepare(world, "  - { id: after-sale, source: purchases, after: 14 days }\n");
    world.write_purchases(
        "P1-0,a1,lamp,2026-11-18,900\nP2-0,a5,chair,2026-11-18,900\nP3-0,a6,desk,2026-11-18,900\n"
    );
    world.import(at(monday, 14));
    CHECK(world.open_review("a1").reasons == R"(["after-sale: Desk lamp, 2026-11-18"])");
    CHECK(world.open_review("a5").reasons == R"(["after-sale: Office chair, 2026-11-18"])");
    CHECK(world.open_review("a6").reasons == R"(["after-sale: desk, 2026-11-18"])");
    const auto review = world.service().views().review("a1", at(monday, 14)).value();
    REQUIRE(review.sheet.occasions.size() == 1);
    CHECK(review.sheet.occasions.front().text == "after-sale: Desk lamp, 18 Nov");
}

TEST_CASE("a logged contact restarts the clock and answers what happened", "[service][trigger]") {
    test::World world;
    prepare(world, complaint);
    world.write_data("tickets.csv", "key,account,title,opened,closed\nT-1,a1,Jams,2026-11-23,\n");
    world.import(at(monday, 14));
    const store::Review before = world.open_review("a1");
    const AccountId account = world.account("a1").id;
    const auto after =
        world.service().accounts().contact(account, {{}, "all is well"}, ana, at(monday, 15));
    REQUIRE(after.has_value());
    CHECK(after->id == before.id);
    CHECK(after->reasons == "[]");
    CHECK(after->target == monday + days{30});
    CHECK(after->due > monday + days{13});
    CHECK(after->latest > monday + days{35});
    CHECK(after->occurrence == before.occurrence + 1);
    world.run_through(at(monday, 16), at(monday + days{3}, 0));
    CHECK(world.open_review("a1").due == after->due);
    test::check_invariants(world, at(monday + days{3}, 0));
    const auto refused =
        world.service().accounts().contact(account, {monday + days{9}, ""}, ana, at(monday, 15));
    REQUIRE_FALSE(refused.has_value());
    REVIEWD_CHECK_CONTAINS(refused.error().message, "still to come");
}

TEST_CASE(
    "a condition fires when it begins to hold, and again after it ended", "[service][trigger]"
) {
    test::World world;
    prepare(world, "  - { id: rich, when: budget > 60000, contact_within: 3 working days }\n");
    const auto set_budget = [&](int budget, TimePoint now) {
        world.write_accounts({{"a1", "ana", budget}, {"a2", "ana", 100}});
        REQUIRE(world.service().importer().request({}, service::Importer::Mode::always).has_value()
        );
        world.run(now);
        for (const store::Import& held : store::Imports{world.database()}.held()) {
            REQUIRE(world.service()
                        .importer()
                        .decide({held}, service::Importer::Decision::confirm, ana, now)
                        .has_value());
        }
        world.run(now);
    };
    set_budget(70'000, at(monday, 14));
    REQUIRE(occasions_of(world, "a1").size() == 1);
    CHECK(world.open_review("a1").due <= monday + days{3});
    REQUIRE(world.service()
                .reviews()
                .done(world.open_review("a1").id, {}, ana, at(monday + days{1}, 9))
                .has_value());
    set_budget(71'000, at(monday + days{2}, 9));
    CHECK(occasions_of(world, "a1").size() == 1); // it never ended
    set_budget(100, at(monday + days{3}, 9));
    set_budget(72'000, at(monday + days{4}, 9));
    CHECK(occasions_of(world, "a1").size() == 2);
    CHECK(world.open_review("a1").reasons != "[]");
}

TEST_CASE("a score that falls is an occasion", "[service][trigger]") {
    test::World world;
    prepare(world, "  - { id: fell, score: fell, by: 20, because: { en: \"The score fell\" } }\n");
    world.put_account({"a1", "ana", 100});
    world.put_account({"a6", "ana", 42'000});
    world.import(at(monday, 14));
    const auto fallen = occasions_of(world, "a1");
    REQUIRE(fallen.size() == 1);
    CHECK(fallen[0].detail == "65 to 20");
    REVIEWD_CHECK_CONTAINS(world.open_review("a1").reasons, "The score fell: 65 to 20");
    CHECK(occasions_of(world, "a6").empty()); // it rose
    world.import(at(monday + days{1}, 9));
    CHECK(occasions_of(world, "a1").size() == 1);
}

TEST_CASE("a score that jumps, or moves either way, is an occasion", "[service][trigger]") {
    test::World world;
    prepare(
        world,
        "  - { id: jumped, score: rose, by: 20 }\n"
        "  - { id: moved, score: moved, by: 20 }\n"
        "  - { id: soared, score: rose, by: 50 }\n"
    );
    world.put_account({"a1", "ana", 100});
    world.put_account({"a6", "ana", 42'000});
    world.import(at(monday, 14));
    const auto fallen = occasions_of(world, "a1");
    REQUIRE(fallen.size() == 1);
    CHECK(fallen[0].trigger == "moved");
    CHECK(fallen[0].detail == "65 to 20");
    std::set<std::string> triggers;
    for (const store::Occasion& risen : occasions_of(world, "a6")) {
        CHECK(risen.detail == "20 to 65");
        triggers.insert(risen.trigger);
    }
    CHECK(triggers == std::set<std::string>{"jumped", "moved"});
    CHECK(world.open_review("a6").reasons.find("jumped") != std::string::npos);
}

TEST_CASE("a day that a person chose, knowing of it, stays", "[service][trigger]") {
    test::World world;
    prepare(world, complaint);
    world.write_data("tickets.csv", "key,account,title,opened,closed\nT-1,a6,Jams,2026-11-23,\n");
    world.import(at(monday, 14));
    const auto moved = world.service().reviews().reschedule(
        world.open_review("a6").id, monday + days{9}, "they asked for it", ana, at(monday, 15)
    );
    REQUIRE(moved.has_value());
    world.import(at(monday + days{1}, 9));
    CHECK(world.open_review("a6").due == monday + days{9});
    CHECK(world.open_review("a6").reasons != "[]");
    // What they did not know of pulls it nearer again.
    world.write_data(
        "tickets.csv",
        "key,account,title,opened,closed\nT-1,a6,Jams,2026-11-23,\nT-2,a6,Fire,2026-11-24,\n"
    );
    world.import(at(monday + days{1}, 10));
    CHECK(world.open_review("a6").due <= monday + days{3});
}

TEST_CASE("a day that a person chose gives no deadline up", "[service][trigger][I5]") {
    test::World world;
    prepare(world, complaint);
    world.write_data("tickets.csv", "key,account,title,opened,closed\nT-1,a6,Jams,2026-11-23,\n");
    world.import(at(monday, 14));
    service::ReviewDesk& desk = world.service().reviews();
    const ReviewId id = world.open_review("a6").id;
    const Date limit = world.open_review("a6").latest;
    const Date chosen = monday + days{9};
    REQUIRE(desk.reschedule(id, chosen, "they asked for it", ana, at(monday, 15)).has_value());
    world.import(at(monday + days{1}, 9));
    CHECK(world.open_review("a6").due == chosen);
    CHECK(world.open_review("a6").latest == limit);
    const auto view = world.service().views().review("a6", at(monday + days{1}, 9));
    CHECK(view->sheet.occasions.at(0).contact_by == limit);
    // Later still, or silent beyond that day: only for a reason.
    const TimePoint now = at(monday + days{1}, 10);
    CHECK(desk.reschedule(id, chosen + days{1}, "", ana, now).has_error());
    CHECK(desk.snooze(id, chosen + days{1}, ana, now).has_error());
    // What was left out on purpose limits no later review.
    REQUIRE(desk.skip(id, "they pay no more", ana, now).has_value());
    world.run(now);
    const store::Review next = world.open_review("a6");
    REQUIRE(desk.reschedule(next.id, monday + days{100}, "", ana, now).has_value());
    world.import(at(monday + days{2}, 9));
    CHECK(world.open_review("a6").latest > monday + days{100});
}

TEST_CASE(
    "a chosen day that is pulled nearer takes back what was to be said", "[service][trigger]"
) {
    test::World world;
    world.edit_settings("channels:\n", "channels:\n  crm: { type: file, path: crm.jsonl }\n");
    world.edit_settings("people:\n", "events: { channels: crm }\npeople:\n");
    prepare(world, complaint);
    const ReviewId review = world.open_review("a6").id;
    const Date chosen = monday + days{9};
    service::ReviewDesk& desk = world.service().reviews();
    REQUIRE(desk.reschedule(review, chosen, "they asked for it", ana, at(monday, 15)).has_value());
    world.run(at(monday, 15));
    world.sent.clear();
    world.write_data("tickets.csv", "key,account,title,opened,closed\nT-2,a6,Fire,2026-11-24,\n");
    world.import(at(monday + days{1}, 10));
    const std::string due = to_string(world.open_review("a6").due);
    CHECK(due < to_string(chosen));
    const auto tells = [&due](const test::Sent& sent) {
        return sent.message.payload.find("review.planned") != std::string::npos
               && sent.message.payload.find("\"due\":\"" + due) != std::string::npos;
    };
    CHECK(std::any_of(world.sent.begin(), world.sent.end(), tells));
}

TEST_CASE(
    "an imported call makes a planned review later, within its maximum", "[service][trigger]"
) {
    test::World world;
    prepare(world, complaint);
    const auto held =
        world.service().reviews().done(world.open_review("a1").id, {}, ana, at(monday, 13));
    REQUIRE(held.has_value());
    REQUIRE(held->due == monday + days{30});
    world.run_through(at(monday, 14), at(monday + days{21}, 0));
    world.write_data("interactions.csv", "key,account,kind,date\ni1,a1,call,2026-12-14\n");
    world.import(at(monday + days{21}, 9));
    const store::Review later = world.open_review("a1");
    CHECK(later.due >= monday + days{35});
    CHECK(later.due <= later.latest);
    CHECK(later.latest == held->latest);
}

TEST_CASE("a call that is only planned counts from its day on", "[service][trigger]") {
    test::World world;
    prepare(world, complaint);
    const auto held =
        world.service().reviews().done(world.open_review("a1").id, {}, ana, at(monday, 13));
    REQUIRE(held.has_value());
    world.run_through(at(monday, 14), at(monday + days{1}, 0));
    world.write_data("interactions.csv", "key,account,kind,date\ni1,a1,call,2026-12-14\n");
    world.import(at(monday + days{1}, 9));
    world.run_through(at(monday + days{1}, 10), at(monday + days{20}, 0));
    CHECK(world.open_review("a1").due == held->due);
    world.run_through(at(monday + days{20}, 1), at(monday + days{21}, 12));
    CHECK(world.open_review("a1").due >= monday + days{35});
}

namespace {

constexpr auto urgent = "  - id: complaint\n"
                        "    source: tickets\n"
                        "    when: closed == null\n"
                        "    contact_within: 2 working days\n"
                        "    when_away: substitute\n";

/// Who was told of triggers, by key of the address, in order.
std::vector<std::string> told(const test::World& world) {
    std::vector<std::string> addresses;
    for (const test::Sent& one : world.sent) {
        const bool is_trigger = std::any_of(
            one.message.reminder_ids.begin(),
            one.message.reminder_ids.end(),
            [](const std::string& key) { return key.find("/trigger/") != std::string::npos; }
        );
        if (is_trigger) {
            addresses.push_back(one.message.recipient.address);
        }
    }
    return addresses;
}

void go_on_leave(test::World& world, const std::string& person, Date first, Date last) {
    const auto leave =
        world.service().leave().add({person, first, last, "a journey"}, ana, at(monday, 13));
    REQUIRE(leave.has_value());
    world.run(at(monday, 13));
}

} // namespace

TEST_CASE("what is urgent goes to the substitute of an owner on leave", "[service][trigger][F41]") {
    test::World world;
    world.edit_settings("  farah: {", "  ana: { substitute: farah }\n  farah: {");
    prepare(world, urgent);
    go_on_leave(world, "ana", monday, monday + days{11});
    world.write_data("tickets.csv", "key,account,title,opened,closed\nT-1,a6,Jams,2026-11-23,\n");
    world.import(at(monday, 14));
    world.sent.clear();
    world.run_through(at(monday, 15), at(monday + days{2}, 12));
    CHECK(told(world) == std::vector<std::string>{"farah@example.test"});
    REQUIRE_FALSE(world.sent.empty());
    const auto message = std::find_if(world.sent.begin(), world.sent.end(), [](const auto& one) {
        return one.message.text.find("T-1 Jams") != std::string::npos;
    });
    REQUIRE(message != world.sent.end());
    REVIEWD_CHECK_CONTAINS(message->message.text, "For     Ana Costa, who is away");
    // The review stays the owner's, on a day after the leave; the stand-in's call answers it.
    const store::Review review = world.open_review("a6");
    CHECK(review.due > monday + days{11});
    const AccountId account = world.account("a6").id;
    REQUIRE(world.service()
                .accounts()
                .contact(account, {{}, "mended"}, {"farah", "socket"}, at(monday + days{2}, 12))
                .has_value());
    CHECK(occasions_of(world, "a6")[0].state == store::OccasionState::answered);
    world.sent.clear();
    world.run_through(at(monday + days{2}, 13), at(monday + days{15}, 12));
    CHECK(told(world).empty());
    test::check_invariants(world, at(monday + days{15}, 12));
}

TEST_CASE(
    "with nobody to stand in, the nearest manager who is there hears it", "[service][trigger]"
) {
    test::World world;
    prepare(world, urgent);
    go_on_leave(world, "ana", monday, monday + days{11});
    go_on_leave(world, "karim", monday, monday + days{4});
    world.write_data("tickets.csv", "key,account,title,opened,closed\nT-1,a6,Jams,2026-11-23,\n");
    world.sent.clear();
    world.import(at(monday, 14));
    world.run_through(at(monday, 15), at(monday + days{2}, 12));
    CHECK(told(world) == std::vector<std::string>{"ruth@example.test"});
}

TEST_CASE("what is not urgent waits for the owner, and so does all else", "[service][trigger]") {
    test::World world;
    world.edit_settings("  farah: {", "  ana: { substitute: farah }\n  farah: {");
    prepare(world, complaint);
    go_on_leave(world, "ana", monday, monday + days{4});
    world.write_data("tickets.csv", "key,account,title,opened,closed\nT-1,a6,Jams,2026-11-23,\n");
    world.import(at(monday, 14));
    world.sent.clear();
    world.run_through(at(monday, 15), at(monday + days{4}, 23));
    CHECK(told(world).empty());
    world.run_through(at(monday + days{4}, 23), at(monday + days{7}, 12));
    REQUIRE_FALSE(world.sent.empty());
    std::erase_if(world.sent, [](const test::Sent& sent) {
        return sent.message.reminder_ids.empty(); // the weekly reports of managers
    });
    CHECK(world.sent.back().message.recipient.address == "ana@example.test");
    REVIEWD_CHECK_CONTAINS(world.sent.back().message.text, "T-1 Jams");
}

TEST_CASE("an owner who is back sooner hears it in person", "[service][trigger][F41]") {
    test::World world;
    world.edit_settings("  farah: {", "  ana: { substitute: farah }\n  farah: {");
    prepare(world, urgent);
    go_on_leave(world, "ana", monday, monday + days{11});
    world.write_data("tickets.csv", "key,account,title,opened,closed\nT-1,a6,Jams,2026-11-23,\n");
    world.import(at(monday, 14));
    // Planned for the substitute's morning, and not sent yet, when the leave is taken back.
    world.run_through(at(monday, 15), at(monday + days{1}, 0));
    const auto leaves = world.service().leave().list("ana");
    REQUIRE(leaves->size() == 1);
    REQUIRE(
        world.service().leave().remove(leaves->front().id, ana, at(monday + days{1}, 0)).has_value()
    );
    world.sent.clear();
    world.run_through(at(monday + days{1}, 0), at(monday + days{2}, 12));
    REQUIRE_FALSE(world.sent.empty());
    for (const test::Sent& one : world.sent) {
        const bool is_of_it = one.message.text.find("T-1 Jams") != std::string::npos;
        CHECK((!is_of_it || one.message.recipient.address == "ana@example.test"));
    }
}

TEST_CASE("what comes after the last message before a leave reaches who stands in", "[service]") {
    const bool is_leave_known = GENERATE(true, false);
    CAPTURE(is_leave_known);
    test::World world;
    world.edit_settings("  farah: {", "  ana: { substitute: farah }\n  farah: {");
    prepare(world, urgent);
    if (is_leave_known) {
        go_on_leave(world, "ana", monday + days{1}, monday + days{6});
    }
    // Ana's message of the day has gone, and the next of her working days is after the leave.
    world.write_data("tickets.csv", "key,account,title,opened,closed\nT-1,a6,Jams,2026-11-23,\n");
    world.import(at(monday, 14));
    if (!is_leave_known) {
        go_on_leave(world, "ana", monday + days{1}, monday + days{6});
    }
    world.sent.clear();
    world.run_through(at(monday, 15), at(monday + days{1}, 12));
    CHECK(told(world) == std::vector<std::string>{"farah@example.test"});
    // The limit is a matter of who has to call, not of who is away.
    CHECK(world.open_review("a6").latest == monday + days{2});
    world.sent.clear();
    world.run_through(at(monday + days{1}, 13), at(monday + days{9}, 12));
    CHECK(told(world).empty());
    test::check_invariants(world, at(monday + days{9}, 12));
}

TEST_CASE(
    "leave that covers the limit of what the owner knows is told to who stands in", "[service]"
) {
    test::World world;
    world.edit_settings("  farah: {", "  ana: { substitute: farah }\n  farah: {");
    prepare(world, urgent);
    world.write_data("tickets.csv", "key,account,title,opened,closed\nT-1,a6,Jams,2026-11-23,\n");
    world.import(at(monday, 14));
    world.sent.clear();
    world.run_through(at(monday, 15), at(monday + days{1}, 14));
    CHECK(std::any_of(world.sent.begin(), world.sent.end(), [](const test::Sent& one) {
        return one.message.recipient.address == "ana@example.test"
               && one.message.text.find("T-1 Jams") != std::string::npos;
    }));
    const Date latest = world.open_review("a6").latest;
    world.sent.clear();
    REQUIRE(
        world.service()
            .leave()
            .add({"ana", monday + days{1}, monday + days{6}, "ill"}, ana, at(monday + days{1}, 15))
            .has_value()
    );
    world.run_through(at(monday + days{1}, 15), at(monday + days{2}, 12));
    CHECK(told(world) == std::vector<std::string>{"farah@example.test"});
    CHECK(world.open_review("a6").latest == latest);
    // A leave that begins when the limit is over is nobody else's matter.
    world.sent.clear();
    world.run_through(at(monday + days{2}, 13), at(monday + days{10}, 12));
    REQUIRE(
        world.service()
            .leave()
            .add({"ana", monday + days{14}, monday + days{18}, ""}, ana, at(monday + days{10}, 12))
            .has_value()
    );
    world.run_through(at(monday + days{10}, 12), at(monday + days{20}, 12));
    CHECK(told(world).empty());
}

TEST_CASE("what a former owner heard is told to the new one", "[service][trigger]") {
    test::World world;
    world.edit_settings(
        "people:\n  defaults:", "reminders: { overdue: [1 week] }\npeople:\n  defaults:"
    );
    prepare(world, complaint);
    world.write_data("tickets.csv", "key,account,title,opened,closed\nT-1,a6,Jams,2026-11-23,\n");
    world.import(at(monday, 14));
    const auto hearers = [&world]() {
        std::set<std::string> addresses;
        for (const test::Sent& one : world.sent) {
            if (one.message.text.find("T-1 Jams") != std::string::npos) {
                addresses.insert(one.message.recipient.address);
            }
        }
        return addresses;
    };
    world.sent.clear();
    world.run_through(at(monday, 16), at(monday + days{1}, 12));
    REQUIRE(hearers() == std::set<std::string>{"ana@example.test"});
    world.sent.clear();
    const TimePoint noon = at(monday + days{1}, 13);
    const bool is_by_hand = GENERATE(true, false);
    CAPTURE(is_by_hand);
    if (is_by_hand) {
        const auto karim = world.service().views().people(noon);
        const auto to = std::find_if(karim.begin(), karim.end(), [](const auto& person) {
            return person.profile.key == "karim";
        });
        REQUIRE(world.service()
                    .accounts()
                    .reassign(world.account("a6").id, {to->profile.id, ""}, ana, noon)
                    .has_value());
    } else {
        world.put_account({"a6", "karim", 200});
        world.import(noon);
    }
    world.run_through(noon, at(monday + days{2}, 12));
    CHECK(hearers() == std::set<std::string>{"karim@example.test"});
    world.sent.clear();
    world.run_through(at(monday + days{2}, 12), at(monday + days{4}, 12));
    CHECK(hearers().empty());
    test::check_invariants(world, at(monday + days{4}, 12));
}

TEST_CASE("a stand-in who goes on leave is followed by the next one", "[service][trigger][F41]") {
    const bool is_leave_known = GENERATE(true, false);
    CAPTURE(is_leave_known);
    test::World world;
    world.edit_settings("  farah: {", "  ana: { substitute: farah }\n  farah: {");
    prepare(world, urgent);
    go_on_leave(world, "ana", monday, monday + days{11});
    const auto leave_farah = [&world](TimePoint now) {
        const service::LeaveDesk::Wanted wanted{"farah", monday + days{3}, monday + days{9}, ""};
        REQUIRE(world.service().leave().add(wanted, ana, now).has_value());
        world.run(now);
    };
    if (is_leave_known) {
        leave_farah(at(monday, 13));
    }
    world.write_data("tickets.csv", "key,account,title,opened,closed\nT-1,a6,Jams,2026-11-23,\n");
    world.import(at(monday, 14));
    world.sent.clear();
    world.run_through(at(monday, 15), at(monday + days{2}, 12));
    REQUIRE(told(world) == std::vector<std::string>{"farah@example.test"});
    if (!is_leave_known) {
        leave_farah(at(monday + days{2}, 12));
    }
    world.sent.clear();
    world.run_through(at(monday + days{2}, 13), at(monday + days{3}, 12));
    CHECK(told(world) == std::vector<std::string>{"karim@example.test"});
    // Each of them hears it once, and the owner finds it done or late.
    world.sent.clear();
    world.run_through(at(monday + days{3}, 12), at(monday + days{11}, 12));
    CHECK(told(world).empty());
    test::check_invariants(world, at(monday + days{11}, 12));
}

TEST_CASE("the limit follows the leave of who stands in at once", "[service][trigger][leave]") {
    test::World world;
    world.edit_settings("  farah: {", "  ana: { substitute: farah }\n  farah: {");
    prepare(world, urgent);
    go_on_leave(world, "ana", monday, monday + days{11});
    world.write_data("tickets.csv", "key,account,title,opened,closed\nT-1,a6,Jams,2026-11-23,\n");
    world.import(at(monday, 14));
    const Date before = world.open_review("a6").latest;
    go_on_leave(world, "farah", monday + days{1}, monday + days{2});
    const Date latest = world.open_review("a6").latest;
    CHECK(latest > before);
    // Nothing is left for a pass over all accounts to find.
    world.put_account({"a6", "ana", 201});
    world.import(at(monday, 16));
    CHECK(world.open_review("a6").latest == latest);
}

TEST_CASE("leave names the appointments and the urgent contacts in it", "[service][leave]") {
    test::World world;
    world.edit_settings("  farah: {", "  ana: { substitute: farah }\n  farah: {");
    prepare(world, urgent);
    world.write_data("tickets.csv", "key,account,title,opened,closed\nT-1,a6,Jams,2026-11-23,\n");
    world.import(at(monday, 14));
    const auto agreed = world.service().reviews().appoint(
        world.open_review("a1").id, {monday + days{2}, std::chrono::hours{10}}, ana, at(monday, 15)
    );
    REQUIRE(agreed.has_value());
    const auto inside = [&](Date first, Date last) {
        const auto leave =
            world.service().leave().add({"ana", first, last, ""}, ana, at(monday, 15));
        REQUIRE(leave.has_value());
        return world.service().leave().inside(*leave, at(monday, 15));
    };
    const auto now = inside(monday + days{1}, monday + days{4});
    CHECK(now.appointments == std::vector{world.open_review("a1").id});
    CHECK(now.contacts == std::vector{world.open_review("a6").id});
    REQUIRE(now.other != nullptr);
    CHECK(now.other->key == "farah");
    CHECK_FALSE(now.alone_on);
    const auto later = inside(monday + days{14}, monday + days{18});
    CHECK(later.appointments.empty());
    CHECK(later.contacts.empty());
}

TEST_CASE("what happens later ends a silence by its own latest day", "[service][trigger][I5]") {
    test::World world;
    prepare(world, urgent);
    service::ReviewDesk& desk = world.service().reviews();
    const ReviewId review = world.open_review("a6").id;
    const auto tried = desk.attempt(review, "declined", "", ana, at(monday, 13));
    REQUIRE(tried.has_value());
    REQUIRE(tried->quiet_until > monday + days{20});
    world.write_data("tickets.csv", "key,account,title,opened,closed\nT-1,a6,Jams,2026-11-23,\n");
    world.import(at(monday, 14));
    const store::Review urgently = world.open_review("a6");
    REQUIRE(urgently.latest < monday + days{10});
    CHECK(urgently.quiet_until == urgently.latest);
}

TEST_CASE("leave names the first day on which nobody stands in", "[service][leave]") {
    test::World world;
    world.edit_settings("  farah: {", "  ana: { substitute: farah }\n  farah: {");
    prepare(world, urgent);
    go_on_leave(world, "farah", monday + days{15}, monday + days{30});
    go_on_leave(world, "karim", monday + days{15}, monday + days{30});
    go_on_leave(world, "ruth", monday + days{16}, monday + days{30});
    const auto alone_on = [&](Date first, Date last) {
        const auto leave =
            world.service().leave().add({"ana", first, last, ""}, ana, at(monday, 15));
        REQUIRE(leave.has_value());
        return world.service().leave().inside(*leave, at(monday, 15)).alone_on;
    };
    CHECK_FALSE(alone_on(monday + days{1}, monday + days{4}));
    CHECK(alone_on(monday + days{14}, monday + days{18}) == monday + days{16});
    CHECK_FALSE(alone_on(monday + days{26}, monday + days{27})); // a weekend
}

TEST_CASE("where nothing urgent is passed on, nobody has to stand in", "[service][leave]") {
    test::World world;
    prepare(world, complaint);
    const auto leave = world.service().leave().add(
        {"ana", monday + days{1}, monday + days{4}, ""}, ana, at(monday, 15)
    );
    REQUIRE(leave.has_value());
    CHECK_FALSE(world.service().leave().inside(*leave, at(monday, 15)).alone_on);
}

} // namespace reviewd::test::test_triggers
