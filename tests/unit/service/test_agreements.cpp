#include "daemon/service/agreement.hpp"
#include "daemon/store/markers.hpp"
#include "daemon/store/transaction.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/service/world.hpp"

#include <algorithm>
#include <map>

namespace reviewd::test::test_agreements {

using namespace reviewd;
using namespace std::chrono_literals;
using std::chrono::days;
using test::at;

namespace {

constexpr Date monday{2026y / 11 / 23};
constexpr Date tuesday{2026y / 12 / 1};
const service::Actor ana{"ana", "socket"};

void prepare(test::World& world) {
    world.open(at(monday, 12));
    world.run(at(monday, 12));
}

/// Appointments go to everybody's calendar by mail.
void prepare_mail(test::World& world) {
    world.edit_settings(
        "    channels: [desk]\n", "    channels: [mail]\n    invitations: appointments\n"
    );
    world.edit_settings(
        "channels:\n", "channels:\n  mail: { type: smtp, host: localhost, from: r@example.test }\n"
    );
    prepare(world);
}

PersonId person(test::World& world, const std::string& key) {
    return world.service().views().find_person(key).value();
}

std::string agreed(test::World& world, const std::string& account) {
    return world.service().views().review(account, at(monday, 15))->row.appointment_local;
}

void appoint(
    test::World& world, const std::string& account, std::optional<std::chrono::hours> time
) {
    const auto done = world.service().reviews().appoint(
        world.open_review(account).id, {tuesday, time, "as they like it"}, ana, at(monday, 13)
    );
    REQUIRE(done.has_value());
}

void hand_to(test::World& world, const std::string& account, const std::string& owner) {
    REQUIRE(
        world.service()
            .accounts()
            .reassign(world.account(account).id, {person(world, owner), ""}, ana, at(monday, 14))
            .has_value()
    );
    world.run(at(monday, 14));
}

} // namespace

TEST_CASE("an appointment without a time is a day in every zone", "[service][desk][appointment]") {
    test::World world;
    prepare(world);
    appoint(world, "a1", std::nullopt); // Ana's, in London
    appoint(world, "a8", std::nullopt); // Farah's, in Dhaka
    const std::string day = to_string(tuesday);
    REQUIRE(agreed(world, "a1") == day);
    SECTION("it goes to the east") {
        hand_to(world, "a1", "farah");
        CHECK(agreed(world, "a1") == day);
    }
    SECTION("it goes to the west") {
        hand_to(world, "a8", "ana");
        CHECK(agreed(world, "a8") == day);
    }
    SECTION("a file gives it to somebody else") {
        world.put_account({"a8", "ana", 9'000});
        world.import(at(monday, 14));
        REQUIRE(world.open_review("a8").owner == person(world, "ana"));
        CHECK(agreed(world, "a8") == day);
    }
    SECTION("nobody owns it any more") {
        world.put_account({"a8", "", 9'000});
        world.import(at(monday, 14));
        CHECK(agreed(world, "a8") == day);
    }
    SECTION("its owner moves") {
        world.close();
        world.edit_settings("zone: Asia/Dhaka", "zone: America/New_York");
        world.open(at(monday, 14));
        world.run(at(monday, 14));
        CHECK(agreed(world, "a8") == day);
    }
    SECTION("its account is gone for a while") {
        world.drop_account("a8");
        world.import(at(monday, 14));
        world.put_account({"a8", "ana", 9'000});
        world.import(at(monday, 15));
        CHECK(world.open_review("a8").state == store::ReviewState::appointment);
        CHECK(agreed(world, "a8") == day);
    }
}

TEST_CASE("an appointment with a time keeps its moment", "[service][desk][appointment]") {
    test::World world;
    prepare(world);
    appoint(world, "a1", 18h);
    hand_to(world, "a1", "farah");
    CHECK(world.open_review("a1").appointment == at(tuesday, 18));
    // That is midnight in Dhaka, and a time like others.
    CHECK(agreed(world, "a1") == "2026-12-02 00:00");
    CHECK(world.open_review("a1").due == tuesday + days{1});
}

TEST_CASE("an appointment is due on the day of its owner's clock", "[service][desk][appointment]") {
    test::World world;
    prepare(world);
    appoint(world, "a8", 10h); // in Dhaka
    REQUIRE(world.open_review("a8").due == tuesday);
    const int before = world.open_review("a8").occurrence;
    SECTION("it goes to the west") {
        hand_to(world, "a8", "ana");
        CHECK(agreed(world, "a8") == "2026-12-01 04:00");
        CHECK(world.open_review("a8").due == tuesday);
    }
    SECTION("its owner moves") {
        world.close();
        world.edit_settings("zone: Asia/Dhaka", "zone: America/New_York");
        world.open(at(monday, 14));
        world.run(at(monday, 14));
        CHECK(agreed(world, "a8") == "2026-11-30 23:00");
        CHECK(world.open_review("a8").due == tuesday - days{1});
        CHECK(world.open_review("a8").occurrence == before + 1); // that day is told as well
    }
    SECTION("its account is gone for a while, and somebody else's then") {
        world.edit_settings("  farah: {", "  ana: { zone: America/New_York }\n  farah: {");
        world.close();
        world.open(at(monday, 14));
        world.drop_account("a8");
        world.import(at(monday, 14));
        world.put_account({"a8", "ana", 9'000});
        world.import(at(monday, 15));
        CHECK(agreed(world, "a8") == "2026-11-30 23:00");
        CHECK(world.open_review("a8").due == tuesday - days{1});
    }
}

TEST_CASE("an old history tells what stood", "[service][desk][appointment]") {
    const auto event = [](const std::string& what, const std::string& details) {
        store::ReviewEvent one;
        one.what = what;
        one.details = details;
        return one;
    };
    const std::vector<store::ReviewEvent> absent{
        event("planned", "{}"),
        event("appointment", "{}"),
        event("cancelled", R"({"because":"inactive"})"),
        event("reopened", R"({"because":"active again"})")};
    CHECK(service::state_before_end(absent) == store::ReviewState::appointment);
    const std::vector<store::ReviewEvent> undone{
        event("appointment", "{}"), event("done", "{}"), event("reopened", "{}")};
    CHECK(service::state_before_end(undone) == store::ReviewState::planned);
}

TEST_CASE("a day without a time comes as one of the whole day", "[service][mail][appointment]") {
    test::World world;
    prepare_mail(world);
    appoint(world, "a8", std::nullopt);
    hand_to(world, "a8", "ana");
    world.run_through(at(monday, 15), at(monday + days{1}, 12));
    const auto told = [&](const std::string& who, const std::string& method) {
        return std::any_of(world.sent.begin(), world.sent.end(), [&](const test::Sent& one) {
            const std::string& calendar = one.message.calendar;
            return one.message.recipient.name == who
                   && calendar.find("METHOD:" + method) != std::string::npos
                   && calendar.find("DTSTART;VALUE=DATE:20261201") != std::string::npos;
        });
    };
    CHECK(told("Ana Costa", "REQUEST"));
    CHECK(told("Farah Khan", "CANCEL"));
}

TEST_CASE("a calendar is named in its reader's language", "[service][calendar]") {
    const auto [language, name] = GENERATE(table<std::string, std::string>(
        {{"en", "X-WR-CALNAME:Reviews of Ana Costa\r\n"},
         {"bn", "X-WR-CALNAME:Ana Costa-এর পর্যালোচনা\r\n"}}
    ));
    test::World world;
    world.edit_settings("  farah: {", "  ana: { language: " + language + " }\n  farah: {");
    world.open(at(monday, 12));
    world.run(at(monday, 12));
    const PersonId ana = world.open_review("a1").owner;
    REVIEWD_CHECK_CONTAINS(world.service().feed(ana, at(monday, 13)), name);
}

TEST_CASE("a day that was noted as midnight is a day again", "[service][desk][appointment]") {
    test::World world;
    prepare(world);
    appoint(world, "a1", 18h);
    appoint(world, "a8", 10h);
    store::Review old = world.open_review("a8");
    old.appointment = at(tuesday - days{1}, 18); // midnight in Dhaka
    REQUIRE(store::write(world.database(), [&]() -> Result<void> {
                store::Markers{world.database()}.erase("appointments.whole_days");
                return store::Reviews{world.database()}.update(old);
            }).has_value());
    world.close();
    world.edit_settings("zone: Asia/Dhaka", "zone: America/New_York"); // just now
    world.open(at(monday, 14));
    CHECK_FALSE(world.open_review("a8").appointment.has_value());
    CHECK(agreed(world, "a8") == "2026-12-01");
    CHECK(world.open_review("a1").appointment == at(tuesday, 18));
}

TEST_CASE("an appointment that changes hands is called off for nobody", "[service][appointment]") {
    test::World world;
    prepare_mail(world);
    appoint(world, "a1", 10h);
    world.run(at(monday, 13));
    world.sent.clear();
    hand_to(world, "a1", "farah");
    world.run_through(at(monday, 14), at(monday + days{1}, 12));
    std::map<std::string, std::string> texts;
    for (const test::Sent& sent : world.sent) {
        if (sent.message.payload.find("\"invitation\"") != std::string::npos) {
            texts[sent.message.recipient.name] = sent.message.subject + "\n" + sent.message.text;
        }
    }
    REQUIRE(texts.size() == 2);
    REVIEWD_CHECK_CONTAINS(texts["Ana Costa"], "Handed over: ");
    REVIEWD_CHECK_CONTAINS(texts["Ana Costa"], "Farah Khan keeps the appointment instead of you");
    CHECK(texts["Ana Costa"].find("is off") == std::string::npos);
    REVIEWD_CHECK_CONTAINS(texts["Farah Khan"], "You take the appointment over from Ana Costa.");
}

} // namespace reviewd::test::test_agreements
