// The daemon's scores come from columns; here each is compared with what the interpreter says of
// the same account, after everything that changes facts, rules or the day.
#include "daemon/service/in_parallel.hpp"
#include "daemon/service/portfolio_columns.hpp"
#include "daemon/store/account_reader.hpp"
#include "daemon/store/scores.hpp"
#include "scoring/engine/fact_deriver.hpp"
#include "scoring/engine/score.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/service/world.hpp"

#include <atomic>
#include <numeric>

namespace reviewd::test::test_portfolio_columns {

using namespace reviewd;
using std::chrono::days;
using test::at;

namespace {

const Date start = parse_date("2026-11-02").value();

Date day_of(TimePoint now) {
    return Date{std::chrono::floor<days>(now).time_since_epoch()};
}

/// Reads ahead, as an idle daemon does.
void make_current(test::World& world, TimePoint now) {
    while (world.service().read_ahead(now)) {
    }
    REQUIRE(world.service().columns().are_current(day_of(now)));
}

/// Every account's facts and score, as the interpreter has them now, equal those of the columns.
void check_columns(test::World& world, TimePoint now) {
    make_current(world, now);
    const service::PortfolioColumns& columns = world.service().columns();
    const auto& configuration = world.service().configuration();
    const rules::RuleSet& rules = *configuration.rules;
    store::AccountReader reader{
        world.database(), rules.schema, configuration.settings->company.minor_digits};
    const engine::PortfolioContext portfolio = reader.read_context(day_of(now));
    const engine::FactDeriver deriver{rules, portfolio};
    const auto entries = reader.read_after({}, 10'000);
    REQUIRE(entries.size() == columns.facts().rows());
    for (const store::AccountEntry& entry : entries) {
        const auto row = columns.find_row(entry.id);
        REQUIRE(row.has_value());
        CHECK(columns.owner(*row) == entry.owner);
        const engine::FactRow facts = deriver.derive(entry.records);
        const engine::FactRow held = columns.facts().facts(*row);
        for (std::size_t slot = 0; slot < facts.size(); ++slot) {
            INFO(rules.facts.facts[slot].name);
            CHECK(cel::to_string(held[slot]) == cel::to_string(facts[slot]));
        }
        const engine::Score expected = engine::evaluate(rules, facts);
        const engine::Score score = columns.scores().score(*row);
        CHECK(score.points == expected.points);
        CHECK(score.level == expected.level);
        CHECK(score.is_judged == expected.is_judged);
        const auto kept = store::Scores{world.database()}.find(entry.id);
        REQUIRE(kept.has_value());
        CHECK(kept->points == expected.points);
        CHECK(kept->raw_level == rules.levels[expected.level].name);
    }
}

/// The score that each account has is the one that its facts give on that day.
void check_scores(test::World& world, TimePoint now) {
    const auto& configuration = world.service().configuration();
    const rules::RuleSet& rules = *configuration.rules;
    store::AccountReader reader{
        world.database(), rules.schema, configuration.settings->company.minor_digits};
    const engine::PortfolioContext portfolio = reader.read_context(day_of(now));
    const engine::FactDeriver deriver{rules, portfolio};
    for (const store::AccountEntry& entry : reader.read_after({}, 10'000)) {
        const engine::Score expected = engine::evaluate(rules, deriver.derive(entry.records));
        const auto kept = store::Scores{world.database()}.find(entry.id);
        REQUIRE(kept.has_value());
        CAPTURE(entry.id.value, to_string(day_of(now)));
        CHECK(kept->points == expected.points);
        CHECK(kept->raw_level == rules.levels[expected.level].name);
        CHECK(kept->is_judged == expected.is_judged);
    }
}

} // namespace

TEST_CASE("days that pass leave the scores that all facts give", "[service][columns]") {
    test::World world;
    world.open(at(start, 12));
    world.run(at(start, 12));
    const store::Review review = world.open_review("a2");
    service::Outcome outcome;
    outcome.held_on = start;
    outcome.answers = {{"satisfaction", "9"}};
    REQUIRE(world.service()
                .reviews()
                .done(review.id, outcome, {"ana", "socket"}, at(start, 13))
                .has_value());
    for (int later = 1; later < 600; later += 1 + later % 5) {
        world.run(at(start + days{later}, 12));
        check_scores(world, at(start + days{later}, 12));
    }
}

TEST_CASE("columns follow imports, outcomes, rules and days", "[service][columns]") {
    test::World world;
    world.open(at(start, 12));
    world.run(at(start, 12));
    check_columns(world, at(start, 12));

    SECTION("an outcome") {
        const store::Review review = world.open_review("a2");
        service::Outcome outcome;
        outcome.held_on = start;
        outcome.answers = {{"satisfaction", "3"}};
        const auto next =
            world.service().reviews().done(review.id, outcome, {"ana", "socket"}, at(start, 13));
        REQUIRE(next.has_value());
        CHECK_FALSE(world.service().columns().are_current(start));
        check_columns(world, at(start, 13));
    }
    SECTION("an import") {
        world.write_accounts(
            {{"a1", "ana", 31'000},
             {"a2", "farah", 30'000},
             {"a3", "ana", 9'000},
             {"a4", "ana", 8'000},
             {"a5", "ana", 100},
             {"a6", "ana", 200},
             {"a7", "farah", 50'000, false},
             {"a8", "farah", 7'000},
             {"a9", "farah", 10},
             {"a11", "farah", 0}}
        );
        world.import(at(start, 13));
        check_columns(world, at(start, 13));
    }
    SECTION("rules that change points keep the facts") {
        world.edit_rules("base: 20", "base: 21");
        REQUIRE(world.service().reload(world.load(), {}, at(start, 13)).has_value());
        CHECK_FALSE(world.service().columns().are_current(start));
        CHECK(world.service().columns().facts().rows() == 10);
        world.run(at(start, 13));
        check_columns(world, at(start, 13));
    }
    SECTION("a new day") {
        world.run(at(start + days{1}, 12));
        CHECK_FALSE(world.service().columns().are_current(start));
        check_columns(world, at(start + days{1}, 12));
    }
    SECTION("a restart") {
        world.close();
        world.open(at(start, 14));
        CHECK_FALSE(world.service().columns().are_current(start));
        check_columns(world, at(start, 14));
    }
}

TEST_CASE("ranges in parallel are whole chunks and cover every row once", "[service][columns]") {
    using engine::columnar::RowRange;
    const std::size_t rows = GENERATE(0U, 1U, 1023U, 1024U, 1025U, 5000U, 70'000U);
    const std::size_t threads = GENERATE(1U, 2U, 3U, 7U);
    std::vector<std::atomic<int>> seen(rows);
    std::atomic<int> torn{0};
    service::in_parallel(rows, threads, [&](RowRange range) {
        torn += range.begin % engine::columnar::chunk_rows != 0 && range.begin != range.end ? 1 : 0;
        for (std::size_t row = range.begin; row < range.end; ++row) {
            ++seen[row];
        }
    });
    CHECK(torn == 0);
    CHECK(std::all_of(seen.begin(), seen.end(), [](const auto& count) { return count == 1; }));
}

TEST_CASE("a failure on another thread comes back to the caller", "[service][columns]") {
    const auto fail_at_the_end = [](engine::columnar::RowRange range) {
        if (range.end == 5000) {
            throw std::runtime_error("no memory");
        }
    };
    CHECK_THROWS_WITH(service::in_parallel(5000, 3, fail_at_the_end), "no memory");
}

} // namespace reviewd::test::test_portfolio_columns
