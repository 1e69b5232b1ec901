#include "scoring/engine/ledger_text.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/engine/portfolio.hpp"

namespace reviewd::test::test_ledger_text {
namespace {

using rules::FactType;

/// The account of the product's target: four facts, four rules, one group.
class Hartley : public Portfolio {
public:
    Hartley() {
        give("products_owned", FactType::integer, integer(2));
        give("budget", FactType::money, number(42'000));
        give("referrals", FactType::integer, integer(2));
        give("effort", FactType::number, std::nullopt);
        rules.groups = {{"relationship", 30 * rules::points_scale}};
        rules.keep_level = rules::KeepLevel{3 * rules::points_scale, {14, Period::Unit::days}};
        rule("room-to-grow", "products_owned in [1, 2] && budget > 20000", 45);
        rule_of("referrals", "min(20, referrals * 4)").group = 0;
        rule("owns-everything", "referrals == 0 && products_owned > 3", -40);
        rule("easy-help", "effort < 3", 5);
        heading.account = "Hartley Print";
        heading.since = day("2026-10-03");
        heading.rules_version = "v14";
        heading.as_of = day("2026-11-20");
        heading.currency = {"EUR", 2};
        heading.asked = {"effort"};
    }

    std::string render() {
        engine::FactRow row = facts();
        const engine::Ledger ledger = engine::explain(rules, row);
        return engine::render_ledger(rules, row, ledger, heading);
    }

    engine::LedgerHeading heading;

private:
    void give(const char* name, FactType type, const std::optional<cel::Value>& value) {
        fact(name, type, rules::AnswerFact{name});
        if (value) {
            records.answers.push_back({name, *value, context.as_of});
        }
    }
};

TEST_CASE("a ledger says when keep_level holds the level", "[engine][ledger]") {
    Hartley hartley;
    hartley.heading.since = hartley.heading.as_of;
    hartley.rules.rules.clear();
    REVIEWD_CHECK_CONTAINS(
        hartley.render(),
        "By its points low: keep_level holds high until 4 Dec (at_least: 14 days).\nMedium below 57."
    );
    hartley.heading.is_level_set = true;
    CHECK(hartley.render().find("keep_level") == std::string::npos);
    hartley.heading.is_level_set = false;
    hartley.heading.since = day("2026-10-03");
    CHECK(hartley.render().find("keep_level") == std::string::npos); // the next scoring leaves it
    hartley.rules.score.base = 58 * rules::points_scale;
    REVIEWD_CHECK_CONTAINS(
        hartley.render(), "By its points medium: keep_level holds high within its margin of 3.\n"
    );
    // No day ends that, also when new rules moved it there a moment ago.
    hartley.heading.since = hartley.heading.as_of;
    REVIEWD_CHECK_CONTAINS(
        hartley.render(), "By its points medium: keep_level holds high within its margin of 3.\n"
    );
}

TEST_CASE("a ledger reads as the product page shows it", "[engine][ledger]") {
    Hartley hartley;
    CHECK(hartley.render() == R"(Hartley Print   HIGH 73   since 3 Oct   rules v14   as of 20 Nov
  +20  base
  +45  room-to-grow      products_owned 2, budget EUR 42,000
   +8  referrals         min(20, 2 x 4); relationship 8 of 30
  =73
    -  owns-everything   did not fire: referrals 2, products_owned 2
    ?  easy-help         cannot be judged: effort is missing (the agenda asks)
Medium below 57.  Cadence: monthly, at the latest after 6 weeks.
)");
}

TEST_CASE("a ledger says what is missing behind what is missing", "[engine][ledger]") {
    Hartley hartley;
    const cel::Expression ease = hartley.on_facts("10.0 - effort");
    hartley.fact("ease", FactType::number, rules::ExpressionFact{ease});
    hartley.rule("eased", "ease > 5", 5);
    REVIEWD_CHECK_CONTAINS(
        hartley.render(), "cannot be judged: ease is missing for want of effort (the agenda asks)"
    );
}

TEST_CASE("a ledger shows how points were calculated, also under a condition", "[engine][ledger]") {
    Hartley hartley;
    hartley.rule_of("shared", "referrals / 4").when = hartley.on_facts("budget > 20000");
    REVIEWD_CHECK_CONTAINS(
        hartley.render(), "+0  shared            budget EUR 42,000, referrals 2: 2 / 4\n"
    );
}

TEST_CASE("a cap that lifts a group says so", "[engine][ledger]") {
    Hartley hartley;
    hartley.rule("quarrel", "", -50).group = 0;
    const std::string text = hartley.render();
    REVIEWD_CHECK_CONTAINS(text, "+12  relationship cap   at least -30\n");
    REVIEWD_CHECK_CONTAINS(text, "always; relationship -30 of -30\n");
}

TEST_CASE("a level that a person set has no edges", "[engine][ledger]") {
    Hartley hartley;
    hartley.heading.is_level_set = true;
    hartley.heading.remarks = {"set to high by ruth"};
    const std::string text = hartley.render();
    REVIEWD_CHECK_CONTAINS(text, "\n  set to high by ruth\n");
    REVIEWD_CHECK_CONTAINS(text, "\nCadence: monthly");
    CHECK(text.find("below") == std::string::npos);
}

TEST_CASE("caps and limits are lines, and both edges of a level are named", "[engine][ledger]") {
    Hartley hartley;
    hartley.rules.rules.clear();
    hartley.rule("friends", "", 12.25).group = 0;
    hartley.rule("family", "", 30).group = 0;
    hartley.rules.score.largest = 45 * rules::points_scale;
    hartley.heading.level = 1;
    hartley.heading.since = day("2025-12-31");
    hartley.heading.rules_version.clear();
    hartley.heading.asked.clear();
    CHECK(hartley.render() == R"(Hartley Print   MEDIUM 45   since 31 Dec 2025   as of 20 Nov
     +20  base
  +12.25  friends            always; relationship 30 of 30
     +30  family             always; relationship 30 of 30
  -12.25  relationship cap   at most 30
      -5  limit              scores reach from 0 to 45
     =45
High from 45, low below 32.  Cadence: every 4 months, at the latest after 6 months.
)");
}

TEST_CASE("names that would play tricks on a terminal are shown escaped", "[engine][ledger][T15]") {
    Hartley hartley;
    hartley.heading.account = "Evil\x1b[2J\n\xE2\x80\xAEtnirP";
    const std::string text = hartley.render();
    REVIEWD_CHECK_CONTAINS(text, "Evil\\x1b[2J\\n\\u202etnirP   HIGH 73");
    CHECK(text.find('\x1b') == std::string::npos);
    hartley.heading.colour = Colour::on;
    CHECK(hartley.render().find("\x1b[2J") == std::string::npos);
    CHECK(hartley.render().find("\x1b[1m") != std::string::npos);
}

TEST_CASE("points print without zeros that say nothing", "[engine][ledger]") {
    CHECK(engine::signed_points(45'000) == "+45");
    CHECK(engine::signed_points(-500) == "-0.5");
    CHECK(engine::signed_points(0) == "+0");
    CHECK(engine::plain_points(1'001) == "1.001");
    CHECK(engine::plain_points(-40'000) == "-40");
    CHECK(engine::frequency({1, Period::Unit::months}) == "monthly");
    CHECK(engine::frequency({6, Period::Unit::weeks}) == "every 6 weeks");
}

} // namespace
} // namespace reviewd::test::test_ledger_text
