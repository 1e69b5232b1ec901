#include "scoring/engine/judge.hpp"
#include "scoring/engine/missing_facts.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/engine/portfolio.hpp"

#include <cmath>
#include <limits>
#include <random>

namespace reviewd::test::test_score {
namespace {

using engine::Ledger;
using engine::LedgerLine;
using Kind = engine::LedgerLine::Kind;
using Verdict = engine::LedgerLine::Verdict;
using rules::FactType;
using rules::Points;

constexpr Points thousand = rules::points_scale;

/// A portfolio with facts whose values the test gives itself.
class Scored : public Portfolio {
public:
    Scored() {
        number_slot = fact("amount", FactType::number, rules::AnswerFact{"amount"});
        boolean_slot = fact("vip", FactType::boolean, rules::AnswerFact{"vip"});
        satisfaction_slot =
            fact("satisfaction", FactType::number, rules::AnswerFact{"satisfaction"});
        row.resize(rules.facts.facts.size());
        for (std::uint32_t slot = 0; slot < row.size(); ++slot) {
            row[slot] = cel::Value::unknown(slot);
        }
    }

    Ledger explain() const { return engine::explain(rules, row); }

    std::uint32_t number_slot = 0;
    std::uint32_t boolean_slot = 0;
    std::uint32_t satisfaction_slot = 0;
    engine::FactRow row;
};

Points sum_of(const Ledger& ledger) {
    Points sum = 0;
    for (const LedgerLine& line : ledger.lines) {
        sum += line.points;
    }
    return sum;
}

TEST_CASE("a rule fires, does not fire, or cannot be judged", "[engine][score]") {
    Scored scored;
    scored.rule("big", "amount > 10.0", 45);
    scored.row[scored.number_slot] = number(11);
    CHECK(scored.explain().lines.at(1).verdict == Verdict::fired);
    CHECK(scored.explain().score.points == 65 * thousand);
    CHECK(scored.explain().score.level == 0);
    scored.row[scored.number_slot] = number(10);
    CHECK(scored.explain().lines.at(1).verdict == Verdict::did_not_fire);
    CHECK(scored.explain().score.points == 20 * thousand);
    CHECK(scored.explain().score.is_judged);
    scored.row[scored.number_slot] = cel::Value::unknown(scored.number_slot);
    const Ledger open = scored.explain();
    CHECK(open.lines.at(1).verdict == Verdict::cannot_be_judged);
    CHECK(open.lines.at(1).missing == std::vector{scored.number_slot});
    CHECK(open.lines.at(1).facts == std::vector{scored.number_slot});
    CHECK(open.lines.at(1).points == 0);
}

TEST_CASE("what holds anyway needs no fact that is missing", "[engine][score]") {
    Scored scored;
    scored.rule("care", "vip || satisfaction < 5.0", 10);
    scored.row[scored.boolean_slot] = yes();
    CHECK(scored.explain().lines.at(1).verdict == Verdict::fired);
    scored.row[scored.boolean_slot] = cel::Value::of(false);
    const Ledger open = scored.explain();
    CHECK(open.lines.at(1).missing == std::vector{scored.satisfaction_slot});
    CHECK(open.lines.at(1).facts == std::vector{scored.boolean_slot, scored.satisfaction_slot});
}

TEST_CASE("an account of which no rule can be judged has the lowest level", "[engine][score]") {
    Scored scored;
    scored.rules.score.base = 90 * thousand;
    CHECK(scored.explain().score.is_judged);
    CHECK(scored.explain().score.level == 0);
    scored.rule("a", "amount > 10.0", 1);
    scored.rule("b", "satisfaction > 1.0", 1);
    const Ledger open = scored.explain();
    CHECK_FALSE(open.score.is_judged);
    CHECK(open.score.level == 2);
    CHECK(open.score.points == sum_of(open));
    scored.row[scored.number_slot] = number(0);
    CHECK(scored.explain().score.is_judged);
    CHECK(scored.explain().score.level == 0);
}

TEST_CASE("points are rounded to thousandths, half away from zero", "[engine][score]") {
    CHECK(engine::to_points(1.0005) == 1001);
    CHECK(engine::to_points(-0.0005) == -1);
    CHECK(engine::to_points(0.0004999) == 0);
    CHECK(engine::to_points(2.5) == 2500);
    CHECK(engine::to_points(1e6) == engine::largest_points);
    CHECK_FALSE(engine::to_points(1e6 + 1).has_value());
    CHECK_FALSE(engine::to_points(std::numeric_limits<double>::infinity()).has_value());
    CHECK_FALSE(engine::to_points(std::nan("")).has_value());
}

TEST_CASE("points that are no number cannot be judged and say why", "[engine][score]") {
    Scored scored;
    scored.rule_of("share", "amount / satisfaction");
    scored.row[scored.number_slot] = number(1);
    scored.row[scored.satisfaction_slot] = number(0);
    const Ledger ledger = scored.explain();
    CHECK(ledger.lines.at(1).verdict == Verdict::cannot_be_judged);
    CHECK_FALSE(ledger.lines.at(1).error.empty());
    CHECK(ledger.lines.at(1).points == 0);
    scored.row[scored.satisfaction_slot] = number(3);
    CHECK(scored.explain().lines.at(1).points == 333);
}

TEST_CASE("what a rule would change is counted with caps and limits", "[engine][score]") {
    Portfolio scored;
    scored.fact("asked", rules::FactType::boolean, rules::AnswerFact{"asked"});
    scored.rules.groups = {{"relationship", 10 * thousand}};
    const auto would_change = [&] {
        const engine::Ledger ledger = engine::explain(scored.rules, scored.facts());
        return engine::would_change_level(scored.rules, ledger, ledger.lines.at(2));
    };
    scored.rule("other", "", 1);
    rules::Rule& rule = scored.rule("happy", "asked", 40);
    CHECK(would_change()); // 21, or 61
    SECTION("a group that is full") {
        scored.rules.rules.back().group = 0;
        CHECK_FALSE(would_change()); // 31 at most
    }
    SECTION("a score that lies below its limit") {
        scored.rules.rules.front().points = -40 * thousand;
        CHECK_FALSE(would_change()); // -20 counts 0, and 20 is low, too
    }
    SECTION("points that are calculated") {
        rule.points = scored.on_facts("1");
        scored.rules.rules.front().points = -400 * thousand;
        CHECK(would_change()); // nobody can tell
    }
}

TEST_CASE("a group adds up to its cap at most, and at least to its negative", "[engine][score]") {
    Scored scored;
    scored.rules.groups = {{"relationship", 30 * thousand}, {"idle", 5 * thousand}};
    scored.rule("a", "", 20).group = 0;
    scored.rule("b", "", 25).group = 0;
    Ledger ledger = scored.explain();
    REQUIRE(ledger.lines.size() == 4);
    CHECK(ledger.lines[3].kind == Kind::group_cap);
    CHECK(ledger.lines[3].points == -15 * thousand);
    CHECK(ledger.score.points == 50 * thousand);
    scored.rule("c", "", -120).group = 0;
    ledger = scored.explain();
    CHECK(ledger.lines[4].points == 45 * thousand);
    CHECK(ledger.lines[5].kind == Kind::clamp);
    CHECK(ledger.lines[5].points == 10 * thousand);
    CHECK(ledger.score.points == 0);
    CHECK(sum_of(ledger) == 0);
}

TEST_CASE("the score keeps to its range, and the ledger says so", "[engine][score]") {
    Scored scored;
    scored.rule("much", "", 99.5);
    const Ledger ledger = scored.explain();
    CHECK(ledger.lines.back().kind == Kind::clamp);
    CHECK(ledger.lines.back().points == -19'500);
    CHECK(ledger.score.points == 100 * thousand);
}

/// Rules and facts at random; every kind of line appears among them.
Scored random_portfolio(unsigned seed) {
    std::mt19937 random{seed};
    const auto below = [&](int bound) {
        return static_cast<int>(random() % static_cast<unsigned>(bound));
    };
    const std::vector<std::string> conditions{
        "",
        "amount > 3.0",
        "vip",
        "vip || satisfaction < 5.0",
        "amount / satisfaction > 1.0 && vip",
        "satisfaction == null",
        "amount in [1.0, 2.0, 3.0]"};
    const std::vector<std::string> points{
        "amount * 1.37", "min(20, satisfaction)", "amount / satisfaction", "1e300 * amount"};
    Scored scored;
    for (int i = below(4); i > 0; --i) {
        scored.rules.groups.push_back({"group", below(40) * thousand / 3});
    }
    scored.rules.score.base = (below(120) - 10) * thousand / 7;
    for (int i = below(25); i > 0; --i) {
        const auto pick = [&](const auto& from) {
            return from[static_cast<std::size_t>(below(static_cast<int>(from.size())))];
        };
        rules::Rule& rule = below(3) == 0
                                ? scored.rule_of("r", pick(points))
                                : scored.rule("r", pick(conditions), below(99'999) / 1000.0 - 50);
        if (!scored.rules.groups.empty() && below(2) == 0) {
            rule.group =
                static_cast<std::size_t>(below(static_cast<int>(scored.rules.groups.size())));
        }
    }
    const auto maybe = [&](std::uint32_t slot, cel::Value value) {
        if (below(4) != 0) {
            scored.row[slot] = std::move(value);
        }
    };
    maybe(scored.number_slot, number(below(1000) / 100.0 - 2));
    maybe(scored.satisfaction_slot, number(below(10)));
    maybe(scored.boolean_slot, cel::Value::of(below(2) == 0));
    return scored;
}

TEST_CASE("the lines of every ledger add up to the score", "[engine][score]") {
    const unsigned seed = GENERATE(range(1U, 300U));
    CAPTURE(seed);
    const Scored scored = random_portfolio(seed);
    const Ledger ledger = scored.explain();
    const engine::Score score = engine::evaluate(scored.rules, scored.row);
    CHECK(sum_of(ledger) == ledger.score.points);
    CHECK(score.points == ledger.score.points);
    CHECK(score.level == ledger.score.level);
    CHECK(score.is_judged == ledger.score.is_judged);
    CHECK(ledger.score.points >= scored.rules.score.smallest);
    CHECK(ledger.score.points <= scored.rules.score.largest);
    for (const LedgerLine& line : ledger.lines) {
        const bool is_open = line.verdict == Verdict::cannot_be_judged;
        CHECK(is_open == (!line.missing.empty() || !line.error.empty()));
        CHECK((line.verdict == Verdict::fired || line.points == 0));
    }
}

} // namespace
} // namespace reviewd::test::test_score
