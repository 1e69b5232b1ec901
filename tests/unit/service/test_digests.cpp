// What stands in a morning's digest beside what a reminder is due for.
#include "daemon/store/outcomes.hpp"
#include "daemon/store/portfolio.hpp"
#include "daemon/store/scores.hpp"
#include "daemon/store/transaction.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/service/world.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <tuple>

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
            if (review.quiet_until && *review.quiet_until > today) {
                continue;
            }
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

namespace {

/// Accounts of the person's late reviews that nobody silenced, the highest score first.
std::vector<std::string> late_accounts(test::World& world, PersonId person, Date today) {
    std::vector<std::tuple<rules::Points, Date, ReviewId, std::string>> late;
    for (const store::Review& review : world.open_reviews()) {
        if (review.owner == person && review.due < today && review.quiet_until <= today) {
            const auto score = store::Scores{world.database()}.find(review.account);
            store::Portfolio portfolio{world.database(), {}};
            late.emplace_back(
                -score->points, review.due, review.id, portfolio.account(review.account)->name
            );
        }
    }
    std::sort(late.begin(), late.end());
    std::vector<std::string> names;
    for (const auto& [points, due, id, name] : late) {
        names.push_back(name);
    }
    return names;
}

} // namespace

TEST_CASE("what is called first is late where anything is late", "[service][digest]") {
    test::World world;
    world.show_html();
    int named = 0;
    world.answer = [&](const service::SendOrder& order, TimePoint now) {
        const json::value payload = json::parse(order.message.payload);
        if (payload.at("kind") == "digest") {
            const auto& first = payload.at("items").at(0);
            const bool is_late =
                first.at("section") == "escalated" || first.at("section") == "late";
            for (const service::PersonView& person : world.service().views().people(now)) {
                const auto late =
                    late_accounts(world, person.profile.id, person.profile.today(now));
                if (is_late || late.empty()
                    || person.profile.name != order.message.recipient.name) {
                    continue;
                }
                INFO(order.message.subject << "\n" << order.message.text);
                ++named;
                REVIEWD_CHECK_CONTAINS(order.message.subject, ": " + late.front());
                REVIEWD_CHECK_CONTAINS(order.message.text, "\nLATE    " + late.front());
                REVIEWD_CHECK_CONTAINS(order.message.html, "<bdi>" + late.front() + "</bdi>");
            }
        }
        notify::Outcome accepted;
        accepted.verdict = notify::Verdict::accepted;
        return accepted;
    };
    world.open(at(monday, 5));
    world.run_through(at(monday, 5), at(monday + days{90}, 12));
    CHECK(named > 0);
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

namespace {

/// The texts of messages that name the promise.
std::vector<std::string> naming_promise(const test::World& world) {
    std::vector<std::string> texts;
    for (const test::Sent& one : world.sent) {
        if (one.message.text.find("send the prices") != std::string::npos) {
            texts.push_back(one.message.text);
            REVIEWD_CHECK_CONTAINS(one.message.html, "send the prices");
            REVIEWD_CHECK_CONTAINS(one.message.payload, "send the prices");
        }
    }
    return texts;
}

std::vector<std::string> told_of_promise(test::World& world, TimePoint from, TimePoint until) {
    world.sent.clear();
    world.run_through(from, until);
    return naming_promise(world);
}

/// A low account of Ana's with nothing to do for months, and a promise for that day.
store::Review promise(test::World& world, Date due, const std::string& language = "en") {
    world.show_html();
    world.edit_settings("  farah: {", "  ana: { language: " + language + " }\n  farah: {");
    world.write_accounts({{"a5", "ana", 100}, {"a7", "farah", 100}});
    world.open(at(monday, 5));
    world.run(at(monday, 5));
    service::Outcome outcome;
    outcome.promise = "send the prices";
    outcome.promise_due = due;
    const auto next = world.service().reviews().done(
        world.open_review("a5").id, outcome, {"ana", "socket"}, at(monday, 12)
    );
    REQUIRE(next.has_value());
    REQUIRE(next->due > monday + days{200});
    return *next;
}

} // namespace

TEST_CASE("a dated promise is told on its day, in the reader's language", "[service][digest]") {
    const auto [language, words, heading] = GENERATE(table<std::string, std::string, std::string>(
        {{"en", ": promised: send the prices, 1 Dec", "PROMISED (review due "},
         {"bn", ": কথা দেওয়া আছে: send the prices", "কথা দেওয়া আছে (রিভিউ "}}
    ));
    CAPTURE(language);
    test::World world;
    const Date tuesday = monday + days{8};
    const store::Review review = promise(world, tuesday, language);
    CHECK(told_of_promise(world, at(monday, 13), at(tuesday, 0)).empty());
    const auto texts = told_of_promise(world, at(tuesday, 0), at(tuesday, 12));
    REQUIRE(texts.size() == 1);
    REVIEWD_CHECK_CONTAINS(texts[0], words);
    REVIEWD_CHECK_CONTAINS(texts[0], heading);
    CHECK(texts[0].find("Ask ") == std::string::npos);
    CHECK(world.sent_reminders().size() == 1);
    // Once, also when the review's own steps begin anew.
    const auto moved = world.service().reviews().reschedule(
        review.id, monday + days{100}, "", {"ana", "socket"}, at(tuesday, 13)
    );
    REQUIRE(moved.has_value());
    CHECK(told_of_promise(world, at(tuesday, 13), at(tuesday + days{10}, 12)).empty());
    test::check_invariants(world, at(tuesday + days{10}, 12));
}

TEST_CASE("a promise that is kept before its day is not told", "[service][digest]") {
    test::World world;
    const Date tuesday = monday + days{8};
    const store::Review review = promise(world, tuesday);
    const auto open = world.service().views().promises_due("ana", tuesday, at(monday, 13));
    REQUIRE(open->size() == 1);
    service::AccountDesk::Contact contact;
    contact.kept_promises = {open->front().promise.id};
    REQUIRE(world.service()
                .accounts()
                .contact(review.account, contact, {"ana", "socket"}, at(monday, 14))
                .has_value());
    CHECK(told_of_promise(world, at(monday, 14), at(tuesday + days{3}, 12)).empty());
}

TEST_CASE("a promise for a day off is told before it", "[service][digest]") {
    const bool is_leave = GENERATE(false, true);
    CAPTURE(is_leave);
    test::World world;
    const Date friday = monday + days{4};
    promise(world, is_leave ? friday + days{4} : friday + days{1});
    if (is_leave) {
        const service::LeaveDesk::Wanted wanted{"ana", friday + days{3}, friday + days{7}, ""};
        REQUIRE(world.service().leave().add(wanted, {"ana", "socket"}, at(monday, 14)).has_value());
    }
    CHECK(told_of_promise(world, at(monday, 14), at(friday, 0)).empty());
    CHECK(told_of_promise(world, at(friday, 0), at(friday, 12)).size() == 1);
    CHECK(told_of_promise(world, at(friday, 12), at(friday + days{14}, 12)).empty());
}

TEST_CASE("a promise goes over to a new owner with its account", "[service][digest]") {
    test::World world;
    const Date tuesday = monday + days{8};
    promise(world, tuesday);
    CHECK(told_of_promise(world, at(monday, 14), at(tuesday, 12)).size() == 1);
    world.sent.clear();
    world.put_account({"a5", "karim", 100});
    world.import(at(tuesday, 13)); // nothing was said to Karim this morning
    world.run_through(at(tuesday, 13), at(tuesday + days{7}, 12));
    REQUIRE(naming_promise(world).size() == 1);
    CHECK(world.sent.front().message.recipient.address == "karim@example.test");
}

TEST_CASE("the most pressing promise comes first", "[service][digest]") {
    test::World world;
    const Date tuesday = monday + days{8};
    const store::Review review = promise(world, tuesday);
    const auto add = [&](const std::string& text, std::optional<Date> due) {
        REQUIRE(store::write(world.database(), [&]() -> Result<void> {
                    store::Outcomes{world.database()}.add_promise(
                        {0, review.id, review.account, text, due, std::nullopt, monday}
                    );
                    return {};
                }).has_value());
    };
    add("undated", std::nullopt);
    add("sooner", tuesday - days{1});
    const auto texts = told_of_promise(world, at(tuesday, 0), at(tuesday, 12));
    REQUIRE(texts.size() == 1);
    REVIEWD_CHECK_CONTAINS(texts[0], "Promised: sooner; send the prices; undated\n");
}

TEST_CASE("what was tried waits unseen, and its note comes with it", "[service][digest]") {
    test::World world;
    world.open(at(monday, 5));
    world.run(at(monday, 5));
    const store::Review review = world.open_review("a3");
    const Date late = review.due + days{1};
    world.run_through(at(monday, 5), at(late, 4));
    const auto tried = world.service().reviews().attempt(
        review.id, "declined", "not now,\nafter the fair", {"ana", "socket"}, at(late, 4)
    );
    REQUIRE(tried.has_value());
    const Date next = tried->quiet_until.value();
    REQUIRE(next > late + days{20});
    const std::string key = "\"key\":\"a3\"";
    int silent = 0;
    world.answer = [&](const service::SendOrder& order, TimePoint now) {
        const json::value payload = json::parse(order.message.payload);
        if (payload.at("kind") == "digest" && order.message.recipient.address == "ana@example.test"
            && now < at(next, 0)) {
            ++silent;
            CHECK(order.message.payload.find(key) == std::string::npos);
            const Counted due = count_due(world, order.message.recipient.name, now);
            CHECK(payload.at("counts").at("late").as_int64() == due.late);
        }
        notify::Outcome accepted;
        accepted.verdict = notify::Verdict::accepted;
        return accepted;
    };
    world.sent.clear();
    world.run_through(at(late, 4), at(next, 12));
    CHECK(silent > 3);
    const auto& last = world.sent.back().message;
    REQUIRE(last.payload.find(key) != std::string::npos);
    REVIEWD_CHECK_CONTAINS(last.text, ", declined: not now, / after the fair.");
}

} // namespace reviewd::test::test_digests
