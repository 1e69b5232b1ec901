#include "scoring/engine/backtest.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/engine/portfolio.hpp"

#include <cmath>
#include <random>

namespace reviewd::test::test_backtest {

using namespace reviewd;
using namespace reviewd::engine;

namespace {

bool is_near(double a, double b, double within) {
    return std::fabs(a - b) <= within;
}

} // namespace

TEST_CASE("Wilson's interval is that of the tables", "[engine][backtest]") {
    // 10 of 50, and the ends of the scale: values of Brown, Cai and DasGupta's formula.
    const Interval tenth = wilson_interval({50, 10});
    CHECK(is_near(tenth.low, 0.1124, 0.0001));
    CHECK(is_near(tenth.high, 0.3304, 0.0001));
    CHECK(wilson_interval({20, 0}).low == 0);
    CHECK(is_near(wilson_interval({20, 0}).high, 0.1611, 0.0001));
    CHECK(wilson_interval({20, 20}).high == 1);
    CHECK(wilson_interval({0, 0}).low == 0);
    CHECK(wilson_interval({0, 0}).high == 1);
}

TEST_CASE("the area under the curve counts pairs, equal ones half", "[engine][backtest]") {
    const std::vector<Outcome> outcomes{
        {5, true}, {3, true}, {3, false}, {1, false}, {4, false}, {2, true}};
    // Pairs won: 5 beats 3; 3 beats 1 and ties 3; 2 beats 1.
    const auto curve = area_under_curve(outcomes);
    REQUIRE(curve);
    CHECK(is_near(curve->area, (3 + 1.5 + 1) / 9.0, 1e-12));
    CHECK(curve->interval.low <= curve->area);
    CHECK(curve->interval.high >= curve->area);
    CHECK_FALSE(area_under_curve(std::vector<Outcome>{{1, true}}).has_value());
}

TEST_CASE("DeLong's variance is that of its definition", "[engine][backtest]") {
    std::mt19937 random{11};
    std::vector<Outcome> outcomes;
    for (int i = 0; i < 60; ++i) {
        const bool is_hit = random() % 3 == 0;
        outcomes.push_back({static_cast<std::int64_t>(random() % 12 + (is_hit ? 3 : 0)), is_hit});
    }
    std::vector<double> hits;
    std::vector<double> misses;
    const auto wins = [](const Outcome& a, const Outcome& b) {
        return a.value > b.value ? 1.0 : a.value == b.value ? 0.5 : 0.0;
    };
    for (const Outcome& one : outcomes) {
        double sum = 0;
        double others = 0;
        for (const Outcome& other : outcomes) {
            if (other.is_hit != one.is_hit) {
                sum += one.is_hit ? wins(one, other) : wins(other, one);
                ++others;
            }
        }
        (one.is_hit ? hits : misses).push_back(sum / others);
    }
    const auto part = [](const std::vector<double>& values, double centre) {
        double sum = 0;
        for (const double value : values) {
            sum += (value - centre) * (value - centre);
        }
        const auto count = static_cast<double>(values.size());
        return sum / (count - 1) / count;
    };
    const auto curve = area_under_curve(outcomes);
    REQUIRE(curve);
    const double deviation = std::sqrt(part(hits, curve->area) + part(misses, curve->area));
    CHECK(is_near(curve->interval.high, std::min(1.0, curve->area + 1.959964 * deviation), 1e-5));
}

TEST_CASE("a backtest counts by band, level and rule", "[engine][backtest]") {
    test::Portfolio portfolio;
    portfolio.rule("a", "", 5);
    using Verdict = LedgerLine::Verdict;
    const std::vector<BacktestCase> cases{
        {70'000, 0, {Verdict::fired}, true, {"press", "cutter"}},
        {70'000, 0, {Verdict::fired}, true, {"press"}},
        {70'000, 0, {Verdict::fired}, false, {}},
        {40'000, 1, {Verdict::did_not_fire}, true, {"cutter"}},
        {10'000, 2, {Verdict::cannot_be_judged}, false, {}},
        {5'000, 2, {Verdict::did_not_fire}, false, {}}};
    const BacktestReport report = evaluate_backtest(portfolio.rules, cases, 3);
    CHECK(report.all.count == 6);
    CHECK(report.all.hits == 3);
    // The three equal scores stay together although a third would be two.
    REQUIRE(report.bands.size() == 3);
    CHECK(report.bands[0].hits.count == 3);
    CHECK(report.bands[1].hits.count == 1);
    CHECK(report.bands[2].hits.count == 2);
    CHECK(report.bands[2].lowest == 5'000);
    CHECK(report.levels[0].hits == 2);
    CHECK(report.rules[0].fired.count == 3);
    CHECK(report.rules[0].did_not_fire.hits == 1);
    CHECK(report.rules[0].cannot_be_judged.count == 1);
    REQUIRE(report.rules[0].bought.size() == 2);
    CHECK(report.rules[0].bought[0] == std::pair<std::string, std::int64_t>{"press", 2});
    CHECK(sensible_bands(85) == 5);
    CHECK(sensible_bands(3) == 1);
    CHECK(sensible_bands(5000) == 10);
}

} // namespace reviewd::test::test_backtest
