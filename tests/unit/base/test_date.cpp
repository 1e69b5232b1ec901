#include "scoring/base/date.hpp"
#include "tests/support/catch.hpp"

using namespace reviewd;
using namespace std::chrono_literals;

TEST_CASE("a monthly series anchored on the 31st does not drift", "[base][date]") {
    const Date february = add_months(Date{2024y / 1 / 31}, 1, 31);
    CHECK(february == Date{2024y / 2 / 29});
    CHECK(add_months(february, 1, 31) == Date{2024y / 3 / 31});
}

TEST_CASE("a yearly series from 29 February returns to it", "[base][date][F17]") {
    const Date leap{2024y / 2 / 29};
    CHECK(add_months(leap, 12, 29) == Date{2025y / 2 / 28});
    CHECK(add_months(leap, 48, 29) == Date{2028y / 2 / 29});
    CHECK(add_months(Date{2025y / 2 / 28}, 36, 29) == Date{2028y / 2 / 29});
}

TEST_CASE("months between two days undo adding them", "[base][date]") {
    for (Date from{2023y / 1 / 1}; from < Date{2025y / 1 / 1}; from += std::chrono::days{1}) {
        for (const int count : {-25, -12, -1, 0, 1, 2, 11, 13, 40}) {
            INFO(to_string(from) << " + " << count);
            CHECK(months_between(from, add_months(from, count)) == count);
        }
    }
    CHECK(months_between(Date{2024y / 1 / 31}, Date{2024y / 2 / 28}) == 0);
    CHECK(months_between(Date{2024y / 1 / 31}, Date{2024y / 2 / 29}) == 1);
    CHECK(months_between(Date{2024y / 3 / 1}, Date{2024y / 2 / 29}) == 0);
}

TEST_CASE("dates are read strictly and printed back the same", "[base][date]") {
    for (const char* text : {"2026-11-20", "1900-01-01", "2199-12-31", "2024-02-29"}) {
        CHECK(to_string(parse_date(text).value()) == text);
    }
    for (const char* text :
         {"",
          "2026-11-2",
          "2026-11-200",
          "2026/11/20",
          "20-11-2026",
          "2025-02-29",
          "2026-13-01",
          "2026-00-10",
          "1899-12-31",
          "2200-01-01",
          " 2026-11-20",
          "2026-11-20 ",
          "-026-11-20",
          "2026--1-20",
          "2026-11-2x"}) {
        INFO(text);
        const Result<Date> date = parse_date(text);
        REQUIRE(date.has_error());
        CHECK(date.error().code == ErrorCode::bad_data);
        REVIEWD_CHECK_CONTAINS(date.error().message, text);
    }
}

TEST_CASE("a moment prints in UTC to the millisecond", "[base][date]") {
    CHECK(to_string(TimePoint{1'700'000'000'123ms}) == "2023-11-14T22:13:20.123Z");
    CHECK(to_string(TimePoint{-1ms}) == "1969-12-31T23:59:59.999Z");
}
