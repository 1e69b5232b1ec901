#include "config/loader/configuration.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/files.hpp"

namespace reviewd::test::test_product_rules {

using namespace reviewd;
using namespace reviewd::config;

TEST_CASE("the rules of the product's description work literally", "[loader][product]") {
    Report report;
    const auto set = parse_rules(
        "scoring.yaml",
        test::read_file(test::source_path("tests/data/product/scoring.yaml")),
        rules::built_in_schema(),
        report
    );
    INFO(render(report.diagnostics()));
    REQUIRE(set != nullptr);
    CHECK(set->rules.size() == 3);
    CHECK(set->levels.size() == 3);
    CHECK(set->cadences.size() == 1);
    CHECK(set->triggers.size() == 3);
    CHECK(set->groups.size() == 1);
    CHECK_FALSE(report.has_errors());
}

} // namespace reviewd::test::test_product_rules
