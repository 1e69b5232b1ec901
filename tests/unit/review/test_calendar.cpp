#include "daemon/review/calendar.hpp"
#include "tests/support/catch.hpp"

#include <array>

namespace reviewd::test::test_calendar {

using namespace reviewd;
using namespace std::chrono_literals;
using review::Calendar;
using std::chrono::days;

TEST_CASE("a calendar without settings works from Monday to Friday", "[review][calendar]") {
    const Calendar calendar;
    const Date monday{2026y / 11 / 23};
    CHECK(calendar.is_working(monday));
    CHECK(calendar.is_working(monday + days{4}));
    CHECK_FALSE(calendar.is_working(monday + days{5}));
    CHECK_FALSE(calendar.is_working(monday + days{6}));
    CHECK(review::week_of(monday) == monday);
    CHECK(review::week_of(monday + days{6}) == monday);
}

TEST_CASE("days off that overlap count once and both ends are off", "[review][calendar]") {
    const Calendar calendar{
        {},
        {{Date{2026y / 12 / 24}, Date{2026y / 12 / 26}},
         {Date{2026y / 12 / 25}, Date{2026y / 12 / 31}},
         {Date{2026y / 12 / 1}, Date{2026y / 12 / 1}},
         {Date{2026y / 12 / 9}, Date{2026y / 12 / 8}}}};
    CHECK(calendar.is_working(Date{2026y / 12 / 23}));
    CHECK_FALSE(calendar.is_working(Date{2026y / 12 / 24}));
    CHECK_FALSE(calendar.is_working(Date{2026y / 12 / 31}));
    CHECK(calendar.is_working(Date{2027y / 1 / 1}));
    CHECK_FALSE(calendar.is_working(Date{2026y / 12 / 1}));
    CHECK(calendar.is_working(Date{2026y / 12 / 8}));
    CHECK(calendar.next_working(Date{2026y / 12 / 24}) == Date{2027y / 1 / 1});
    CHECK(calendar.previous_working(Date{2026y / 12 / 31}) == Date{2026y / 12 / 23});
}

TEST_CASE("working days are added and counted over weekends", "[review][calendar]") {
    const std::array sunday_to_thursday{
        std::chrono::Sunday,
        std::chrono::Monday,
        std::chrono::Tuesday,
        std::chrono::Wednesday,
        std::chrono::Thursday};
    const Calendar western;
    const Calendar eastern{sunday_to_thursday, {}};
    const Date friday{2026y / 11 / 20};
    CHECK(western.add_working_days(friday, 1) == Date{2026y / 11 / 23});
    CHECK(western.add_working_days(friday, 10) == Date{2026y / 12 / 4});
    CHECK(western.add_working_days(friday, -10) == Date{2026y / 11 / 6});
    CHECK(western.add_working_days(friday + days{1}, 0) == Date{2026y / 11 / 23});
    CHECK(eastern.add_working_days(friday, 0) == Date{2026y / 11 / 22});
    CHECK(western.count_working_days(friday, friday + days{7}) == 5);
    CHECK(western.count_working_days(friday + days{7}, friday) == -5);
    CHECK(western.count_working_days(friday, friday) == 0);
}

TEST_CASE("adding and counting working days undo each other", "[review][calendar]") {
    const Calendar calendar{{}, {{Date{2026y / 12 / 24}, Date{2027y / 1 / 3}}}};
    for (Date day{2026y / 11 / 1}; day < Date{2027y / 2 / 1}; day += days{1}) {
        for (int count = 1; count < 15; ++count) {
            const Date later = calendar.add_working_days(day, count);
            CAPTURE(to_string(day), count);
            REQUIRE(calendar.is_working(later));
            REQUIRE(calendar.count_working_days(day, later) == count);
        }
    }
}

TEST_CASE("leave without an end leaves the weekdays to decide", "[review][calendar]") {
    const Calendar calendar{{}, {{first_date, last_date}}};
    CHECK_FALSE(calendar.is_working(Date{2026y / 11 / 23}));
    CHECK(calendar.next_working(Date{2026y / 11 / 21}) == Date{2026y / 11 / 23});
    CHECK(calendar.previous_working(Date{2026y / 11 / 22}) == Date{2026y / 11 / 20});
}

} // namespace reviewd::test::test_calendar
