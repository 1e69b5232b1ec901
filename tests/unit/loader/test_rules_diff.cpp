#include "config/loader/rules_diff.hpp"
#include "config/loader/rules_places.hpp"
#include "tests/support/catch.hpp"

namespace reviewd::test::test_rules_diff {

using namespace reviewd;
using namespace reviewd::config;

namespace {

constexpr auto scoring = R"(
# A comment
facts:
  budget: { type: money, from: accounts.budget }
rules:
  - id: rich
    when: >-
      budget > 20000
    points: 45
  - id: poor
    points: -5
levels:
  high: { from: 60, review_every: 1 month }
  low: { from: 0, review_every: 1 year }
)";

constexpr auto tuned = R"(
rules:
  - { id: rich, when: budget > 25000, points: 40 }
  - id: new
    points: "5"
levels:
  low: { from: 0, review_every: 1 year }
  high: { from: 55, review_every: 1 month }
keep_level: { margin: 3 }
)";

std::string told(const std::vector<RulesChange>& changes) {
    std::string text;
    for (const RulesChange& change : changes) {
        text += change.place + ": " + change.before.value_or("(none)") + " -> "
                + change.after.value_or("(none)") + "\n";
    }
    return text;
}

} // namespace

TEST_CASE("rules are compared by what they say, whatever file says it", "[loader][diff]") {
    const std::vector<RulesFile> before{{"scoring.yaml", scoring}};
    const std::vector<RulesFile> after{
        {"facts.yaml", "facts: { budget: { from: accounts.budget, type: money } }"},
        {"scoring.yaml", tuned}};
    const auto changes = compare_rules(before, after);
    REQUIRE(changes);
    CHECK(told(*changes) == R"(rules rich, when: budget > 20000 -> budget > 25000
rules rich, points: 45 -> 40
rules poor: { id: poor, points: -5 } -> (none)
rules new: (none) -> { id: new, points: "5" }
levels high, from: 60 -> 55
keep_level margin: (none) -> 3
)");
    CHECK(compare_rules(before, before)->empty());
    CHECK_FALSE(compare_rules(before, {{"scoring.yaml", "rules: [ }"}}).has_value());
}

TEST_CASE("texts are compared line by line with their surroundings", "[loader][diff]") {
    const std::vector<RulesFile> before{
        {"a.yaml", "1\n2\n3\n4\n5\n6\n7\n8\n9\n"}, {"b.yaml", "x\n"}};
    const std::vector<RulesFile> after{{"a.yaml", "1\n2\n3\n4\n5\nsix\n7\n8\n9\n10\n"}};
    CHECK(unified_diff(before, after) == R"(--- a.yaml
+++ a.yaml
@@ -3,7 +3,8 @@
 3
 4
 5
-6
+six
 7
 8
 9
+10
--- b.yaml
+++ b.yaml
@@ -1,1 +1,0 @@
-x
)");
    CHECK(unified_diff(before, before).empty());
}

TEST_CASE("a draft finds the file that it is to replace", "[loader][rules]") {
    using Places = std::vector<std::optional<std::size_t>>;
    const std::vector<RulesFile> files{
        {"catalogue.yaml", "products: [{ id: press }, { id: cutter }]\n"}, {"main.yaml", scoring}};
    const auto place = [&](const std::string& name, const std::string& text) {
        return find_places(files, {{name, text}});
    };
    CHECK(place("catalogue.yaml", scoring) == Places{0}); // the name decides first
    CHECK(place("draft of ruth.yaml", tuned) == Places{1});
    CHECK(place("x.yaml", "products: [{ id: press }, { id: feeder }]\n") == Places{0});
    CHECK(place("x.yaml", "rules: [{ id: another, points: 3 }]\n") == Places{std::nullopt});
    // One rule of several given again is a mistake in a file that was meant to join.
    CHECK(place("x.yaml", "rules: [{ id: rich, points: 3 }]\n") == Places{std::nullopt});
    CHECK(place("x.yaml", "rules: [") == Places{std::nullopt});
    CHECK(place("x.yaml", "rich") == Places{std::nullopt});
    CHECK(find_places({}, {{"x.yaml", scoring}}) == Places{std::nullopt});
    CHECK(
        find_places(files, {{"a.yaml", tuned}, {"main.yaml", scoring}}) == Places{std::nullopt, 1}
        // what is taken by name is not taken again
    );
}

} // namespace reviewd::test::test_rules_diff
