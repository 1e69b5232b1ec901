#include "daemon/message/reasons.hpp"
#include "scoring/cel/expression.hpp"
#include "tests/support/catch.hpp"

namespace reviewd::test {
namespace {

using engine::LedgerLine;

/// Three rules of which all fired, over a budget and a number of products.
class Fired {
public:
    Fired() {
        rules.facts.facts = rules::built_in_facts();
        add_fact("budget", rules::FactType::money, cel::Value::of(42'000.0));
        add_fact("products_owned", rules::FactType::integer, cel::Value::of(std::int64_t{2}));
        add_rule("referrals", 8'000, {});
        add_rule("room-to-grow", 45'000, {{"en", "Owns {{products_owned}}, has {{budget}}"}});
        add_rule("nothing", 0, {});
        add_rule("owns-everything", -40'000, {{"bn", "সবই আছে"}});
    }

    message::Reasons reasons(const char* language, std::size_t limit = 3) const {
        return message::reasons_of(
            rules, facts, ledger, {"EUR", 2}, message::habits_of(language), limit
        );
    }

    rules::RuleSet rules;
    engine::FactRow facts = engine::FactRow(rules::built_in_facts().size());
    engine::Ledger ledger;

private:
    void add_fact(const char* name, rules::FactType type, cel::Value value) {
        rules::Fact fact;
        fact.name = name;
        fact.type = type;
        rules.facts.facts.push_back(std::move(fact));
        facts.push_back(std::move(value));
    }

    void add_rule(const char* id, rules::Points points, rules::Texts because) {
        rules::Rule rule;
        rule.id = id;
        rule.because = std::move(because);
        LedgerLine line;
        line.index = rules.rules.size();
        line.points = points;
        line.facts = {6, 7};
        rules.rules.push_back(std::move(rule));
        ledger.lines.push_back(std::move(line));
    }
};

TEST_CASE("the heaviest rules come first, in the words of their because", "[message][reasons]") {
    const message::Reasons reasons = Fired{}.reasons("en");
    CHECK(reasons.problems.empty());
    REQUIRE(reasons.lines.size() == 3);
    CHECK(reasons.lines[0].text == "Owns 2, has EUR 42,000");
    CHECK(reasons.lines[0].points == 45'000);
    CHECK(reasons.lines[1].text == "সবই আছে");
    CHECK(reasons.lines[2].text == "referrals: budget EUR 42,000, products_owned 2");
    CHECK(Fired{}.reasons("bn").lines[0].text == "Owns ২, has EUR ৪২,০০০");
}

TEST_CASE("what is left out stands in one line, so that all adds up", "[message][reasons]") {
    const auto last = [](const Fired& fired, const char* language, std::size_t limit) {
        return fired.reasons(language, limit).lines.back();
    };
    Fired fired;
    CHECK(fired.reasons("en", 1).lines.size() == 2);
    CHECK(last(fired, "en", 1).points == -32'000);
    CHECK(last(fired, "en", 1).text == "in 2 more lines");
    CHECK(last(fired, "bn", 1).text == "আরও ২টি লাইনে");
    // One more line is shown in the room that its sum would take.
    REQUIRE(fired.reasons("en", 2).lines.size() == 3);
    CHECK(last(fired, "en", 2).points == 8'000);
    CHECK(last(fired, "en", 2).text == "referrals: budget EUR 42,000, products_owned 2");
    // The ends of the scale and the most that a group may give move the score as well.
    LedgerLine base;
    base.kind = LedgerLine::Kind::base;
    base.points = 100'000;
    LedgerLine clamp;
    clamp.kind = LedgerLine::Kind::clamp;
    clamp.points = -13'000;
    LedgerLine cap;
    cap.kind = LedgerLine::Kind::group_cap;
    fired.ledger.lines.insert(fired.ledger.lines.begin(), base);
    fired.ledger.lines.push_back(cap); // that took nothing
    fired.ledger.lines.push_back(clamp);
    REQUIRE(fired.reasons("en").lines.size() == 4);
    CHECK(last(fired, "en", 3).points == -13'000);
    CHECK(last(fired, "en", 3).text == "kept within the limits");
    CHECK(last(fired, "bn", 3).text == "সীমার মধ্যে রাখা হয়েছে");
    CHECK(last(fired, "en", 2).points == -5'000);
    CHECK(last(fired, "en", 2).text == "in 2 more lines");
}

TEST_CASE("a because that is no template gives way to the facts", "[message][reasons]") {
    Fired fired;
    fired.rules.rules[1].because = {{"en", "Owns {{products_owned"}};
    const message::Reasons reasons = fired.reasons("en");
    REQUIRE(reasons.problems.size() == 1);
    REVIEWD_CHECK_CONTAINS(reasons.problems[0], "room-to-grow");
    CHECK(reasons.lines[0].text == "room to grow: budget EUR 42,000, products_owned 2");
}

TEST_CASE("a fact's text is not read as a template", "[message][reasons][T15]") {
    Fired fired;
    fired.facts[6] = cel::Value::of(std::string{"{{products_owned}}\n<b>"});
    CHECK(fired.reasons("en").lines[0].text == "Owns 2, has {{products_owned}}\\n<b>");
}

} // namespace
} // namespace reviewd::test
