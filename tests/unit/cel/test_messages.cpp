#include "tests/support/catch.hpp"
#include "tests/support/files.hpp"
#include "tests/unit/cel/portfolio.hpp"

#include <sstream>
#include <string>

using namespace reviewd;
using namespace reviewd::cel;

TEST_CASE("problems are told in a manager's words", "[cel][messages]") {
    const cel::test::Portfolio portfolio;
    std::istringstream lines{
        reviewd::test::read_file(reviewd::test::source_path("tests/data/cel/messages.tsv"))};
    int count = 0;
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with('#')) {
            continue;
        }
        std::istringstream cells{line};
        std::string source;
        std::string message;
        std::string hint;
        std::getline(cells, source, '\t');
        std::getline(cells, message, '\t');
        std::getline(cells, hint, '\t');
        CAPTURE(source);
        const auto compiled = compile(source, portfolio.environment);
        REQUIRE_FALSE(compiled.has_value());
        const Problem first = compiled.error().front(); // error() returns a copy
        REVIEWD_CHECK_CONTAINS(first.message, message);
        REVIEWD_CHECK_CONTAINS(first.hint, hint);
        CHECK(first.begin <= first.end);
        CHECK(first.end <= source.size());
        ++count;
    }
    CHECK(count > 40);
}

TEST_CASE("all problems are reported at once, in order", "[cel][messages]") {
    const cel::test::Portfolio portfolio;
    const auto compiled =
        compile(R"(contry = "DE" && budgt > 3 or vip == 1)", portfolio.environment);
    REQUIRE_FALSE(compiled.has_value());
    const Problems& problems = compiled.error();
    REQUIRE(problems.size() == 5);
    CHECK(problems[0].begin == 0);
    CHECK(problems[1].begin == 7);
    CHECK(problems[2].begin == 17);
    CHECK(problems[3].begin == 27);
    CHECK(problems[4].begin == 34);
}

TEST_CASE("one mistake is reported once", "[cel][messages]") {
    const cel::test::Portfolio portfolio;
    const auto compiled =
        compile("(budgt + 1) * 2 > budget && size(budgt) > 1 || budgt", portfolio.environment);
    REQUIRE_FALSE(compiled.has_value());
    for (const Problem& problem : compiled.error()) {
        REVIEWD_CHECK_CONTAINS(problem.message, "`budgt`");
    }
}

TEST_CASE("standard CEL says how to cast", "[cel][messages]") {
    Environment environment{Dialect::standard};
    environment.declare("count", Type{Type::Kind::integer, {}});
    const auto compared = compile("count > 1.5", environment);
    REQUIRE_FALSE(compared.has_value());
    REVIEWD_CHECK_CONTAINS(compared.error().front().hint, "double(count)");
    const auto added = compile("count + 1.5", environment);
    REQUIRE_FALSE(added.has_value());
    REVIEWD_CHECK_CONTAINS(added.error().front().hint, "double(count)");
}
