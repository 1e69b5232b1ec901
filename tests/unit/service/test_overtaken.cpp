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

std::set<ReviewId> reviews_of(const std::vector<std::string>& reminders) {
    std::set<ReviewId> reviews;
    for (const std::string& key : reminders) {
        reviews.insert(ReviewId{std::stoll(key)});
    }
    return reviews;
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

TEST_CASE("a channel that is no more leaves nothing behind", "[service][outbox][I12]") {
    test::World world;
    open_at_five(world);
    answer_all(world, Verdict::temporary);
    world.run(at(monday, 7, 30));
    const auto left = in_state(world, store::DeliveryState::wait);
    REQUIRE(left.size() == 1);
    const bool is_sent_again = GENERATE(false, true);
    const bool is_reload = GENERATE(false, true);
    world.answer = nullptr;
    world.edit_settings("  desk: {", "  post: {");
    world.edit_settings("channels: [desk]", "channels: [post]");
    if (is_reload) {
        REQUIRE(world.service().reload(world.load(), ana, at(monday, 7, 31)).has_value());
    } else {
        world.close();
        world.open(at(monday, 7, 31));
    }
    world.run(at(monday, 7, 31));
    CHECK(in_state(world, store::DeliveryState::wait).empty());
    REQUIRE(world.sent.size() == 1);
    CHECK_FALSE(world.sent.front().message.reminder_ids.empty());
    for (const std::string& key : world.sent.front().message.reminder_ids) {
        CHECK(key.ends_with("/post"));
    }
    if (is_sent_again) { // its name comes back
        world.edit_settings("  post: {", "  desk: {");
        world.edit_settings("channels: [post]", "channels: [desk]");
        REQUIRE(world.service().reload(world.load(), ana, at(monday, 8)).has_value());
        world.run_through(at(monday, 8), at(monday, 18));
        CHECK(world.sent.size() == 1);
    }
}

TEST_CASE("what failed on the other channels stays on the one that is lost", "[service][outbox]") {
    test::World world;
    world.edit_settings("channels: [desk]", "channels: [desk, push]");
    world.edit_settings("channels:\n", "channels:\n  push: { type: file, path: push.jsonl }\n");
    open_at_five(world);
    const auto desk = GENERATE(Verdict::permanent, Verdict::accepted);
    world.answer = [&](const service::SendOrder& order, TimePoint /*now*/) {
        return outcome(order.channel == "desk" ? desk : Verdict::temporary);
    };
    world.run(at(monday, 7, 30));
    REQUIRE(in_state(world, store::DeliveryState::wait).size() == 1);
    world.edit_settings("  push: { type: file, path: push.jsonl }\n", "");
    world.edit_settings("channels: [desk, push]", "channels: [desk]");
    REQUIRE(world.service().reload(world.load(), ana, at(monday, 7, 31)).has_value());
    world.run(at(monday, 7, 31));
    // Nobody got it: it is not taken back, and named. Where the other one took it, all is well.
    const bool is_kept = desk == Verdict::permanent;
    CHECK(in_state(world, store::DeliveryState::wait).size() == (is_kept ? 1U : 0U));
    const auto status =
        world.service().views().status(service::Views::Shares::leave_out, at(monday, 8));
    CHECK(status.lost_channels.size() == (is_kept ? 1U : 0U));
}

TEST_CASE("what nobody can take over from a lost channel is named", "[service][outbox]") {
    test::World world;
    open_at_five(world);
    world.answer = [&](const service::SendOrder& order, TimePoint /*now*/) {
        REQUIRE(world.service().outbox().mark_commit(order.delivery, order.attempt));
        return outcome(Verdict::uncertain);
    };
    world.run(at(monday, 7, 30));
    REQUIRE(in_state(world, store::DeliveryState::wait).size() == 1);
    world.answer = nullptr;
    world.edit_settings("  desk: {", "  post: {");
    world.edit_settings("channels: [desk]", "channels: [post]");
    REQUIRE(world.service().reload(world.load(), ana, at(monday, 7, 31)).has_value());
    world.run(at(monday, 7, 31));
    const auto left = in_state(world, store::DeliveryState::wait);
    REQUIRE(left.size() == 1);
    CHECK(world.sent.empty());
    const auto status =
        world.service().views().status(service::Views::Shares::leave_out, at(monday, 8));
    REQUIRE(status.lost_channels.size() == 1);
    REVIEWD_CHECK_CONTAINS(status.lost_channels.front(), "a delivery waits on `desk`");
    const auto again = world.service().outbox().retry(left.front().id, ana, at(monday, 8));
    REQUIRE(again.has_error());
    REVIEWD_CHECK_CONTAINS(again.error().message, "there is no channel `desk`");
}

namespace {

void move_ana_to(test::World& world, const std::string& address) {
    world.write_data(
        "people.csv",
        "key,name,email,manager\n"
        "ruth,Ruth Okafor,ruth@example.test,\n"
        "karim,Karim Haddad,karim@example.test,ruth\n"
        "ana,Ana Costa,"
            + address
            + ",karim\n"
              "farah,Farah Khan,farah@example.test,karim\n"
    );
    world.import(at(monday, 7, 31));
}

} // namespace

TEST_CASE("a message goes to the address of today", "[service][outbox][F41]") {
    const auto verdict = GENERATE(Verdict::temporary, Verdict::permanent);
    test::World world;
    use_mail(world);
    open_at_five(world);
    appoint(world, 10h, at(monday, 7));
    answer_all(world, verdict);
    world.run(at(monday, 7, 30));
    world.answer = nullptr;
    move_ana_to(world, "new@example.test");
    for (const store::Delivery& failed : in_state(world, store::DeliveryState::failed)) {
        REQUIRE(world.service().outbox().retry(failed.id, ana, at(monday, 7, 32)).has_value());
    }
    world.run_through(at(monday, 7, 32), at(monday, 12));
    REQUIRE(world.sent.size() == 2);
    for (const test::Sent& sent : world.sent) {
        CHECK(sent.message.recipient.address == "new@example.test");
        CHECK(sent.message.calendar.find("ana@example.test") == std::string::npos);
    }
    CHECK(invitations(world) == std::vector<std::string>{"REQUEST 0"});
}

TEST_CASE("an address that was taken away is not written to", "[service][outbox][F41]") {
    test::World world;
    use_mail(world);
    world.check_address = [](std::string_view /*channel*/, std::string_view address) {
        return std::string{address.find('@') == address.npos ? "there is none" : ""};
    };
    open_at_five(world);
    answer_all(world, Verdict::temporary);
    world.run(at(monday, 7, 30));
    world.answer = nullptr;
    move_ana_to(world, "");
    world.run_through(at(monday, 7, 32), at(monday, 12));
    CHECK(world.sent.empty());
    const auto held = in_state(world, store::DeliveryState::held);
    REQUIRE(held.size() == 1);
    CHECK(held.front().reason == "no address: there is none");
}

TEST_CASE("what a peer refused has been read by nobody", "[service][outbox][I14]") {
    const int code = GENERATE(451, 503);
    test::World world;
    std::vector<test::AccountRow> accounts; // so many that several are due on the first morning
    for (int i = 0; i < 8; ++i) {
        accounts.push_back({"a" + std::to_string(i), "ana", 42'000});
    }
    world.write_accounts(accounts);
    open_at_five(world);
    std::vector<std::string> refused;
    world.answer = [&](const service::SendOrder& order, TimePoint /*now*/) {
        REQUIRE(world.service().outbox().mark_commit(order.delivery, order.attempt));
        refused = order.message.reminder_ids;
        return outcome(Verdict::temporary, code);
    };
    world.run(at(monday, 7, 30));
    std::set<ReviewId> told = reviews_of(refused);
    REQUIRE(told.size() >= 2);
    const ReviewId done = *told.begin();
    const auto name_of = [&](ReviewId review) {
        return world.service().views().review(review, at(monday, 8))->row.account.name;
    };
    REQUIRE(world.service().reviews().done(done, {}, ana, at(monday, 7, 31)).has_value());
    world.answer = nullptr;
    world.run_through(at(monday, 7, 32), at(monday, 12));
    REQUIRE(world.sent.size() == 1);
    told.erase(done);
    CHECK(reviews_of(world.sent.front().message.reminder_ids) == told);
    CHECK(world.sent.front().message.text.find(name_of(done)) == std::string::npos);
}

} // namespace reviewd::test::test_overtaken
