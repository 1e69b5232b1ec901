// What was written down for later, and is not as it was when its time comes: an invitation that a
// newer one replaces, an address that was mended, a channel that is no more, a review that was
// done.
#include "tests/support/catch.hpp"
#include "tests/unit/service/world.hpp"

#include <algorithm>
#include <set>

namespace reviewd::test::test_overtaken {

using namespace reviewd;
using namespace std::chrono_literals;
using notify::Outcome;
using notify::Verdict;
using std::chrono::days;
using test::at;

namespace {

const Date monday{2026y / 11 / 23};
const service::Actor ana{"ana", "socket"};

Outcome outcome(Verdict verdict, int code = 0) {
    Outcome made;
    made.verdict = verdict;
    made.code = code;
    return made;
}

void answer_all(test::World& world, Verdict verdict) {
    world.answer = [verdict](const service::SendOrder& /*order*/, TimePoint /*now*/) {
        return outcome(verdict);
    };
}

void open_at_five(test::World& world) {
    world.open(at(monday, 5));
    world.run(at(monday, 5));
    world.sent.clear();
}

void use_mail(test::World& world) {
    world.edit_settings(
        "    channels: [desk]\n", "    channels: [mail]\n    invitations: appointments\n"
    );
    world.edit_settings(
        "channels:\n", "channels:\n  mail: { type: smtp, host: localhost, from: r@example.test }\n"
    );
}

ReviewId appoint(test::World& world, std::chrono::hours time, TimePoint now) {
    const ReviewId review = world.open_review("a2").id;
    const Date day{2026y / 12 / 1};
    REQUIRE(world.service().reviews().appoint(review, {day, time, ""}, ana, now).has_value());
    return review;
}

/// Of the invitations that were sent, in their order: "REQUEST 0".
std::vector<std::string> invitations(const test::World& world) {
    std::vector<std::string> found;
    const auto value = [](const std::string& text, const std::string& name) {
        const std::size_t from = text.find(name) + name.size();
        return text.substr(from, text.find('\r', from) - from);
    };
    for (const test::Sent& sent : world.sent) {
        const std::string& calendar = sent.message.calendar;
        if (!calendar.empty()) {
            found.push_back(value(calendar, "METHOD:") + " " + value(calendar, "SEQUENCE:"));
        }
    }
    return found;
}

std::vector<store::Delivery> in_state(test::World& world, store::DeliveryState state) {
    store::DeliveryFilter filter;
    filter.state = state;
    return world.service().views().deliveries(filter);
}

} // namespace

TEST_CASE("no invitation comes behind a newer one", "[service][outbox][appointment]") {
    test::World world;
    use_mail(world);
    world.open(at(monday, 12));
    world.run(at(monday, 12));
    world.sent.clear();
    const auto verdict = GENERATE(Verdict::temporary, Verdict::permanent);
    answer_all(world, verdict);
    const ReviewId review = appoint(world, 10h, at(monday, 13));
    world.run(at(monday, 13));
    world.answer = nullptr;
    SECTION("the customer calls it off") {
        REQUIRE(world.service().reviews().skip(review, "off", ana, at(monday, 13, 1)).has_value());
        world.run_through(at(monday, 13, 1), at(monday, 18));
        CHECK(invitations(world) == std::vector<std::string>{"CANCEL 1"});
    }
    SECTION("another time is agreed on") {
        appoint(world, 11h, at(monday, 13, 1));
        world.run_through(at(monday, 13, 1), at(monday, 18));
        CHECK(invitations(world) == std::vector<std::string>{"REQUEST 1"});
    }
    if (verdict == Verdict::permanent) {
        const auto failed = in_state(world, store::DeliveryState::failed);
        REQUIRE(failed.size() == 1);
        const auto again =
            world.service().outbox().retry(failed.front().id, ana, at(monday, 18, 1));
        REQUIRE(again.has_error());
        CHECK(again.error().code == ErrorCode::conflict);
    }
    CHECK(in_state(world, store::DeliveryState::wait).empty());
}

TEST_CASE("an invitation that is under way is not tried again behind a newer one", "[service]") {
    test::World world;
    use_mail(world);
    world.open(at(monday, 12));
    world.run(at(monday, 12));
    world.sent.clear();
    const ReviewId review = appoint(world, 10h, at(monday, 13));
    bool is_first = true;
    world.answer = [&](const service::SendOrder& /*order*/, TimePoint now) {
        if (std::exchange(is_first, false)) {
            REQUIRE(world.service().reviews().skip(review, "off", ana, now).has_value());
            return outcome(Verdict::temporary);
        }
        return outcome(Verdict::accepted);
    };
    world.run_through(at(monday, 13), at(monday, 18));
    CHECK(invitations(world) == std::vector<std::string>{"CANCEL 1"});
}

namespace {

/// One new customer each morning from Monday to Friday, whom nobody takes a message of.
void fill_a_week(test::World& world) {
    open_at_five(world);
    answer_all(world, Verdict::temporary);
    for (int day = 0; day < 5; ++day) {
        world.put_account({"n" + std::to_string(day), "ana", 42'000});
        world.import(at(monday + days{day}, 6));
        world.run_through(at(monday + days{day}, 6), at(monday + days{day}, 23));
    }
}

/// The keys of what was planned on a day, and is still to be sent.
std::vector<std::string> waiting_since(test::World& world, Date day) {
    std::vector<std::string> keys;
    for (const store::Delivery& delivery : world.service().views().deliveries({})) {
        for (const store::Reminder& reminder :
             store::Outbox{world.database()}.reminders(delivery.id)) {
            if (!store::is_final(delivery.state) && reminder.day == day) {
                keys.push_back(to_string(reminder.key));
            }
        }
    }
    return keys;
}

} // namespace

TEST_CASE("each reminder of a digest is given up in its own time", "[service][outbox][I12]") {
    const int days_down = GENERATE(7, 8);
    CAPTURE(days_down);
    test::World world;
    world.write_accounts({});
    fill_a_week(world);
    const auto first = waiting_since(world, monday);
    const auto last = waiting_since(world, monday + days{4});
    REQUIRE_FALSE(first.empty());
    REQUIRE_FALSE(last.empty());
    const Date end = monday + days{days_down};
    world.run_through(at(monday + days{5}, 0), at(end - days{1}, 23));
    world.answer = nullptr;
    world.run_through(at(end, 0), at(end, 12));
    const auto sent = world.sent_reminders();
    for (const std::string& key : last) {
        CAPTURE(key);
        CHECK(sent.count(key) == 1);
        CHECK((sent.count(key) == 0 || sent.at(key) == 1));
    }
    for (const std::string& key : first) {
        CAPTURE(key);
        CHECK(sent.count(key) == 0);
    }
    CHECK_FALSE(in_state(world, store::DeliveryState::expired).empty());
}

} // namespace reviewd::test::test_overtaken
