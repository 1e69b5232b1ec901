#include "scoring/base/period.hpp"
#include "tests/support/catch.hpp"

using namespace reviewd;
using namespace std::chrono_literals;

TEST_CASE("periods are read as people write them", "[base][period]") {
    struct Row {
        const char* text;
        Period period;
        const char* printed;
    };
    const std::vector<Row> rows{
        {"1 month", {1, Period::Unit::months}, "1 month"},
        {"12 months", {12, Period::Unit::months}, "12 months"},
        {"2 weeks", {2, Period::Unit::weeks}, "2 weeks"},
        {"14  days", {14, Period::Unit::days}, "14 days"},
        {"2 working days", {2, Period::Unit::working_days}, "2 working days"},
        {"1 year", {1, Period::Unit::years}, "1 year"},
        {"180d", {180, Period::Unit::days}, "180 days"},
        {"6m", {6, Period::Unit::months}, "6 months"},
    };
    for (const Row& row : rows) {
        INFO(row.text);
        REQUIRE(parse_period(row.text).has_value());
        CHECK(*parse_period(row.text) == row.period);
        CHECK(to_string(row.period) == row.printed);
    }
    for (const char* text :
         {"",
          "month",
          "1",
          "1month",
          "-1 day",
          "+1 day",
          "1.5 months",
          "10000 days",
          "1 fortnight",
          "1 Month",
          "1 h"}) {
        INFO(text);
        REQUIRE(parse_period(text).has_error());
        REVIEWD_CHECK_CONTAINS(
            parse_period(text).error().message, "is not a period; write a count up to 9999"
        );
    }
}

TEST_CASE("a period moves a day by the calendar", "[base][period]") {
    const Date day{2024y / 1 / 31};
    CHECK(add(day, {1, Period::Unit::months}) == Date{2024y / 2 / 29});
    CHECK(add(day, {1, Period::Unit::years}) == Date{2025y / 1 / 31});
    CHECK(add(day, {2, Period::Unit::weeks}) == Date{2024y / 2 / 14});
    CHECK(subtract(day, {2, Period::Unit::months}) == Date{2023y / 11 / 30});
    CHECK(subtract(day, {31, Period::Unit::days}) == Date{2023y / 12 / 31});
}
