#include "tests/support/catch.hpp"
#include "tests/unit/engine/portfolio.hpp"

namespace reviewd::test::test_level {
namespace {

using engine::HeldLevel;
using engine::Score;
using rules::Points;

constexpr Points thousand = rules::points_scale;
constexpr std::size_t high = 0;
constexpr std::size_t medium = 1;
constexpr std::size_t low = 2;

Score scored(const Portfolio& portfolio, Points points) {
    return {points, engine::level_of(portfolio.rules, points), true};
}

TEST_CASE("a level begins at its first point", "[engine][level]") {
    const Portfolio portfolio;
    CHECK(engine::level_of(portfolio.rules, 60 * thousand) == high);
    CHECK(engine::level_of(portfolio.rules, 60 * thousand - 1) == medium);
    CHECK(engine::level_of(portfolio.rules, 35 * thousand) == medium);
    CHECK(engine::level_of(portfolio.rules, 0) == low);
    CHECK(engine::level_of(portfolio.rules, -5) == low);
}

TEST_CASE("without keep_level the bands decide at once", "[engine][level]") {
    const Portfolio portfolio;
    const Date today = day("2026-11-20");
    const auto decide = [&](Points points, const std::optional<HeldLevel>& held) {
        return engine::decide_level(portfolio.rules, scored(portfolio, points), held, today);
    };
    CHECK(decide(59'999, std::nullopt) == HeldLevel{medium, today});
    CHECK(decide(59'999, HeldLevel{high, today}) == HeldLevel{medium, today});
    const HeldLevel held{medium, day("2026-10-03")};
    CHECK(decide(40'000, held) == held);
}

TEST_CASE("a level is kept until the margin and the time are passed", "[engine][level]") {
    Portfolio portfolio;
    portfolio.rules.keep_level = rules::KeepLevel{3 * thousand, {14, Period::Unit::days}};
    const HeldLevel held{high, day("2026-11-01")};
    const auto decide = [&](Points points, const char* today) {
        return engine::decide_level(portfolio.rules, scored(portfolio, points), held, day(today));
    };
    CHECK(decide(57'000, "2026-12-20") == held);
    CHECK(decide(56'999, "2026-11-14") == held);
    CHECK(decide(56'999, "2026-11-15") == HeldLevel{medium, day("2026-11-15")});
    CHECK(decide(0, "2026-11-15") == HeldLevel{low, day("2026-11-15")});

    const HeldLevel lower{medium, day("2026-01-01")};
    const auto rise = [&](Points points) {
        const Score score = scored(portfolio, points);
        return engine::decide_level(portfolio.rules, score, lower, day("2026-11-20")).level;
    };
    CHECK(rise(62'999) == medium);
    CHECK(rise(63'000) == high);
    CHECK(rise(32'000) == medium);
    CHECK(rise(31'999) == low);
}

TEST_CASE("no margin makes a level a trap at the ends of the scale", "[engine][level]") {
    Portfolio portfolio;
    portfolio.rules.levels[high].from = 99 * thousand;
    portfolio.rules.levels[medium].from = 2 * thousand;
    portfolio.rules.keep_level = rules::KeepLevel{3 * thousand, {}};
    const HeldLevel held{medium, day("2026-01-01")};
    const auto decide = [&](Points points) {
        const Score score = scored(portfolio, points);
        return engine::decide_level(portfolio.rules, score, held, day("2026-11-20")).level;
    };
    CHECK(decide(99'999) == medium);
    CHECK(decide(100'000) == high);
    CHECK(decide(1) == medium);
    CHECK(decide(0) == low);
}

TEST_CASE("an account that cannot be judged falls without a margin", "[engine][level]") {
    Portfolio portfolio;
    portfolio.rules.keep_level = rules::KeepLevel{50 * thousand, {14, Period::Unit::days}};
    const HeldLevel held{high, day("2026-11-01")};
    const Score open{59 * thousand, low, false};
    const auto decide = [&](const char* today) {
        return engine::decide_level(portfolio.rules, open, held, day(today)).level;
    };
    CHECK(decide("2026-11-14") == high);
    CHECK(decide("2026-11-15") == low);
}

TEST_CASE("the first cadence that matches refines the level's", "[engine][level]") {
    Portfolio portfolio;
    const rules::Table accounts = rules::Table::accounts;
    const std::size_t vip = *portfolio.rules.schema[accounts].index_of("vip");
    portfolio.fact("vip", rules::FactType::boolean, rules::ColumnFact{vip});
    rules::CadenceRule often{"", portfolio.on_facts("vip"), {}, {}};
    often.name = "vip";
    often.cadence.review_every = Period{3, Period::Unit::weeks};
    often.cadence.at_latest = Period{5, Period::Unit::weeks};
    portfolio.rules.cadences.push_back(often);
    often.name = "never reached";
    portfolio.rules.cadences.push_back(often);

    const auto plain = engine::cadence_for(portfolio.rules, low, portfolio.facts());
    CHECK(plain.name == "low");
    CHECK(plain.review_every == Period{11, Period::Unit::months});
    portfolio.account({{"vip", yes()}});
    const auto refined = engine::cadence_for(portfolio.rules, low, portfolio.facts());
    CHECK(refined.name == "vip");
    CHECK(refined.review_every == Period{3, Period::Unit::weeks});
    CHECK(refined.at_latest == Period{5, Period::Unit::weeks});
    CHECK(refined.not_before == Period{3, Period::Unit::weeks});
    const auto of_high = engine::cadence_for(portfolio.rules, high, portfolio.facts());
    CHECK(of_high.not_before == Period{2, Period::Unit::weeks});

    portfolio.rules.cadences[0].cadence = {{}, Period{2, Period::Unit::years}, {}};
    const auto rare = engine::cadence_for(portfolio.rules, low, portfolio.facts());
    CHECK(rare.at_latest == Period{2, Period::Unit::years});
    CHECK(rare.not_before == Period{9, Period::Unit::months});
}

} // namespace
} // namespace reviewd::test::test_level
