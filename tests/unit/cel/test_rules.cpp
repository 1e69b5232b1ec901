#include "scoring/cel/functions.hpp"
#include "scoring/cel/signature.hpp"
#include "scoring/cel/syntax.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/cel/portfolio.hpp"

#include <set>
#include <string>

using namespace reviewd;
using namespace reviewd::cel;

namespace {

std::string shown(std::string_view source) {
    return to_string(cel::test::Portfolio{}(source));
}

} // namespace

TEST_CASE("an integer meets a double without a cast", "[cel][rules]") {
    CHECK(shown("products_owned * 1.5") == "3.0");
    CHECK(shown("budget > 20000") == "true");
    CHECK(shown("budget in [42000, 1]") == "true");
    CHECK(shown("vip ? 1 : 2.5") == "1.0");
    CHECK(shown("[1, 2.5][0]") == "1.0");
    CHECK(shown("dyn(1) + 1.5") == "2.5");
    CHECK(shown("products_owned / 4") == "0"); // two integers still divide as integers
}

TEST_CASE("conversions to double stand in the checked tree", "[cel][rules]") {
    const cel::test::Portfolio portfolio;
    const Expression expression = compile("products_owned * 1.5", portfolio.environment).value();
    REQUIRE(expression.root().kind == Node::Kind::operation);
    CHECK(expression.type().kind == Type::Kind::real);
    CHECK(expression.root().children[0]->type.kind == Type::Kind::real);
    REQUIRE(expression.root().children[0]->function != nullptr);
    CHECK(expression.root().children[0]->function->name == "double");
}

TEST_CASE("a missing fact is known to be missing and nothing else", "[cel][rules][missing]") {
    CHECK(shown("known(satisfaction)") == "false");
    CHECK(shown("satisfaction == null") == "true");
    CHECK(shown("null != satisfaction") == "false");
    CHECK(shown("budget == null") == "false");
    CHECK(shown("known(budget) && budget != null") == "true");
    CHECK(shown("satisfaction < 5") == "unknown");
    CHECK(shown("satisfaction * 0.0 == 0.0") == "unknown");
    CHECK(shown("[satisfaction]") == "unknown");
    CHECK(shown("owned.exists(x, satisfaction > 1)") == "unknown");
}

TEST_CASE("a null in place of a value is a missing fact", "[cel][rules][missing]") {
    CHECK(shown("renewal == null") == "true");
    CHECK(shown("days_until(renewal)") == "unknown");
}

TEST_CASE("and and or absorb what is missing", "[cel][rules][missing]") {
    CHECK(shown("vip || satisfaction < 5") == "true");
    CHECK(shown("satisfaction < 5 || vip") == "true");
    CHECK(shown("!vip && satisfaction < 5") == "false");
    CHECK(shown("satisfaction < 5 && !vip") == "false");
    CHECK(shown("satisfaction < 5 && vip") == "unknown");
}

TEST_CASE("unknown beats an error, in whatever order", "[cel][rules][missing]") {
    for (const char* source :
         {"satisfaction < 5 && 1 / 0 > 2",
          "1 / 0 > 2 && satisfaction < 5",
          "satisfaction < 5 || 1 / 0 > 2",
          "satisfaction + 1 / 0",
          "1 / 0 + satisfaction",
          "max(1 / 0, satisfaction)",
          "[1 / 0, satisfaction]",
          "{1 / 0: satisfaction}",
          "[0, 1].all(x, x == 0 ? 1 / x > 0 : satisfaction > 0)"}) {
        CAPTURE(source);
        CHECK(cel::test::Portfolio{}(source).is_unknown());
    }
    CHECK(cel::test::Portfolio{}("vip && 1 / 0 > 2").is_error());
}

TEST_CASE("an unknown names the facts that it depends on", "[cel][rules][missing]") {
    const Value value = cel::test::Portfolio{}("satisfaction > 3 && renewal > today");
    REQUIRE(value.is_unknown());
    CHECK(value.get_if<Unknown>()->slots == std::vector<std::uint32_t>{8, 9});
    CHECK(evaluate(compile("satisfaction", cel::test::Portfolio{}.environment).value(), {})
              .is_unknown());
}

TEST_CASE("the functions of rules", "[cel][rules]") {
    CHECK(shown("min(20, products_owned * 4)") == "8");
    CHECK(shown("min(20, budget)") == "20.0");
    CHECK(shown("max([1, 5, 3])") == "5");
    CHECK(shown("max(last_purchase, today) == today") == "true");
    CHECK(shown("clamp(products_owned, 3, 5)") == "3");
    CHECK(shown("clamp(products_owned, 0, 1.5)") == "1.5");
    CHECK(cel::test::Portfolio{}("clamp(1, 5, 3)").is_error());
    CHECK(shown("months_between(last_purchase, today)") == "4"); // 31 October to 28 February
    CHECK(shown("months_between(today, last_purchase)") == "-3");
    CHECK(shown("days_until(last_purchase)") == "-120");
    CHECK(shown("days_until(timestamp('2026-03-01'))") == "1");
}

TEST_CASE("days_until reads the variable today", "[cel][rules]") {
    const cel::test::Portfolio portfolio;
    const Expression expression =
        compile("days_until(last_purchase)", portfolio.environment).value();
    CHECK(expression.slots() == std::vector<std::uint32_t>{5, 6});
    Environment without{Dialect::rules};
    without.declare("renewal", Type{Type::Kind::timestamp, {}});
    const auto failed = compile("days_until(renewal) < 3", without);
    REQUIRE_FALSE(failed.has_value());
    REVIEWD_CHECK_CONTAINS(failed.error().front().message, "`today`");
}

TEST_CASE("the table of functions is complete and readable", "[cel][functions]") {
    std::set<std::string_view> names;
    for (const Function& function : functions()) {
        CAPTURE(function.name);
        CHECK(names.insert(function.name).second);
        CHECK_FALSE(signatures_of(function).empty());
        CHECK(function.description.ends_with('.'));
        const bool is_interpreted =
            function.library == Library::operators || function.name == "known";
        CHECK((function.implementation == nullptr) == is_interpreted);
    }
}
