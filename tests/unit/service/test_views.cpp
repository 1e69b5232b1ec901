#include "tests/support/catch.hpp"
#include "tests/unit/service/world.hpp"

#include <map>
#include <string>

namespace reviewd::test::test_views {

using namespace reviewd;
using namespace std::chrono_literals;
using std::chrono::days;
using test::at;

namespace {

const Date monday{2026y / 11 / 23};

std::map<std::string, std::int64_t> counts(const std::vector<service::KnownShare>& shares) {
    std::map<std::string, std::int64_t> counts;
    for (const service::KnownShare& share : shares) {
        counts[share.name] = share.known;
    }
    return counts;
}

} // namespace

TEST_CASE("a score's ledger adds up to it", "[service][views]") {
    test::World world;
    world.open(at(monday, 12));
    world.run(at(monday, 12));
    const service::Views& all = world.service().views();
    const auto views = all.scores(all.highest(100), at(monday, 12));
    REQUIRE(views.size() == 10);
    for (const service::ScoreView& view : views) {
        rules::Points sum = 0;
        for (const engine::LedgerLine& line : view.ledger.lines) {
            sum += line.points;
        }
        CHECK(sum == view.ledger.score.points);
        REQUIRE(view.kept.has_value());
        CHECK(view.kept->points == sum);
    }
    CHECK(views.front().ledger.score.points >= views.back().ledger.score.points);
    const auto one = world.service().views().score("Account a1", std::nullopt, at(monday, 12));
    REQUIRE(one.has_value());
    CHECK(one->account.key == "a1");
    const auto missing = world.service().views().score("zebra", std::nullopt, at(monday, 12));
    REQUIRE_FALSE(missing.has_value());
    CHECK(missing.error().code == ErrorCode::not_found);
}

TEST_CASE(
    "whoever asks for a source hears of it alone, whatever the clock reads next",
    "[service][import]"
) {
    using Kind = intake::ImportJobOutcome::Kind;
    test::World world;
    world.open(at(monday, 12));
    world.run(at(monday, 12));
    service::Importer& importer = world.service().importer();
    CHECK(importer.requested_reports().empty());
    REQUIRE(importer.request({"accounts"}, service::Importer::Mode::dry_run).has_value());
    world.run(at(monday + days{2}, 12)); // by when all three sources are due
    CHECK(importer.reports().size() == 3);
    REQUIRE(importer.requested_reports().size() == 1);
    CHECK(importer.requested_reports().front().source == "accounts");
    CHECK(importer.requested_reports().front().outcome.kind == Kind::tried);
}

TEST_CASE("a past day's score has that day's level and cadence", "[service][views]") {
    test::World world;
    world.open(at(monday, 12));
    world.run(at(monday, 12));
    const Date later = monday + days{30};
    world.put_account({"a5", "ana", 42'000});
    world.import(at(later, 12));
    service::OverrideDesk& desk = world.service().overrides();
    const auto set =
        desk.set({"a9", "high", later + days{10}, "a tender"}, {"ruth", "socket"}, at(later, 13));
    REQUIRE(set.has_value());
    world.run(at(later, 13));
    const auto score = [&](const char* account, std::optional<Date> day) {
        return world.service().views().score(account, day, at(later, 14)).value();
    };
    for (const char* const account : {"a5", "a9"}) {
        INFO(account);
        CHECK(score(account, std::nullopt).cadence.name == "high");
        CHECK(score(account, later).cadence.name == "high");
        const service::ScoreView past = score(account, monday);
        CHECK(past.heading.level == past.ledger.score.level);
        CHECK(past.cadence.name == "low");
        CHECK_FALSE(past.heading.since.has_value());
        CHECK_FALSE(past.override_in_force.has_value());
    }
    CHECK(score("a9", later).override_in_force.has_value());
    CHECK(score("a1", monday).cadence.name == "high");
}

TEST_CASE("nobody is scored as of a day that lies ahead", "[service][views]") {
    test::World world;
    world.open(at(monday, 12));
    world.run(at(monday, 12));
    const service::Views& views = world.service().views();
    CHECK(views.score("a1", monday, at(monday, 12)).has_value());
    const auto ahead = views.score("a1", monday + days{1}, at(monday, 12));
    REQUIRE_FALSE(ahead.has_value());
    CHECK(ahead.error().code == ErrorCode::usage);
    REVIEWD_CHECK_CONTAINS(ahead.error().message, "today, 2026-11-23;");
}

TEST_CASE("due and plan list open reviews in order", "[service][views]") {
    test::World world;
    world.open(at(monday, 12));
    world.run(at(monday, 12));
    const TimePoint now = at(monday, 12);
    const auto plan = world.plan("", now);
    REQUIRE(plan.size() == 10);
    for (std::size_t i = 1; i < plan.size(); ++i) {
        CHECK(plan[i - 1].review.due <= plan[i].review.due);
    }
    const service::Views& views = world.service().views();
    CHECK(views.plan("farah")->size() == 4);
    CHECK_FALSE(views.plan("nobody-like-this").has_value());
    CHECK(views.due("", std::nullopt, now)->empty());
    CHECK(views.due("", monday + days{400}, now)->size() == 10);
    const TimePoint later = at(monday + days{4}, 12);
    const auto late = views.due("", std::nullopt, later);
    REQUIRE_FALSE(late->empty());
    CHECK(views.rows(*late, later).front().days_late > 0);
}

TEST_CASE("status counts what is known and shows what is stale", "[service][views]") {
    test::World world;
    world.open(at(monday, 12));
    world.run(at(monday, 12));
    const auto status =
        world.service().views().status(service::Views::Shares::count, at(monday, 12));
    CHECK(status.known.accounts == 10);
    for (const service::KnownShare& fact : status.known.facts) {
        if (fact.name == "budget") {
            CHECK(fact.known == 10);
        }
        if (fact.name == "satisfaction") {
            CHECK(fact.known == 0);
        }
    }
    REQUIRE(status.known.rules.size() == 3);
    CHECK(status.known.rules[0].known == 10);
    CHECK(status.known.rules[2].known == 0);
    while (world.service().read_ahead(at(monday, 12))) {
    }
    const auto in_memory =
        world.service().views().status(service::Views::Shares::if_in_memory, at(monday, 12));
    world.close();
    world.open(at(monday, 12));
    const auto not_read_yet =
        world.service().views().status(service::Views::Shares::if_in_memory, at(monday, 12));
    const auto read_again =
        world.service().views().status(service::Views::Shares::count, at(monday, 12));
    CHECK(in_memory.known.accounts == 10);
    CHECK(not_read_yet.known.accounts == 0);
    CHECK(counts(in_memory.known.facts) == counts(read_again.known.facts));
    CHECK(counts(in_memory.known.rules) == counts(read_again.known.rules));
    REQUIRE(status.levels.size() == 3);
    CHECK(status.levels[0].first == "high");
    CHECK(status.levels[0].second == 3);
    CHECK(status.rules_version == "v1");
    for (const service::SourceView& source : status.sources) {
        CHECK_FALSE(source.is_stale);
    }
    const auto old =
        world.service().views().status(service::Views::Shares::leave_out, at(monday + days{4}, 12));
    CHECK(old.sources[1].is_stale);
    const auto people = world.service().views().people(at(monday, 12));
    REQUIRE(people.size() == 4);
    CHECK(people[0].profile.key == "ana");
    CHECK(people[0].accounts == 6);
    CHECK(people[0].open_reviews == 6);
}

TEST_CASE("a review shows the questions that would change the level first", "[service][views]") {
    test::World world;
    world.open(at(monday, 12));
    world.run(at(monday, 12));
    const auto view = world.service().views().review("a5", at(monday, 12));
    REQUIRE(view.has_value());
    REQUIRE(view->agenda.size() == 2);
    CHECK(view->agenda[0].id == "satisfaction");
    CHECK(view->agenda[0].would_change_level);
    CHECK_FALSE(view->agenda[1].would_change_level);
    // High stays high, however content they are.
    const auto high = world.service().views().review("a1", at(monday, 12));
    CHECK_FALSE(high->agenda[0].would_change_level);
    REQUIRE(high->sheet.missing.size() == 1);
    CHECK(high->sheet.missing[0].fact == "satisfaction");
    CHECK(high->sheet.missing[0].rule == "happy");
    CHECK(view->history.size() == 1);
    CHECK(
        world.service().views().find_review(std::to_string(view->row.review.id.value)).value()
        == view->row.review.id
    );
}

} // namespace reviewd::test::test_views
