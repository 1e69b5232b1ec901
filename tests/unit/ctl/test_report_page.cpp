// The report as a manager reads it.
#include "daemon/ctl/csv_text.hpp"
#include "daemon/ctl/report_page.hpp"
#include "scoring/base/text.hpp"
#include "tests/support/catch.hpp"

#include <boost/json/parse.hpp>

#include <sstream>

namespace reviewd::test::test_report_page {

namespace {

constexpr std::string_view answer =
    R"({"from": "2026-08-25", "to": "2026-11-23", "today": "2026-11-24", "currency": "EUR",
"all": {"accounts": 24, "never_reviewed": 21, "planned": 24, "overdue": 3, "done": 2,
"done_without_answers": 1, "missed": 1, "skipped": 0, "attempts": 3},
"by_owner": [{"name": "farah", "owner_name": "Farah Khan", "accounts": 5, "never_reviewed": 4,
"planned": 5, "overdue": 3, "done": 1, "done_without_answers": 1, "missed": 0, "skipped": 0,
"attempts": 0}],
"by_segment": [{"name": null, "accounts": 1, "never_reviewed": 1, "planned": 1, "overdue": 0,
"done": 0, "done_without_answers": 0, "missed": 0, "skipped": 0, "attempts": 0}],
"revenue": [{"level": "high", "accounts": 10, "bought_before": 2, "bought_again": 1,
"retention": 0.5, "revenue": 37100, "revenue_before": 72000}]})";

constexpr std::string_view friendly_answer = R"({"currency": "EUR", "minor_digits": 2,
"by_owner": [{"name": "omar", "owner_name": "Omar Haddad"},
{"name": "lea", "owner_name": "Lea Roth"},
{"name": "lea.2", "owner_name": "Lea Roth"}, {"name": "ben"}],
"revenue": [{"level": "high", "revenue": 1234567.5, "revenue_before": 72000.0}],
"friendly": [{"segment": "manufacturing", "size": "medium", "name": "Hartley Print",
"owner": "omar", "owner_name": "Omar Haddad", "satisfaction": 9, "answered": "2026-10-16",
"value_point": "2026-10-16"}]})";

std::string page_on(const ctl::Screen& screen, std::string_view shown = answer) {
    return ctl::report_page(boost::json::parse(shown), screen);
}

void check_fits(const std::string& page) {
    std::istringstream lines{page};
    for (std::string line; std::getline(lines, line);) {
        CAPTURE(line);
        CHECK(display_width(line) <= 80);
    }
}

} // namespace

TEST_CASE("a report begins with its sums and leaves out what has no rows", "[ctl][report]") {
    const std::string page = page_on({});
    REVIEWD_CHECK_CONTAINS(
        page,
        "as of today, 2026-11-24: 24 accounts, 21 never reviewed\n"
        "24 reviews planned, 3 overdue\n"
        "from 2026-08-25 to 2026-11-23:\n"
        "2 done (1 without answers), 1 missed, 0 skipped, 3 attempts\n"
    );
    REVIEWD_CHECK_CONTAINS(
        page,
        "Coverage by owner: up to OVERDUE as of today, from DONE on in the period\n"
        "NAME        ACCOUNTS  NEVER REVIEWED  PLANNED"
    );
    REVIEWD_CHECK_CONTAINS(page, "(none)");
    REVIEWD_CHECK_CONTAINS(page, "50 %   37,100          72,000");
    CHECK(page.find("Coverage by level") == std::string::npos);
    CHECK(page.find("Friendly") == std::string::npos);
}

TEST_CASE("one is one in a report", "[ctl][report]") {
    const std::string page = page_on(
        {}, R"({"all": {"accounts": 1, "planned": 1, "overdue": 1, "done": 1, "attempts": 1}})"
    );
    REVIEWD_CHECK_CONTAINS(page, ": 1 account, 0 never reviewed\n1 review planned, 1 overdue\n");
    REVIEWD_CHECK_CONTAINS(page, "0 skipped, 1 attempt\n");
}

TEST_CASE("a report fits a terminal of 80 columns", "[ctl][report]") {
    const std::string page = page_on({.is_terminal = true, .columns = 80});
    check_fits(page);
    REVIEWD_CHECK_CONTAINS(
        page,
        "NAME        ACCOUNTS  NEVER REVIEWED  PLANNED  OVERDUE\n"
        "Farah Khan         5               4        5        3\n"
        "\n"
        "NAME        DONE  DONE WITHOUT ANSWERS  MISSED  SKIPPED  ATTEMPTS\n"
        "Farah Khan     1                     1       0        0         0\n"
    );
}

TEST_CASE(
    "owners are called by their names, and by their keys where two share one", "[ctl][report]"
) {
    const std::string page = page_on({}, friendly_answer);
    REVIEWD_CHECK_CONTAINS(page, "\nOmar Haddad\nlea\nlea.2\nben\n");
    REVIEWD_CHECK_CONTAINS(
        page, "manufacturing  medium  Hartley Print  Omar Haddad             9  2026-10-16"
    );
    CHECK(page.find("OWNER NAME") == std::string::npos);
}

TEST_CASE("friendly customers keep their names on a terminal of 80 columns", "[ctl][report]") {
    const std::string page = page_on({.is_terminal = true, .columns = 80}, friendly_answer);
    check_fits(page);
    REVIEWD_CHECK_CONTAINS(
        page,
        "manufacturing  medium  Hartley Print             9  2026-10-16   2026-10-16\n"
        "        Omar Haddad\n"
    );
}

TEST_CASE("money in a report is written as elsewhere, in columns that line up", "[ctl][report]") {
    REVIEWD_CHECK_CONTAINS(page_on({}, friendly_answer), "\nhigh   1,234,567.50       72,000.00\n");
    const std::string yen = R"({"currency": "JPY", "revenue": [{"level": "high",
"revenue": 1234567, "revenue_before": null}]})";
    REVIEWD_CHECK_CONTAINS(page_on({}, yen), "\nhigh   1,234,567\n");
}

TEST_CASE("a report for spreadsheets has keys, names and plain numbers", "[ctl][report][csv]") {
    const boost::json::value parsed = boost::json::parse(friendly_answer);
    const auto csv_of_part = [&](std::string_view member) {
        for (const ctl::ReportPart& part : ctl::report_parts()) {
            if (part.member == member) {
                return ctl::csv_of(part.columns, parsed.at(member).as_array());
            }
        }
        return std::string{};
    };
    REVIEWD_CHECK_CONTAINS(csv_of_part("by_owner"), ",attempts,owner_name\nomar,");
    REVIEWD_CHECK_CONTAINS(csv_of_part("by_owner"), ",Omar Haddad\nlea,");
    REVIEWD_CHECK_CONTAINS(csv_of_part("friendly"), ",omar,9,2026-10-16,2026-10-16,Omar Haddad\n");
    REVIEWD_CHECK_CONTAINS(csv_of_part("revenue"), ",1234567.5,72000\n");
}

} // namespace reviewd::test::test_report_page
