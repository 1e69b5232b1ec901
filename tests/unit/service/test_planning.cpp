#include "daemon/store/audit.hpp"
#include "daemon/store/owner_plans.hpp"
#include "daemon/store/portfolio.hpp"
#include "daemon/store/transaction.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/service/world.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace reviewd::test::test_planning {

using namespace reviewd;
using namespace std::chrono_literals;
using std::chrono::days;
using test::at;

namespace {

const Date friday{2026y / 11 / 20};
const service::Actor somebody{"ruth", "socket"};

std::map<std::string, Date> dues(test::World& world) {
    std::map<std::string, Date> dues;
    for (const store::Review& review : world.open_reviews()) {
        dues[std::to_string(review.account.value)] = review.due;
    }
    return dues;
}

/// Versions of open reviews by number. @param but_of of everybody but this person
std::map<std::int64_t, int> versions(test::World& world, const std::string& but_of = {}) {
    const auto of = [&](const std::string& owner) {
        std::map<std::int64_t, int> versions;
        const auto plan = world.plan(owner, at(friday, 12));
        for (const service::ReviewRow& row : plan) {
            versions[row.review.id.value] = row.review.version;
        }
        return versions;
    };
    std::map<std::int64_t, int> all = of("");
    if (!but_of.empty()) {
        for (const auto& [review, version] : of(but_of)) {
            all.erase(review);
        }
    }
    return all;
}

} // namespace

TEST_CASE("leave moves the reviews in it, and nobody else's", "[service][planning][leave]") {
    test::World world;
    world.open(at(friday, 12));
    world.run(at(friday, 12));
    const auto others = versions(world, "ana");
    const Date first{2026y / 11 / 20};
    const Date last{2027y / 1 / 29};
    const auto leave =
        world.service().leave().add({"ana", first, last, "a journey"}, somebody, at(friday, 12));
    REQUIRE(leave.has_value());
    CHECK(leave->person == "ana");
    world.run(at(friday, 12));
    const auto plan = world.plan("ana", at(friday, 12));
    REQUIRE(plan.size() == 6);
    for (const service::ReviewRow& row : plan) {
        CHECK((row.review.due < first || row.review.due > last));
    }
    CHECK(versions(world, "ana") == others);
    CHECK(store::Audit{world.database()}.latest(1).front().what == "leave.added");
    test::check_invariants(world, at(friday, 12));

    // It is still there after a restart, and gone once it is taken back.
    world.close();
    world.open(at(friday, 13));
    CHECK(world.service().leave().list("ana")->size() == 1);
    REQUIRE(world.service().leave().remove(leave->id, somebody, at(friday, 13)).has_value());
    CHECK(world.service().leave().list("")->empty());
    CHECK_FALSE(world.service().leave().remove(leave->id, somebody, at(friday, 13)).has_value());
    world.run(at(friday, 13));
    test::check_invariants(world, at(friday, 13));
}

TEST_CASE("leave that cannot be is refused and changes nothing", "[service][planning][leave]") {
    test::World world;
    world.open(at(friday, 12));
    world.run(at(friday, 12));
    const std::string before = world.describe();
    service::LeaveDesk& desk = world.service().leave();
    const auto refused = [&](const service::LeaveDesk::Wanted& wanted) {
        const auto added = desk.add(wanted, somebody, at(friday, 12));
        REQUIRE_FALSE(added.has_value());
        return added.error().message;
    };
    CHECK(
        refused({"ana", friday + days{3}, friday + days{1}, ""})
        == "the leave ends on 2026-11-21, before it begins on 2026-11-23"
    );
    CHECK(refused({"ana", friday - days{9}, friday - days{8}, ""}) == "2026-11-12 is over already");
    CHECK(refused({"nobody", friday, friday, ""}).find("nobody") != std::string::npos);
    CHECK(refused({"ana", friday, friday + days{800}, ""}).find("two years") != std::string::npos);
    CHECK_FALSE(world.service().is_busy());
    CHECK(world.describe() == before);
}

TEST_CASE("the same leave given twice is one leave", "[service][planning][leave]") {
    test::World world;
    world.open(at(friday, 12));
    world.run(at(friday, 12));
    service::LeaveDesk& desk = world.service().leave();
    const service::LeaveDesk::Wanted wanted{"ana", friday + days{3}, friday + days{9}, ""};
    const auto given = desk.add(wanted, somebody, at(friday, 12));
    REQUIRE(given.has_value());
    world.run(at(friday, 12));
    const std::string before = world.describe();
    const auto again = desk.add(wanted, somebody, at(friday, 12));
    REQUIRE_FALSE(again.has_value());
    CHECK(again.error().code == ErrorCode::conflict);
    CHECK(
        again.error().message
        == fmt::format(
            "Ana Costa is away on these days already, by leave {0}; `reviewctl leave remove {0}` takes "
            "it back",
            given->id
        )
    );
    CHECK(world.describe() == before);
    // Other days of the same person, and the same days of others, are leave of their own.
    CHECK(desk.add({"ana", wanted.first, wanted.first, ""}, somebody, at(friday, 12)).has_value());
    CHECK(desk.add({"farah", wanted.first, wanted.last, ""}, somebody, at(friday, 12)).has_value());
    REQUIRE(desk.remove(given->id, somebody, at(friday, 12)).has_value());
    CHECK(desk.add(wanted, somebody, at(friday, 12)).has_value());
}

TEST_CASE("only touched owners are planned again", "[service][planning]") {
    test::World world;
    world.open(at(friday, 12));
    world.run(at(friday, 12));
    store::OwnerPlans plans{world.database()};
    CHECK(plans.touched(10).empty());
    const auto before = versions(world);
    const auto days_before = dues(world);

    // Neither a restart, nor an import without news, nor a new day moves anything.
    world.close();
    world.open(at(friday, 14));
    world.run(at(friday, 14));
    world.import(at(friday, 15));
    CHECK(versions(world) == before);
    CHECK(dues(world) == days_before);

    // An account more touches its owner alone.
    const auto others = versions(world, "ana");
    world.put_account({"a11", "ana", 60'000});
    world.import(at(friday, 16));
    CHECK(world.open_reviews().size() == 11);
    CHECK(versions(world, "ana") == others);
    test::check_invariants(world, at(friday, 16));
}

TEST_CASE("another capacity plans anew, and a crash forgets no touch", "[service][planning]") {
    test::World world;
    world.open(at(friday, 12));
    world.run(at(friday, 12));
    world.edit_settings("capacity_per_day: 1 }", "capacity_per_day: 1, capacity_per_week: 1 }");
    REQUIRE(world.service().reload(world.load(), somebody, at(friday, 13)).has_value());
    // Killed before anything was planned: the next start does it.
    world.close();
    world.open(at(friday, 14));
    world.run(at(friday, 14));
    std::map<Date, int> weeks;
    const auto plan = world.plan("farah", at(friday, 14));
    for (const service::ReviewRow& row : plan) {
        CHECK(++weeks[review::week_of(row.review.due)] <= 1);
    }
    test::check_invariants(world, at(friday, 14));
}

TEST_CASE("the first reviews of a small portfolio do not all come at once", "[service][planning]") {
    test::World world;
    world.open(at(friday, 12));
    world.run(at(friday, 12));
    const auto plan = world.plan("ana", at(friday, 12));
    std::map<Date, int> per_day;
    for (const service::ReviewRow& row : plan) {
        ++per_day[row.review.due];
    }
    CHECK(per_day.size() == plan.size());
    CHECK(plan.front().review.level == "high");
    CHECK(plan.front().review.due == friday + days{3});
}

TEST_CASE("the forecast counts what is planned and what will follow", "[service][forecast]") {
    test::World world;
    world.open(at(friday, 12));
    world.run(at(friday, 12));
    const auto forecast = world.service().workload().forecast("ana", at(friday, 12));
    REQUIRE(forecast.has_value());
    REQUIRE(forecast->size() == 1);
    const service::OwnerForecast& ana = forecast->front();
    REQUIRE(ana.weeks.size() == 52);
    CHECK(ana.weeks.front().week == friday - days{4});
    CHECK(ana.weeks.front().capacity == 4);
    CHECK(ana.weeks[1].capacity == 12);
    int planned = 0;
    for (const service::WeekLoad& week : ana.weeks) {
        planned += week.planned;
    }
    CHECK(planned == 6);
    // Two a month, two three times a year, two about once.
    CHECK(ana.reviews > 26);
    CHECK(ana.reviews < 36);
    CHECK(ana.stretch < 0.5);
    CHECK(world.service().workload().forecast("", at(friday, 12))->size() == 2);
    CHECK_FALSE(world.service().workload().forecast("nobody", at(friday, 12)).has_value());
    CHECK(world.service().workload().overloads("", at(friday, 12))->empty());
}

TEST_CASE("an overload is named with what would cure it", "[service][planning][overload]") {
    test::World world;
    world.edit_settings(
        "  farah: {", "  ana: { capacity_per_day: 1, capacity_per_week: 1 }\n  farah: {"
    );
    std::vector<test::AccountRow> accounts;
    for (int i = 0; i < 12; ++i) {
        accounts.push_back({"b" + std::to_string(i), "ana", 42'000});
    }
    world.write_accounts(accounts);
    world.open(at(friday, 12));
    world.run(at(friday, 12));
    const auto overloads = world.service().workload().overloads("", at(friday, 12));
    REQUIRE(overloads.has_value());
    REQUIRE(overloads->size() == 1);
    const service::Overload& ana = overloads->front();
    CHECK(ana.owner == "ana");
    CHECK(ana.stretch > 1);
    const auto forecast = world.service().workload().forecast("ana", at(friday, 12));
    CHECK(forecast->front().stretch == ana.stretch); // one word, one measure
    CHECK(ana.late.size() >= 5);
    CHECK(ana.late.front().days_late > 0);
    REQUIRE(ana.cure.capacity);
    CHECK(ana.cure.capacity->per_week == 2);
}

TEST_CASE("what is overdue takes places that others need", "[service][planning][overload]") {
    test::World world;
    world.edit_settings(
        "  farah: {", "  ana: { capacity_per_day: 1, capacity_per_week: 3 }\n  farah: {"
    );
    std::vector<test::AccountRow> accounts;
    for (int i = 0; i < 14; ++i) {
        accounts.push_back({"b" + std::to_string(i), "ana", 42'000});
    }
    world.write_accounts(accounts);
    world.open(at(friday, 12));
    world.run(at(friday, 12));
    const Date thursday{2026y / 12 / 17};
    const TimePoint noon = at(thursday, 12);
    world.run_through(at(friday, 12), noon);
    for (const service::ReviewRow& row : world.plan("ana", noon)) {
        REQUIRE(row.review.latest == Date{2026y / 12 / 31});
        REQUIRE(row.review.due <= row.review.latest);
    }
    // Two days of this week, three reviews in each of the two weeks that are left.
    const auto forecast = world.service().workload().forecast("ana", noon);
    CHECK(forecast->front().stretch == Approx(14.0 / 8.0));
    const auto overloads = world.service().workload().overloads("", noon);
    REQUIRE(overloads->size() == 1);
    const service::Overload& ana = overloads->front();
    CHECK(ana.owner == "ana");
    CHECK(ana.late.empty());
    CHECK(ana.stretch == forecast->front().stretch);
    REQUIRE(ana.cure.capacity);
    CHECK(ana.cure.capacity->per_day == 2);

    // A day off makes nobody busier than they are: all are past their latest day by then.
    const Date saturday{2027y / 1 / 2};
    const auto behind = world.service().workload().forecast("ana", at(saturday, 12));
    CHECK(behind->front().stretch == Approx(14.0 / 3.0)); // three places in the week to come

    // Done as they are, nobody is behind any more.
    const auto plan = world.plan("ana", noon);
    for (const service::ReviewRow& row : plan) {
        if (row.review.due < thursday) {
            const auto done = world.service().reviews().done(row.review.id, {}, somebody, noon);
            REQUIRE(done.has_value());
        }
    }
    CHECK(world.service().workload().overloads("", noon)->empty());
}

TEST_CASE("what leave pushes beyond its maximum is named", "[service][planning][leave][I5]") {
    test::World world;
    world.open(at(friday, 12));
    world.run(at(friday, 12));
    // From tomorrow on, so that no working day is left before the maximum.
    const Date back{2027y / 3 / 29};
    const auto leave = world.service().leave().add(
        {"ana", friday + days{1}, back - days{1}, ""}, somebody, at(friday, 12)
    );
    REQUIRE(leave.has_value());
    world.run(at(friday, 12));
    const store::Review review = world.open_review("a1");
    CHECK(review.due >= back);
    CHECK(review.latest == friday + days{42}); // six weeks, whoever is away
    const auto overloads = world.service().workload().overloads("ana", at(friday, 12));
    REQUIRE(overloads.has_value());
    REQUIRE(overloads->size() == 1);
    const auto& late = overloads->front().late;
    CHECK(std::any_of(late.begin(), late.end(), [&](const service::LateDay& one) {
        return one.review == review.id && one.due == review.due && one.latest == review.latest;
    }));
    CHECK_FALSE(overloads->front().cure.capacity); // no capacity brings her back
    CHECK(overloads->front().cure.lack == review::Cure::Lack::days);
    test::check_invariants(world, at(friday, 12));
}

TEST_CASE(
    "an account whose review a former owner still has is planned once", "[service][planning][I1]"
) {
    test::World world;
    world.open(at(friday, 12));
    world.run(at(friday, 12));
    // The account has another owner, and nobody was asked to look yet: an import that broke off.
    store::Portfolio portfolio{world.database(), world.service().configuration().rules->schema};
    const store::Person farah = portfolio.match_person("farah").value();
    const AccountId account = world.account("a1").id;
    const Result<void> moved = store::write(world.database(), [&]() -> Result<void> {
        portfolio.hand_over(account, farah, friday, "it", "a test");
        return {};
    });
    REQUIRE(moved.has_value());
    const store::Review other = world.open_review("a7");
    REQUIRE(world.service().reviews().done(other.id, {}, somebody, at(friday, 13)).has_value());
    world.run(at(friday, 13));
    CHECK(world.open_review("a1").owner == farah.id);
    test::check_invariants(world, at(friday, 13));
}

TEST_CASE("more accounts that go at once than one step closes all go", "[service][planning]") {
    test::World world;
    world.edit_settings("data_directory: data\n", "data_directory: data\nhold_share: 1\n");
    std::vector<test::AccountRow> accounts;
    for (int i = 0; i < 900; ++i) {
        accounts.push_back({"b" + std::to_string(i), i % 2 == 0 ? "ana" : "karim", 100});
    }
    world.write_accounts(accounts);
    world.open(at(friday, 12));
    world.run(at(friday, 12));
    REQUIRE(world.open_reviews().size() == 900);
    accounts.erase(accounts.begin(), accounts.end() - 5);
    world.write_accounts(accounts);
    world.import(at(friday + days{3}, 12));
    CHECK(world.open_reviews().size() == 5);
    test::check_invariants(world, at(friday + days{3}, 12));
}

TEST_CASE("the week of a team has the room that the forecast has", "[service][planning][leave]") {
    test::World world;
    world.open(at(friday, 12));
    world.run(at(friday, 12));
    const Date next_monday = friday + days{3};
    const auto leave = world.service().leave().add(
        {"ana", next_monday, next_monday + days{2}, ""}, somebody, at(friday, 12)
    );
    REQUIRE(leave.has_value());
    world.run_through(at(friday, 12), at(next_monday, 12));
    const auto forecast = world.service().workload().forecast("ana", at(next_monday, 12));
    const int room = forecast->front().weeks.front().capacity;
    CHECK(room < 12);
    const auto week = std::find_if(world.sent.begin(), world.sent.end(), [](const auto& one) {
        return one.message.subject.rfind("Week to", 0) == 0
               && one.message.text.find("Ana Costa") != std::string::npos;
    });
    REQUIRE(week != world.sent.end());
    const std::size_t line = week->message.text.find("Ana Costa");
    const std::string row =
        week->message.text.substr(line, week->message.text.find('\n', line) - line);
    REVIEWD_CHECK_CONTAINS(row, " of " + std::to_string(room));
}

} // namespace reviewd::test::test_planning
