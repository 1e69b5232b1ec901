// All that a person needs for the call: each part of `review show` once, in the words for the
// account and in the language of its owner.
#include "tests/support/catch.hpp"
#include "tests/unit/service/world.hpp"

#include <algorithm>
#include <map>

namespace reviewd::test::test_call_sheet {

using namespace reviewd;
using namespace std::chrono_literals;
using std::chrono::days;
using test::at;

namespace {

const Date monday{2026y / 11 / 23};
const service::Actor ana{"ana", "socket"};

constexpr auto products = R"(products:
  printer:
    name: { en: Printer, bn: প্রিন্টার }
    lifetime: 4 years
    tip: { en: Print on both sides }
    known_problems:
      - { problem: { en: Paper jams }, fix: { en: Roller kit } }
  old-press: { name: Old press, lifetime: 2 years }
  plotter: { name: Plotter, lifetime: 5 years, offer_when: budget > 1000000000 }
  service:
    name: { en: Service, bn: সেবা }
    offer_when: budget > 10000
    sets_apart: { en: Within four hours }
)";

constexpr auto agenda = R"(---
invitation: { en: "May we come by?", bn: "আসতে পারি?" }
free_review: { en: "It is free of charge." }
draft_subject: { en: "A review" }
draft: { en: "Dear {{contact}}: {{invitation}} {{free_review}} {{owner}}, {{company}}" }
questions:
  - id: satisfaction
    topic: satisfaction
    kind: scale
    text: { en: "How content are you?", bn: "আপনি কতটা সন্তুষ্ট?" }
  - id: value
    topic: value
    text: { en: "What do you like best?" }
    variants:
      - { level: high, text: { en: "What would you miss most?" } }
      - { segment: health, text: { en: "What do the doctors say?" } }
      - { product: printer, text: { en: "What do you print?" } }
...
)";

void prepare(test::World& world) {
    world.edit_settings(
        "channels:\n",
        "  tickets: { file: tickets.csv, every: 1 day }\n"
        "  contacts: { file: contacts.csv, every: 1 day }\nchannels:\n"
    );
    world.edit_settings("  farah: {", "  farah: { language: bn,");
    world.edit_rules("cadences:\n", products + std::string{"cadences:\n"});
    world.write_agenda(agenda);
    world.write_data(
        "accounts.csv",
        "key,name,owner,budget,vip,segment,size\n"
        "a1,Hartley,ana,42000,false,retail,small\n"
        "a2,Orbis,ana,100,false,retail,small\n"
        "a3,Brook,ana,100,false,retail,large\n"
        "a4,Clinic,ana,100,false,health,small\n"
        "a5,Corner,ana,100,false,trade,small\n"
        "a7,Padma,farah,50000,false,health,large\n"
    );
    world.write_data(
        "contacts.csv", "key,account,name,role,phone,email\nc1,a1,Jo,buyer,+44 1,jo@example.test\n"
    );
    world.write_data(
        "tickets.csv",
        "key,account,title,opened,closed,fix\nT-1,a1,Streaks,2026-11-02,,Profile 4\n"
        "T-2,a1,Dust,2026-01-02,2026-01-05,\n"
    );
    world.write_purchases("p1,a1,printer,2024-06-01,1000\np2,a1,old-press,2025-01-10,5000\n"
                          "p3,a2,printer,2026-06-01,1000\n");
    world.open(at(monday, 12));
    world.run(at(monday, 12));
}

service::ReviewView show(test::World& world, const std::string& account) {
    return world.service().views().review(account, at(monday, 13)).value();
}

std::string question(test::World& world, const std::string& account, const std::string& id) {
    for (const service::AgendaLine& line : show(world, account).agenda) {
        if (line.id == id) {
            return line.text;
        }
    }
    return {};
}

void hold(test::World& world, const std::string& account, const std::string& value) {
    service::Outcome outcome;
    outcome.answers["value"] = value;
    const ReviewId review = world.open_review(account).id;
    REQUIRE(world.service().reviews().done(review, outcome, ana, at(monday, 13)).has_value());
}

} // namespace

TEST_CASE("a sheet has what the customer owns, complains of and may need", "[service][sheet]") {
    test::World world;
    prepare(world);
    const service::ReviewView view = show(world, "a1");
    REQUIRE(view.contacts.size() == 1);
    CHECK(view.contacts[0].phone == "+44 1");
    REQUIRE(view.tickets.size() == 1); // the other one is closed
    CHECK(view.tickets[0].title == "Streaks");
    CHECK(view.tickets[0].fix == "Profile 4");
    REQUIRE(view.sheet.known_problems.size() == 1);
    CHECK(view.sheet.known_problems[0].name == "Printer");
    CHECK(view.sheet.known_problems[0].fix == "Roller kit");
    REQUIRE(view.sheet.ageing.size() == 2); // the next to end first
    CHECK(view.sheet.ageing[0].product == "old-press");
    CHECK(view.sheet.ageing[0].need == "replacement");
    CHECK(view.sheet.ageing[0].end == Date{2027y / 1 / 10});
    CHECK(view.sheet.ageing[1].product == "printer");
    CHECK(view.sheet.ageing[1].need == "maintenance");
    REQUIRE(view.sheet.owned.size() == 2); // the last purchase first
    CHECK(view.sheet.owned[0].name == "Old press");
    CHECK(view.sheet.owned[0].bought == Date{2025y / 1 / 10});
    CHECK(view.sheet.contracts.empty());
    REQUIRE(view.offers.size() == 1); // what is owned is not offered
    CHECK(view.offers[0].name == "Service");
    CHECK(view.offers[0].sets_apart == "Within four hours");
    CHECK(view.tips == std::vector<std::string>{"Print on both sides"});
}

TEST_CASE("a contract of a service is of all that the account owns", "[service][sheet]") {
    test::World world;
    world.edit_settings(
        "channels:\n", "  contracts: { file: contracts.csv, every: 1 day }\nchannels:\n"
    );
    const std::string head = "key,account,product,start,end\n";
    world.write_data("contracts.csv", head + "C-9,a1,service,2024-01-01,2026-11-22\n");
    prepare(world);
    const auto needs = [&](const std::string& contract) {
        world.write_data("contracts.csv", head + contract);
        world.import(at(monday, 13));
        std::string found;
        for (const service::AgeingLine& line : show(world, "a1").sheet.ageing) {
            found += line.product + ":" + line.need + " ";
        }
        return found;
    };
    const std::string all = "old-press:replacement printer:maintenance ";
    const std::string covered = "old-press:replacement ";
    CHECK(needs("C-9,a1,service,2024-01-01,2026-11-22\n") == all); // it has ended
    CHECK(show(world, "a1").offers.size() == 1);
    CHECK(needs("C-1,a1,service,2026-01-01,2026-11-23\n") == covered);
    CHECK(needs("C-2,a1,,,\n") == covered);
    CHECK(needs("C-3,a1,printer,2026-01-01,\n") == covered);
    CHECK(needs("C-4,a1,old-press,2026-01-01,\n") == all); // of the other device alone
    CHECK(needs("C-5,a1,scanner,2026-01-01,\n") == all);   // in no catalogue
    CHECK(needs("C-6,a1,plotter,2026-01-01,\n") == all);   // it ages, and is not theirs
    CHECK(needs("C-6,a1,plotter,2026-01-01,\nC-2,a1,,,\n") == covered);
    world.write_purchases("p1,a1,printer,2024-06-01,1000\np2,a1,old-press,2025-01-10,5000\n"
                          "p4,a1,service,2026-06-01,100\n");
    CHECK(needs("C-1,a1,service,2026-01-01,2026-11-23\n") == covered); // plans are bought, too
    world.write_purchases("p1,a1,printer,2024-06-01,1000\np2,a1,old-press,2025-01-10,5000\n");
    needs("C-1,a1,service,2026-01-01,2027-02-14\n");
    const service::ReviewView view = show(world, "a1");
    REQUIRE(view.sheet.contracts.size() == 1);
    CHECK(view.sheet.contracts[0].name == "Service");
    CHECK(view.sheet.contracts[0].contract.key == "C-1");
    CHECK(view.sheet.contracts[0].contract.end == Date{2027y / 2 / 14});
    CHECK(view.offers.empty()); // nobody is offered the contract that they have
}

TEST_CASE("a sheet says which missing fact would change the level", "[service][sheet]") {
    test::World world;
    prepare(world);
    const auto matters = [&](const std::string& account) {
        const service::ReviewView view = show(world, account);
        REQUIRE(view.sheet.missing.size() == 1);
        CHECK(view.sheet.missing[0].fact == "satisfaction");
        CHECK(view.sheet.missing[0].rule == "happy");
        REQUIRE_FALSE(view.agenda.empty());
        CHECK(view.agenda[0].would_change_level == view.sheet.missing[0].would_change_level);
        return view.sheet.missing[0].would_change_level;
    };
    CHECK_FALSE(matters("a1")); // it is high already
    CHECK(matters("a2"));
}

TEST_CASE("questions are worded by level, segment and product", "[service][sheet]") {
    test::World world;
    prepare(world);
    CHECK(question(world, "a1", "value") == "What would you miss most?");
    CHECK(question(world, "a4", "value") == "What do the doctors say?");
    CHECK(question(world, "a2", "value") == "What do you print?");
    CHECK(question(world, "a5", "value") == "What do you like best?");
}

TEST_CASE("a sheet speaks its owner's language, else English", "[service][sheet]") {
    test::World world;
    prepare(world);
    CHECK(question(world, "a1", "satisfaction") == "How content are you?");
    CHECK(question(world, "a7", "satisfaction") == "আপনি কতটা সন্তুষ্ট?");
    CHECK(question(world, "a7", "value") == "What would you miss most?");
    const service::ReviewView view = show(world, "a7");
    CHECK(view.invitation == "আসতে পারি?");
    CHECK(view.free_review == "It is free of charge.");
    std::map<std::string, std::string> offered;
    for (const service::OfferLine& offer : view.offers) {
        offered[offer.product] = offer.name;
    }
    CHECK(offered["printer"] == "প্রিন্টার");
    CHECK(offered["service"] == "সেবা");
}

TEST_CASE("a sheet drafts the invitation, with its free review", "[service][sheet]") {
    test::World world;
    prepare(world);
    const auto draft = show(world, "a1").sheet.draft;
    REQUIRE(draft.has_value());
    CHECK(draft->to == "jo@example.test");
    CHECK(draft->subject == "A review");
    CHECK(draft->text == "Dear Jo: May we come by? It is free of charge. Ana Costa, Test");
    CHECK_FALSE(show(world, "a2").sheet.draft.has_value()); // nobody to write to
}

TEST_CASE("a draft is all in one language, the contact's if there is one", "[service][sheet]") {
    test::World world;
    prepare(world);
    const auto drafted = [&world](const std::string& language) {
        world.write_data(
            "contacts.csv",
            "key,account,name,role,phone,email,language\nc1,a1,Jo,buyer,+44 1,jo@example.test,"
                + language + "\n"
        );
        world.import(at(monday, 13));
        return show(world, "a1").sheet.draft->text;
    };
    const std::string english = drafted("");
    CHECK(english == "Dear Jo: May we come by? It is free of charge. Ana Costa, Test");
    CHECK(drafted("bn") == english); // there is no draft in it, and half a letter is none
    std::string with_bengali = agenda;
    const std::string head = "draft: { ";
    with_bengali.insert(
        with_bengali.find(head) + head.size(), "bn: \"প্রিয় {{contact}}: {{invitation}}\", "
    );
    world.write_agenda(with_bengali);
    REQUIRE(world.service().reload(world.load(), ana, at(monday, 14)).has_value());
    for (const char* const language : {"bn", "BN", "bn-BD", "bn_BD"}) {
        CAPTURE(language);
        CHECK(drafted(language) == "প্রিয় Jo: আসতে পারি?");
    }
    CHECK(drafted("fr-CA") == english);
}

TEST_CASE("a sheet has what customers like this one value", "[service][sheet]") {
    test::World world;
    prepare(world);
    hold(world, "a2", "It is quiet");
    hold(world, "a3", "It is large");   // of another size
    hold(world, "a4", "It is healthy"); // of another segment
    const auto points = show(world, "a1").sheet.value_points;
    REQUIRE(points.size() == 1);
    CHECK(points[0].text == "It is quiet");
    CHECK(points[0].account == "Orbis");
    const auto others = show(world, "a2").sheet.value_points; // its own are no news to it
    REQUIRE(others.size() == 1);
    CHECK(others[0].text == "It is large");
    CHECK(others[0].likeness == store::Outcomes::Likeness::segment);
}

TEST_CASE("a sheet and a digest have the newest talk, a source's too", "[service][sheet]") {
    test::World world;
    world.edit_settings(
        "channels:\n", "  interactions: { file: interactions.csv, every: 1 day }\nchannels:\n"
    );
    std::string rows = "key,account,kind,date,person,note\nI-0,a1,visit,2026-10-01,ana,older\n"
                       "I-2,a1,call,2026-12-01,ana,is still to come\n"
                       "I-1,a1,call,2026-10-16,ana,Promised: A3 feeder\n";
    world.write_data("interactions.csv", rows);
    prepare(world);
    REQUIRE(show(world, "a1").sheet.last_talk.has_value());
    const service::Talk talk = *show(world, "a1").sheet.last_talk;
    CHECK(talk.day == Date{2026y / 10 / 16});
    CHECK(talk.kind == "call");
    CHECK(talk.who == "ana");
    CHECK(talk.note == "Promised: A3 feeder");
    CHECK_FALSE(show(world, "a2").sheet.last_talk.has_value());
    const Date due = world.open_review("a1").due;
    world.run_through(at(monday, 13), at(due, 10));
    CHECK(std::any_of(world.sent.begin(), world.sent.end(), [](const test::Sent& sent) {
        const std::string line = "Last    16 Oct, call: Promised: A3 feeder.\n";
        return sent.message.text.find(line) != std::string::npos;
    }));
    const service::AccountDesk::Contact met{{}, "met at a fair"};
    const AccountId account = world.account("a1").id;
    REQUIRE(world.service().accounts().contact(account, met, ana, at(due, 11)).has_value());
    const auto noted = world.service().views().review("a1", at(due, 12))->sheet.last_talk;
    REQUIRE(noted.has_value());
    CHECK(noted->kind == "contact");
    CHECK(noted->note == "met at a fair");
}

TEST_CASE("a sheet has the talks between reviews", "[service][sheet]") {
    test::World world;
    prepare(world);
    const AccountId account = world.account("a1").id;
    const auto noted =
        world.service().accounts().contact(account, {{}, "met at a fair"}, ana, at(monday, 13));
    REQUIRE(noted.has_value());
    const service::ReviewView view = show(world, "a1");
    REQUIRE(view.sheet.contacts_logged.size() == 1);
    CHECK(view.sheet.contacts_logged[0].note == "met at a fair");
    CHECK(view.sheet.contacts_logged[0].day == monday);
}

TEST_CASE("a subsidiary's sheet names what it is part of", "[service][sheet]") {
    test::World world;
    prepare(world);
    world.write_data(
        "accounts.csv",
        "key,name,owner,budget,vip,parent\n"
        "a1,Hartley,ana,42000,false,\na2,Orbis,ana,100,false,a1\na3,Brook,ana,100,false,a3\n"
        "a4,Clinic,ana,100,false,gone\na5,Corner,ana,100,false,\na7,Padma,farah,50000,false,\n"
    );
    world.import(at(monday, 13));
    REQUIRE(show(world, "a2").sheet.parent.has_value());
    CHECK(show(world, "a2").sheet.parent->name == "Hartley");
    CHECK_FALSE(show(world, "a1").sheet.parent.has_value());
    CHECK_FALSE(show(world, "a3").sheet.parent.has_value());
    CHECK_FALSE(show(world, "a4").sheet.parent.has_value());
    const auto lost = [&] {
        const auto status =
            world.service().views().status(service::Views::Shares::leave_out, at(monday, 13));
        return std::pair{status.health.accounts_with_lost_parent, status.health.lost_parent_of};
    };
    CHECK(lost() == std::pair{std::int64_t{2}, std::string{"a3"}}); // itself, and nobody
    world.write_data(
        "accounts.csv",
        "key,name,owner,budget,vip,parent\n"
        "a1,Hartley,ana,42000,false,a5\na2,Orbis,ana,100,false,a1\na3,Brook,ana,100,false,a2\n"
        "a4,Clinic,ana,100,false,\na5,Corner,ana,100,false,a2\na7,Padma,farah,50000,false,a3\n"
    );
    world.import(at(monday, 14));
    CHECK(
        lost() == std::pair{std::int64_t{3}, std::string{"a1"}}
    ); // who only lead there do not count
}

TEST_CASE("a sheet says from whom the account came, when and why", "[service][sheet]") {
    test::World world;
    prepare(world);
    CHECK_FALSE(show(world, "a1").handover.has_value());
    service::AccountDesk& desk = world.service().accounts();
    const AccountId account = world.account("a1").id;
    const PersonId farah = world.service().views().person("farah").value();
    const service::Actor ruth{"ruth", "socket"};
    REQUIRE(desk.reassign(account, {farah, "ana is on leave"}, ruth, at(monday, 13)).has_value());
    const auto handover = show(world, "a1").handover;
    REQUIRE(handover.has_value());
    CHECK(handover->from_name == "Ana Costa");
    CHECK(handover->to_name == "Farah Khan");
    CHECK(handover->day == monday);
    CHECK(handover->who == "ruth");
    CHECK(handover->because == "ana is on leave");
}

TEST_CASE("where nobody is quite alike, others of the segment or the size do", "[service][sheet]") {
    test::World world;
    prepare(world);
    const auto said = [&](const std::string& account) {
        const auto points = show(world, account).sheet.value_points;
        return points.empty() ? std::string{} : points[0].text;
    };
    hold(world, "a5", "It is small"); // of another segment
    REQUIRE(said("a1") == "It is small");
    CHECK(show(world, "a1").sheet.value_points[0].likeness == store::Outcomes::Likeness::size);
    CHECK(said("a7").empty());        // alike in nothing
    hold(world, "a3", "It is large"); // of another size
    REQUIRE(said("a1") == "It is large");
    CHECK(show(world, "a1").sheet.value_points[0].likeness == store::Outcomes::Likeness::segment);
    hold(world, "a2", "It is quiet");
    CHECK(said("a1") == "It is quiet");
    CHECK(show(world, "a1").sheet.value_points.size() == 1);
}

} // namespace reviewd::test::test_call_sheet
