// The report as a manager reads it.
#include "daemon/ctl/report_page.hpp"
#include "scoring/base/text.hpp"
#include "tests/support/catch.hpp"

#include <boost/json/parse.hpp>

#include <sstream>

namespace reviewd::test::test_report_page {

namespace {

constexpr std::string_view answer = R"({"from": "2026-08-25", "to": "2026-11-23", "currency": "EUR",
"all": {"accounts": 24, "never_reviewed": 21, "planned": 24, "overdue": 3, "done": 2,
"done_without_answers": 1, "missed": 1, "skipped": 0, "attempts": 3},
"by_owner": [{"name": "farah", "accounts": 5, "never_reviewed": 4, "planned": 5, "overdue": 3,
"done": 1, "done_without_answers": 1, "missed": 0, "skipped": 0, "attempts": 0}],
"by_segment": [{"name": null, "accounts": 1, "never_reviewed": 1, "planned": 1, "overdue": 0,
"done": 0, "done_without_answers": 0, "missed": 0, "skipped": 0, "attempts": 0}],
"revenue": [{"level": "high", "accounts": 10, "bought_before": 2, "bought_again": 1,
"retention": 0.5, "revenue": 37100, "revenue_before": 72000}]})";

std::string page_on(const ctl::Screen& screen) {
    return ctl::report_page(boost::json::parse(answer), screen);
}

} // namespace

TEST_CASE("a report begins with its sums and leaves out what has no rows", "[ctl][report]") {
    const std::string page = page_on({});
    REVIEWD_CHECK_CONTAINS(
        page,
        "2026-08-25 to 2026-11-23: 24 accounts, 21 never reviewed\n"
        "24 reviews planned, 3 overdue\n"
        "2 done (1 without answers), 1 missed, 0 skipped, 3 attempts\n"
    );
    REVIEWD_CHECK_CONTAINS(page, "Coverage by owner\nNAME   ACCOUNTS  NEVER REVIEWED  PLANNED");
    REVIEWD_CHECK_CONTAINS(page, "(none)");
    REVIEWD_CHECK_CONTAINS(page, "50 %  37100.00");
    CHECK(page.find("Coverage by level") == std::string::npos);
    CHECK(page.find("Friendly") == std::string::npos);
}

TEST_CASE("a report fits a terminal of 80 columns", "[ctl][report]") {
    const std::string page = page_on({.is_terminal = true, .columns = 80});
    std::istringstream lines{page};
    for (std::string line; std::getline(lines, line);) {
        CAPTURE(line);
        CHECK(display_width(line) <= 80);
    }
    REVIEWD_CHECK_CONTAINS(
        page,
        "NAME   ACCOUNTS  NEVER REVIEWED  PLANNED  OVERDUE\n"
        "farah         5               4        5        3\n"
        "\n"
        "NAME   DONE  DONE WITHOUT ANSWERS  MISSED  SKIPPED  ATTEMPTS\n"
        "farah     1                     1       0        0         0\n"
    );
}

} // namespace reviewd::test::test_report_page
