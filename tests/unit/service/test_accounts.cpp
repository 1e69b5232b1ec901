#include "daemon/store/account_reader.hpp"
#include "daemon/store/audit.hpp"
#include "daemon/store/invitations.hpp"
#include "daemon/store/outcomes.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/service/world.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace reviewd::test::test_accounts {

using namespace reviewd;
using namespace std::chrono_literals;
using std::chrono::days;
using test::at;

namespace {

const Date monday{2026y / 11 / 23};
const service::Actor ruth{"ruth", "socket"};

void prepare(test::World& world) {
    world.open(at(monday, 12));
    world.run(at(monday, 12));
}

/// a1 is the parent of a2; a3 is another account.
void prepare_family(test::World& world) {
    world.write_data(
        "accounts.csv",
        "key,name,owner,budget,vip,parent\na1,Mother,ana,42000,false,\n"
        "a2,Daughter,ana,100,false,a1\na3,Other,ana,100,false,\n"
    );
    prepare(world);
}

PersonId person(test::World& world, const std::string& key) {
    return world.service().views().find_person(key).value();
}

} // namespace

TEST_CASE("an owner who leaves hands all reviews over at once", "[service][accounts][F41]") {
    test::World world;
    prepare(world);
    const PersonId farah = person(world, "farah");
    const auto moved = world.service().accounts().reassign_all(
        {person(world, "ana")}, {farah, "Ana has left"}, ruth, at(monday, 13)
    );
    REQUIRE(moved.has_value());
    CHECK(moved->size() == 6);
    world.run(at(monday, 13));
    const auto all_farahs = [&] {
        const auto open = world.open_reviews();
        return std::all_of(open.begin(), open.end(), [&](const store::Review& review) {
            return review.owner == farah;
        });
    };
    CHECK(all_farahs());
    test::check_invariants(world, at(monday, 13));
    // The source goes on naming Ana: the handover holds.
    world.import(at(monday + days{1}, 9));
    CHECK(all_farahs());
    // Once it names somebody else, it is right.
    world.put_account({"a1", "karim", 42'000});
    world.import(at(monday + days{1}, 10));
    CHECK(world.open_review("a1").owner == person(world, "karim"));
    CHECK(world.open_review("a2").owner == farah);
    // And it stays right: what was handed over before is over.
    world.put_account({"a1", "ana", 42'000});
    world.import(at(monday + days{1}, 11));
    CHECK(world.open_review("a1").owner == person(world, "ana"));
    CHECK(world.open_review("a2").owner == farah);
    const auto trail = world.service().views().trail({{}, {}, "ruth", 100}).value();
    CHECK(trail.size() == 7); // six reviews and the portfolio
    CHECK(trail[0].from == "socket");
}

TEST_CASE("the audit names whom it does not know", "[service][accounts]") {
    test::World world;
    prepare(world);
    const service::Views& views = world.service().views();
    CHECK(views.trail({{}, {}, "farah", 100}).value().empty()); // a person who did nothing
    CHECK(!views.trail({{}, {}, "reviewd", 100}).value().empty());
    const auto unknown = views.trail({{}, {}, "farrah", 100});
    REQUIRE_FALSE(unknown.has_value());
    CHECK(unknown.error().code == ErrorCode::not_found);
    REVIEWD_CHECK_CONTAINS(unknown.error().message, "did you mean `farah`?");
}

TEST_CASE(
    "a review that is handed over is on a working day of its new owner", "[service][accounts]"
) {
    test::World world;
    prepare(world);
    const Date due = world.open_review("a1").due;
    const Date latest = world.open_review("a1").latest;
    for (const Date day : {due, latest}) {
        REQUIRE(
            world.service().leave().add({"farah", day, day, ""}, ruth, at(monday, 12)).has_value()
        );
    }
    world.run(at(monday, 12));
    const auto moved = world.service().accounts().reassign(
        world.account("a1").id, {person(world, "farah"), ""}, ruth, at(monday, 13)
    );
    REQUIRE(moved.has_value());
    world.run(at(monday, 13));
    CHECK(world.open_review("a1").owner == person(world, "farah"));
    CHECK(world.open_review("a1").due != due);
    CHECK(world.open_review("a1").latest < latest); // so is the end of its window
    test::check_invariants(world, at(monday, 13));
}

TEST_CASE(
    "a review that an import moves is on a working day of its new owner at once",
    "[service][accounts]"
) {
    test::World world;
    prepare(world);
    const Date latest = world.open_review("a1").latest;
    REQUIRE(
        world.service().leave().add({"farah", latest, latest, ""}, ruth, at(monday, 12)).has_value()
    );
    world.run(at(monday, 12));
    world.put_account({"a1", "farah", 42'000});
    world.import(at(monday, 13));
    const store::Review moved = world.open_review("a1");
    CHECK(moved.owner == person(world, "farah"));
    CHECK(moved.latest < latest);
    test::check_invariants(world, at(monday, 13));
}

TEST_CASE("an appointment outlives the absence of its account", "[service][accounts]") {
    test::World world;
    prepare(world);
    const Date thursday = monday + days{10};
    const auto agreed = world.service().reviews().appoint(
        world.open_review("a1").id, {thursday, std::chrono::hours{10}}, ruth, at(monday, 13)
    );
    REQUIRE(agreed.has_value());
    world.drop_account("a1");
    world.import(at(monday, 14));
    const auto ended = store::Reviews{world.database()}.find(agreed->id);
    REQUIRE(ended->state == store::ReviewState::cancelled);
    SECTION("it comes back before the day") {
        world.put_account({"a1", "ana", 42'000});
        world.import(at(monday, 16));
        const store::Review review = world.open_review("a1");
        CHECK(review.id == agreed->id);
        CHECK(review.state == store::ReviewState::appointment);
        CHECK(review.due == thursday);
        CHECK(review.appointment == agreed->appointment);
        test::check_invariants(world, at(monday, 16));
    }
    SECTION("it comes back with another owner") {
        world.put_account({"a1", "farah", 42'000});
        world.import(at(monday, 16));
        CHECK(world.open_review("a1").id == agreed->id);
        CHECK(world.open_review("a1").owner == person(world, "farah"));
    }
    SECTION("it comes back after the day") {
        world.run_through(at(monday, 15), at(thursday + days{1}, 8));
        world.put_account({"a1", "ana", 42'000});
        world.import(at(thursday + days{1}, 9));
        const store::Review review = world.open_review("a1");
        CHECK(review.id != agreed->id);
        CHECK(review.state == store::ReviewState::planned);
    }
}

TEST_CASE("an appointment leaves the calendar of who does not hold it", "[service][accounts]") {
    test::World world;
    world.edit_settings(
        "    channels: [desk]\n", "    channels: [desk]\n    invitations: appointments\n"
    );
    prepare(world);
    const store::Review review = world.open_review("a1");
    const auto agreed = world.service().reviews().appoint(
        review.id, {review.due, std::chrono::hours{10}}, ruth, at(monday, 12)
    );
    REQUIRE(agreed.has_value());
    const auto is_in_calendar_of = [&](const std::string& key) {
        const auto told = store::Invitations{world.database()}.of(review.id);
        const PersonId id = person(world, key);
        return std::any_of(told.begin(), told.end(), [&](const auto& one) {
            return one.first == id && !one.second.is_cancelled;
        });
    };
    REQUIRE(is_in_calendar_of("ana"));
    SECTION("it is handed over") {
        const auto moved = world.service().accounts().reassign(
            world.account("a1").id, {person(world, "farah"), ""}, ruth, at(monday, 13)
        );
        REQUIRE(moved.has_value());
        CHECK(is_in_calendar_of("farah"));
        CHECK_FALSE(is_in_calendar_of("ana"));
    }
    SECTION("it was done, handed over, and is reopened") {
        service::ReviewDesk& desk = world.service().reviews();
        REQUIRE(desk.done(review.id, {}, ruth, at(monday, 13)).has_value());
        const auto moved = world.service().accounts().reassign(
            world.account("a1").id, {person(world, "farah"), ""}, ruth, at(monday, 13)
        );
        REQUIRE(moved.has_value());
        REQUIRE(desk.reopen(review.id, ruth, at(monday, 14)).has_value());
        CHECK(world.open_review("a1").state == store::ReviewState::appointment);
        CHECK(world.open_review("a1").owner == person(world, "farah"));
        CHECK_FALSE(is_in_calendar_of("ana"));
        CHECK(is_in_calendar_of("farah"));
    }
    SECTION("its account is merged into one that is due first") {
        REQUIRE(world.service()
                    .reviews()
                    .appoint(world.open_review("a2").id, {monday}, ruth, at(monday, 13))
                    .has_value());
        const auto merged = world.service().accounts().merge(
            world.account("a1").id, world.account("a2").id, ruth, at(monday, 13)
        );
        REQUIRE(merged.has_value());
        REQUIRE(merged->id != review.id);
        CHECK_FALSE(is_in_calendar_of("ana"));
    }
}

TEST_CASE("what a merge calls off is told by the name it was agreed under", "[service][accounts]") {
    test::World world;
    world.edit_settings(
        "    channels: [desk]\n", "    channels: [desk, mail]\n    invitations: appointments\n"
    );
    world.edit_settings(
        "channels:\n", "channels:\n  mail: { type: smtp, host: localhost, from: r@example.test }\n"
    );
    prepare(world);
    const AccountId from = world.account("a1").id;
    const AccountId into = world.account("a6").id;
    const std::string name = world.account("a1").name;
    const auto appoint = [&](const std::string& key, Date day) {
        const auto agreed = world.service().reviews().appoint(
            world.open_review(key).id, {day, std::chrono::hours{10}}, ruth, at(monday, 12)
        );
        REQUIRE(agreed.has_value());
    };
    appoint("a1", monday + days{10});
    appoint("a6", monday + days{9});
    world.run(at(monday, 12));
    const auto look = world.service().accounts().look_at_merge(from, into);
    REQUIRE(look.has_value());
    CHECK(look->ends.id == world.open_review("a1").id);
    CHECK(look->ends.state == store::ReviewState::appointment);
    REQUIRE(world.service().accounts().merge(from, into, ruth, at(monday, 13)).has_value());
    world.sent.clear();
    world.run_through(at(monday, 13), at(monday + days{1}, 12));
    const auto off = std::find_if(world.sent.begin(), world.sent.end(), [](const auto& one) {
        return one.message.subject.rfind("Off", 0) == 0;
    });
    REQUIRE(off != world.sent.end());
    REVIEWD_CHECK_CONTAINS(off->message.subject, name);
}

TEST_CASE("a command that was refused sets nothing in motion", "[service][accounts]") {
    test::World world;
    prepare(world);
    const TimePoint now = at(monday, 13);
    world.run(now);
    const auto wake = world.service().tick(now)->wake;
    REQUIRE(wake != now);
    const AccountId account = world.account("a1").id;
    service::AccountDesk& accounts = world.service().accounts();
    CHECK(accounts.merge(account, account, ruth, now).has_error());
    CHECK(world.service().tick(now)->wake == wake);
    const PersonId ana = person(world, "ana");
    CHECK(accounts.reassign(account, {ana, ""}, ruth, now).has_error());
    CHECK(world.service().tick(now)->wake == wake);
    CHECK(accounts.reassign_all({ana}, {ana, ""}, ruth, now).has_error());
    CHECK(world.service().tick(now)->wake == wake);
}

TEST_CASE("a level that a person set outlives a merge", "[service][accounts][override]") {
    test::World world;
    prepare(world);
    const service::OverrideDesk::Wish wish{"a5", "high", monday + days{30}, "a tender in spring"};
    REQUIRE(world.service().overrides().set(wish, ruth, at(monday, 12)).has_value());
    world.run(at(monday, 12));
    const auto merged = world.service().accounts().merge(
        world.account("a5").id, world.account("a6").id, ruth, at(monday, 13)
    );
    REQUIRE(merged.has_value());
    world.run(at(monday, 13));
    CHECK(world.open_review("a6").level == "high");
    const auto overrides = world.service().views().score_history("a6", 5)->overrides;
    REQUIRE(overrides.size() == 1);
    CHECK_FALSE(overrides.front().ended.has_value());
    test::check_invariants(world, at(monday, 13));
}

TEST_CASE("who is looked for in vain is told who there is", "[service][accounts]") {
    test::World world;
    prepare(world);
    const auto nobody = world.service().views().find_person("zorro");
    REQUIRE(nobody.has_error());
    REVIEWD_CHECK_CONTAINS(nobody.error().message, "there are ana, farah, karim, ruth");
}

TEST_CASE("the accounts of somebody who is gone are found and handed over", "[service][accounts]") {
    test::World world;
    world.write_accounts(
        {{"a1", "ana", 42'000},
         {"a2", "ana", 30'000},
         {"a3", "zoe", 9'000},
         {"a4", "", 100},
         {"a5", "farah", 100}}
    );
    const std::string others =
        "key,name\nruth,Ruth Okafor\nkarim,Karim Haddad\nfarah,Farah Khan\nlee,Lee\nmo,Mo\n";
    world.write_data("people.csv", others + "ana,Ana Costa\n");
    prepare(world);
    world.write_data("people.csv", others);
    world.import(at(monday, 13));
    const service::Views& views = world.service().views();
    CHECK(views.plan("none")->size() == 4);
    CHECK(views.due("none", monday + days{400}, at(monday, 13))->size() == 4);
    CHECK(world.service().workload().forecast("none", at(monday, 13))->size() == 1);
    const auto gone = views.plan("ana");
    REQUIRE(gone.has_error());
    REVIEWD_CHECK_CONTAINS(gone.error().message, "no person matches \"ana\"");
    REVIEWD_CHECK_CONTAINS(gone.error().message, "2 accounts still name `ana`");
    REVIEWD_CHECK_CONTAINS(gone.error().message, "reviewctl plan --owner none");
    REVIEWD_CHECK_CONTAINS(gone.error().message, "review reassign --from ana --to PERSON");
    CHECK(views.find_giver("nobody-like-this").has_error());
    CHECK(views.find_giver("").has_error());
    CHECK(views.find_person("none").has_error());
    CHECK(views.find_giver("ana costa")->named == "ana");
    const auto reassigned = [&](const std::string& account) {
        const auto trail = views.trail({world.account(account).id, {}, {}, 100}).value();
        for (const store::TrailEntry& entry : trail) {
            if (entry.what == "reassigned") {
                return entry.details;
            }
        }
        return std::string{};
    };
    CHECK(reassigned("a2") == R"({"from":"ana","to":"none"})");
    const PersonId farah = person(world, "farah");
    const auto give = [&](const std::string& from) {
        const auto moved = world.service().accounts().reassign_all(
            views.find_giver(from).value(), {farah, ""}, ruth, at(monday, 13)
        );
        REQUIRE(moved.has_value());
        world.run(at(monday, 13));
        return moved->size();
    };
    CHECK(give("ana") == 2);
    CHECK(world.open_review("a2").owner == farah);
    CHECK(reassigned("a2") == R"({"from":"none","to":"farah","because":""})");
    CHECK_FALSE(world.open_review("a3").owner);
    CHECK(give("zoe") == 1); // who was never there
    CHECK(give("none") == 1);
    CHECK(world.open_review("a4").owner == farah);
    // The source goes on naming them: the handover holds.
    world.import(at(monday + days{1}, 9));
    CHECK(views.plan("farah")->size() == 5);
    test::check_invariants(world, at(monday + days{1}, 9));
}

TEST_CASE("a handover to nobody, or to the owner, changes nothing", "[service][accounts]") {
    test::World world;
    prepare(world);
    const std::string before = world.describe();
    const AccountId account = world.account("a1").id;
    service::AccountDesk& desk = world.service().accounts();
    const auto same = desk.reassign(account, {person(world, "ana"), ""}, ruth, at(monday, 13));
    REQUIRE_FALSE(same.has_value());
    REVIEWD_CHECK_CONTAINS(same.error().message, "already");
    CHECK_FALSE(desk.reassign(account, {PersonId{999}, ""}, ruth, at(monday, 13)).has_value());
    CHECK(world.describe() == before);
}

TEST_CASE("two answers to one review do not both act", "[service][desk]") {
    test::World world;
    prepare(world);
    const store::Review seen = world.open_review("a1");
    service::ReviewDesk& desk = world.service().reviews();
    REQUIRE(desk.snooze({seen.id, seen.version}, monday + days{2}, ruth, at(monday, 13)).has_value()
    );
    const auto late = desk.done({seen.id, seen.version}, {}, ruth, at(monday, 13));
    REQUIRE_FALSE(late.has_value());
    CHECK(late.error().code == ErrorCode::conflict);
    REVIEWD_CHECK_CONTAINS(late.error().message, "look at it again");
    CHECK(world.open_review("a1").id == seen.id);
}

TEST_CASE("each way a call fails has its own next try", "[service][desk]") {
    test::World world;
    prepare(world);
    const auto next_try = [&](const std::string& account, const std::string& result) {
        const auto tried = world.service().reviews().attempt(
            world.open_review(account).id, result, "", ruth, at(monday, 13)
        );
        REQUIRE(tried.has_value());
        return tried->quiet_until.value();
    };
    CHECK(next_try("a1", "no-answer") == monday + days{2});
    CHECK(next_try("a2", "hesitated") == monday + days{7});
    CHECK(next_try("a3", "declined") == monday + days{28}); // 20 working days, no holiday between
    // A re-plan does not break the silence.
    world.import(at(monday + days{1}, 9));
    CHECK(world.open_review("a2").quiet_until == monday + days{7});
}

TEST_CASE(
    "a recommendation is an answer, and a review without answers is counted", "[service][report]"
) {
    test::World world;
    prepare(world);
    service::Outcome outcome;
    outcome.recommendation = "a second tray";
    outcome.answers = {{"satisfaction", "9"}};
    const store::Review first = world.open_review("a1");
    REQUIRE(world.service().reviews().done(first.id, outcome, ruth, at(monday, 13)).has_value());
    REQUIRE(world.service()
                .reviews()
                .done(world.open_review("a2").id, {}, ruth, at(monday, 13))
                .has_value());
    REQUIRE(world.service()
                .reviews()
                .attempt(world.open_review("a3").id, "no-answer", "", ruth, at(monday, 13))
                .has_value());
    const auto answers = store::Outcomes{world.database()}.answers(first.id);
    CHECK(std::any_of(answers.begin(), answers.end(), [](const engine::Answer& answer) {
        return answer.question == "recommendation";
    }));
    const auto report = world.service().views().report({}, {}, at(monday, 14));
    REQUIRE(report.has_value());
    CHECK(report->all.sum.accounts == 10);
    CHECK(report->all.sum.planned == 10);
    CHECK(report->all.sum.never_reviewed == 8);
    CHECK(report->all.sum.done == 2);
    CHECK(report->all.sum.done_without_answers == 1);
    CHECK(report->all.sum.attempts == 1);
    CHECK(report->all.sum.overdue == 0);
    REQUIRE(report->by_owner.size() == 2);
    CHECK(report->by_owner[0].name == "ana");
    CHECK(report->by_owner[0].owner_name == "Ana Costa");
    CHECK(report->by_owner[0].sum.done == 2);
    CHECK(report->by_level.front().name == "high");
    REQUIRE(report->friendly.size() == 1);
    CHECK(report->friendly[0].row.key == "a1");
    CHECK(report->friendly[0].owner == "ana");
    CHECK(report->friendly[0].owner_name == "Ana Costa");
    const auto ahead = world.service().views().report({}, monday + days{1}, at(monday, 14));
    REQUIRE_FALSE(ahead.has_value());
    CHECK(ahead.error().code == ErrorCode::usage);
    REVIEWD_CHECK_CONTAINS(ahead.error().message, "ends today, 2026-11-23, at the latest");
    CHECK_FALSE(world.service().views().report(monday, monday - days{1}, at(monday, 14)).has_value()
    );
}

TEST_CASE("a report counts what was skipped on the company's days", "[service][report]") {
    test::World world;
    world.edit_settings("zone: Europe/London", "zone: Asia/Dhaka");
    prepare(world);
    const Date last{2026y / 11 / 30};
    const TimePoint night = at(last, 19); // one in the morning of 1 December in Dhaka
    const ReviewId review = world.open_review("a2").id;
    REQUIRE(world.service().reviews().skip(review, "closed for the winter", ruth, night).has_value()
    );
    const auto skipped = [&](Date from, Date to) {
        return world.service().views().report(from, to, at(last + days{2}, 12))->all.sum.skipped;
    };
    CHECK(skipped(Date{2026y / 11 / 1}, last) == 0);
    CHECK(skipped(last + days{1}, last + days{1}) == 1);
    CHECK(skipped(last + days{2}, last + days{2}) == 0);
}

TEST_CASE("revenue and retention are told by level", "[service][report]") {
    test::World world;
    world.write_purchases("p1,a1,printer,2026-06-01,1000\np2,a1,printer,2025-06-01,500\n"
                          "p3,a2,printer,2025-07-01,700\np4,a5,printer,2026-01-01,50.50\n");
    prepare(world);
    const auto report = world.service().views().report({}, {}, at(monday, 14));
    REQUIRE(report->revenue.size() == 3);
    const store::RevenueRow& high = report->revenue[0];
    CHECK(high.level == "high");
    CHECK(high.bought_before == 2);
    CHECK(high.bought_again == 1);
    CHECK(high.revenue_minor == 100'000);
    CHECK(high.revenue_before_minor == 120'000);
    CHECK(report->revenue[2].revenue_minor == 5'050);
}

TEST_CASE(
    "a merged account lives on as an alias, and its review if it is due first",
    "[service][accounts][F40]"
) {
    test::World world;
    world.write_purchases("p1,a1,printer,2026-06-01,1000\n");
    prepare(world);
    const store::Review sooner = world.open_review("a1");
    const store::Review later = world.open_review("a6");
    REQUIRE(sooner.due < later.due);
    const AccountId into = world.account("a6").id;
    const auto survivor =
        world.service().accounts().merge(world.account("a1").id, into, ruth, at(monday, 13));
    REQUIRE(survivor.has_value());
    CHECK(survivor->id == sooner.id);
    CHECK(survivor->account == into);
    CHECK(store::Reviews{world.database()}.find(later.id)->state == store::ReviewState::cancelled);
    world.run(at(monday, 13));
    test::check_invariants(world, at(monday, 13));
    CHECK(world.account("a1").id == into);
    // The file goes on naming both; what comes for the alias belongs to the other.
    world.write_purchases("p1,a1,printer,2026-06-01,1000\np2,a1,toner,2026-11-20,10\n");
    world.import(at(monday + days{1}, 9));
    test::check_invariants(world, at(monday + days{1}, 9));
    CHECK(world.open_reviews().size() == 9);
    store::AccountReader reader{world.database(), world.service().configuration().rules->schema, 2};
    const std::array ids{into};
    const auto entries = reader.read(ids);
    REQUIRE(entries.size() == 1);
    CHECK(entries[0].records.rows[static_cast<std::size_t>(rules::Table::purchases)].size() == 2);
    const auto again = world.service().accounts().merge(into, into, ruth, at(monday + days{1}, 10));
    REQUIRE_FALSE(again.has_value());
}

TEST_CASE(
    "a review that a merge brought has the cadence of the account that goes on at once",
    "[service][accounts][F40]"
) {
    test::World world;
    prepare(world);
    const AccountId into = world.account("a6").id;
    const auto level_of = [&] {
        return store::Scores{world.database()}.find(into)->level;
    };
    REQUIRE(level_of() == "low");
    // Its own review has been moved today: scoring moves it no more for a week.
    world.put_account({"a6", "ana", 8'000});
    world.import(at(monday, 13));
    REQUIRE(level_of() == "medium");
    REQUIRE(store::Scores{world.database()}.find(into)->replanned == monday);
    const store::Review sooner = world.open_review("a1");
    REQUIRE(sooner.level == "high");
    const auto survivor =
        world.service().accounts().merge(world.account("a1").id, into, ruth, at(monday, 14));
    REQUIRE(survivor.has_value());
    CHECK(survivor->id == sooner.id);
    world.run(at(monday, 14));
    CHECK(level_of() == "medium");
    CHECK(world.open_review("a6").level == "medium");
    CHECK(world.open_review("a6").id == sooner.id);
}

TEST_CASE("what a merge would do is told, and nothing is done", "[service][accounts]") {
    test::World world;
    world.write_purchases("p1,a1,printer,2026-06-01,1000\np2,a7,toner,2026-06-01,10\n");
    prepare(world);
    service::AccountDesk& desk = world.service().accounts();
    const std::string before = world.describe();
    const AccountId from = world.account("a1").id;
    const AccountId into = world.account("a7").id;
    const auto merge = desk.look_at_merge(from, into);
    REQUIRE(merge.has_value());
    CHECK(world.describe() == before);
    CHECK(merge->from.key == "a1");
    CHECK(merge->from.owner_key == "ana");
    CHECK(merge->into.owner_key == "farah");
    CHECK(merge->moves == std::map<std::string, std::int64_t>{{"purchases", 1}});
    const auto survivor = desk.merge(from, into, ruth, at(monday, 13));
    REQUIRE(survivor.has_value());
    CHECK(survivor->id == merge->goes_on.id);
    CHECK(
        store::Reviews{world.database()}.find(merge->ends.id)->state
        == store::ReviewState::cancelled
    );
    CHECK_FALSE(desk.look_at_merge(into, into).has_value());
    CHECK_FALSE(desk.look_at_merge(from, into).has_value());
}

TEST_CASE("a kept promise is noted without a talk", "[service][accounts]") {
    test::World world;
    world.watch_tickets("  - id: complaint\n"
                        "    source: tickets\n"
                        "    when: closed == null\n"
                        "    contact_within: 2 working days\n");
    prepare(world);
    service::Outcome outcome;
    outcome.promise = "send the prices";
    outcome.promise_due = monday + days{1};
    REQUIRE(world.service()
                .reviews()
                .done(world.open_review("a6").id, outcome, ruth, at(monday, 13))
                .has_value());
    world.write_data("tickets.csv", "key,account,title,opened,closed\nT-77,a6,Jams,2026-11-24,\n");
    const Date tuesday = monday + days{1};
    world.import(at(tuesday, 9));
    const store::Review before = world.open_review("a6");
    REQUIRE(before.due <= tuesday + days{2});
    store::Outcomes outcomes{world.database()};
    const std::int64_t number = outcomes.open_promises(before.account).front().id;
    service::AccountDesk& desk = world.service().accounts();
    const auto refused = [&](std::int64_t promise, std::optional<Date> day, ErrorCode code) {
        const std::string state = world.describe();
        const auto kept = desk.keep_promise(promise, day, ruth, at(tuesday, 10));
        REQUIRE_FALSE(kept.has_value());
        CHECK(kept.error().code == code);
        CHECK(world.describe() == state);
        return kept.error().message;
    };
    CHECK(
        refused(99, {}, ErrorCode::not_found)
        == "there is no promise 99; `reviewctl due` has their numbers"
    );
    CHECK(refused(number, tuesday + days{1}, ErrorCode::usage) == "2026-11-25 is still to come");
    CHECK(
        refused(number, monday - days{1}, ErrorCode::usage)
        == fmt::format(
            "promise {} was made on 2026-11-23, and cannot have been kept on 2026-11-22", number
        )
    );
    const auto kept = desk.keep_promise(number, {}, ruth, at(tuesday, 10));
    REQUIRE(kept.has_value());
    CHECK(kept->promise.kept_on == tuesday);
    CHECK(outcomes.open_promises(before.account).empty());
    // Nobody spoke with them: the complaint still wants its call.
    world.run(at(tuesday, 11));
    const store::Review after = world.open_review("a6");
    CHECK(after.id == before.id);
    CHECK(after.due == before.due);
    CHECK(after.latest == before.latest);
    CHECK(after.reasons == before.reasons);
    CHECK(outcomes.contacts(before.account).empty());
    const store::ReviewEvent told = store::Reviews{world.database()}.events(before.id).back();
    CHECK(told.what == "promise kept");
    CHECK(told.who == "ruth");
    REVIEWD_CHECK_CONTAINS(told.details, "send the prices");
    CHECK(
        refused(number, {}, ErrorCode::conflict)
        == fmt::format("promise {} is noted as kept on 2026-11-24 already", number)
    );
    const service::AccountDesk::Contact talk{{}, "", {number}};
    REVIEWD_CHECK_CONTAINS(
        desk.contact(before.account, talk, ruth, at(tuesday, 12)).error().message, "it has none"
    );
}

TEST_CASE("a promise that is kept before its day is told no more", "[service][accounts]") {
    test::World world;
    prepare(world);
    service::Outcome outcome;
    outcome.promise = "send the prices";
    outcome.promise_due = monday + days{2};
    const auto next =
        world.service().reviews().done(world.open_review("a6").id, outcome, ruth, at(monday, 13));
    REQUIRE(next.has_value());
    REQUIRE(next->next_step == monday + days{2});
    const std::int64_t number =
        store::Outcomes{world.database()}.open_promises(next->account).front().id;
    REQUIRE(world.service().accounts().keep_promise(number, {}, ruth, at(monday, 14)).has_value());
    CHECK(world.open_review("a6").next_step > monday + days{30});
}

TEST_CASE("a talk before a review that was missed begins the clock anew", "[service][accounts]") {
    test::World world;
    prepare(world);
    service::ReviewDesk& desk = world.service().reviews();
    const AccountId account = world.account("a1").id;
    const auto contact = [&](Date day, TimePoint now) {
        const auto noted = world.service().accounts().contact(account, {day, ""}, ruth, now);
        REQUIRE(noted.has_value());
        world.run(now + 1h);
        return world.open_review("a1");
    };
    const Date friday = monday - days{3};
    SECTION("when it is noted after it") {
        const auto retry = desk.missed(world.open_review("a1").id, "ill", ruth, at(monday, 13));
        REQUIRE(retry.has_value());
        const store::Review after = contact(friday, at(monday, 14));
        CHECK(after.id == retry->id);
        CHECK(after.target == Date{2026y / 12 / 21}); // a month on: Sunday gives way
        CHECK(after.latest == Date{2026y / 12 / 31});
        CHECK(after.due > retry->due);
    }
    SECTION("and after one that was skipped") {
        REQUIRE(desk.skip(world.open_review("a1").id, "ill", ruth, at(monday, 13)).has_value());
        CHECK(contact(friday, at(monday, 14)).latest == Date{2026y / 12 / 31});
    }
    SECTION("not when it was known by then") {
        static_cast<void>(contact(friday, at(monday, 13)));
        const Date tuesday = monday + days{1};
        const auto retry = desk.missed(world.open_review("a1").id, "ill", ruth, at(tuesday, 13));
        REQUIRE(retry.has_value());
        CHECK(retry->latest < Date{2026y / 12 / 25});
        // Nor does one of before it, whenever that is noted.
        const store::Review after = contact(friday - days{1}, at(tuesday, 14));
        CHECK(after.due == retry->due);
        CHECK(after.latest == retry->latest);
    }
    test::check_invariants(world, at(monday + days{1}, 18));
}

TEST_CASE("subsidiaries can be reviewed with their parent", "[service][desk]") {
    test::World world;
    prepare_family(world);
    const auto view = world.service().views().review("a1", at(monday, 13));
    REQUIRE(view->sheet.subsidiaries.size() == 1);
    CHECK(view->sheet.subsidiaries[0].key == "a2");
    const store::Review daughter = world.open_review("a2");
    const store::Review other = world.open_review("a3");
    service::Outcome outcome;
    outcome.subsidiaries = service::Outcome::Subsidiaries::together;
    REQUIRE(world.service()
                .reviews()
                .done(world.open_review("a1").id, outcome, ruth, at(monday, 13))
                .has_value());
    CHECK(store::Reviews{world.database()}.find(daughter.id)->state == store::ReviewState::done);
    CHECK(world.open_review("a3").id == other.id);
    const ReviewId parent = view->row.review.id;
    const auto held = world.service().reviews().held_with(parent);
    REQUIRE(held.size() == 1);
    CHECK(held.front().id == daughter.id);
    SECTION("the daughter's is reopened") {
        REQUIRE(world.service().reviews().reopen(daughter.id, ruth, at(monday, 13)).has_value());
        CHECK(world.service().reviews().held_with(parent).empty());
    }
    SECTION("the parent's is reopened, and held alone") {
        REQUIRE(world.service().reviews().reopen(parent, ruth, at(monday, 14)).has_value());
        CHECK(world.service().reviews().held_with(parent).size() == 1); // it is still done
        REQUIRE(world.service().reviews().done(parent, {}, ruth, at(monday, 15)).has_value());
        CHECK(world.service().reviews().held_with(parent).empty());
    }
    test::check_invariants(world, at(monday, 15));
}

TEST_CASE("a subsidiary that was reviewed since keeps its own next review", "[service][desk]") {
    test::World world;
    prepare_family(world);
    service::ReviewDesk& desk = world.service().reviews();
    const auto next = desk.done(world.open_review("a2").id, {}, ruth, at(monday, 13));
    REQUIRE(next.has_value());
    service::Outcome outcome;
    outcome.held_on = monday - days{3};
    outcome.subsidiaries = service::Outcome::Subsidiaries::together;
    const store::Review parent = world.open_review("a1");
    REQUIRE(desk.done(parent.id, outcome, ruth, at(monday, 14)).has_value());
    CHECK(store::Reviews{world.database()}.find(parent.id)->held_on == monday - days{3});
    CHECK(world.open_review("a2").id == next->id);
    test::check_invariants(world, at(monday, 14));
}

} // namespace reviewd::test::test_accounts
