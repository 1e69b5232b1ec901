#include "daemon/review/window.hpp"
#include "tests/support/catch.hpp"

namespace reviewd::test::test_window {

using namespace reviewd;
using namespace std::chrono_literals;
using review::Cadence;
using review::Calendar;
using review::Window;
using Unit = Period::Unit;

namespace {

const Cadence high{{2, Unit::weeks}, {1, Unit::months}, {6, Unit::weeks}};
const Cadence low{{9, Unit::months}, {11, Unit::months}, {12, Unit::months}};
const Cadence medium{{2, Unit::months}, {4, Unit::months}, {6, Unit::months}};

Window after(Date held, const Cadence& cadence, const Calendar& calendar) {
    return review::window_after(review::begin_series(held), cadence, calendar);
}

/// The window after these reviews, ascending.
Window after_all(const std::vector<Date>& held, const Cadence& cadence) {
    review::LastHeld last = review::begin_series(held.front());
    for (const Date day : held) {
        last = day == held.front() ? last : review::go_on(last, day, cadence, {});
    }
    return review::window_after(last, cadence, {});
}

} // namespace

TEST_CASE("a window counts from the day held and ends on working days", "[review][window]") {
    const Calendar calendar;
    const Window window = after(Date{2026y / 10 / 16}, high, calendar);
    CHECK(window.earliest == Date{2026y / 10 / 30});
    CHECK(window.target == Date{2026y / 11 / 16});
    CHECK(window.latest == Date{2026y / 11 / 27});
    // 2026-12-05 is a Saturday: the target moves on, the hard maximum moves back.
    CHECK(after(Date{2026y / 11 / 5}, high, calendar).target == Date{2026y / 12 / 7});
    const Cadence month{{0, Unit::days}, {1, Unit::months}, {1, Unit::months}};
    const Window tight = after(Date{2026y / 11 / 5}, month, calendar);
    CHECK(tight.latest == Date{2026y / 12 / 4});
    CHECK(tight.target == tight.latest);
}

TEST_CASE("a monthly review anchored on the 31st does not drift", "[review][window][I8]") {
    const Calendar calendar;
    const review::LastHeld january = review::begin_series(Date{2024y / 1 / 31});
    const Date february = review::target_after(january, high);
    CHECK(february == Date{2024y / 2 / 29});
    const review::LastHeld on_target = review::go_on(january, february, high, calendar);
    CHECK(on_target.anchor == 31);
    CHECK(review::target_after(on_target, high) == Date{2024y / 3 / 31});
    CHECK(review::go_on(january, Date{2024y / 2 / 27}, high, calendar).anchor == 27);
}

TEST_CASE("a target that is held in the next month skips none", "[review][window][I5][I8]") {
    // The last of February 2027 is a Sunday, and so is that of January.
    const Date march{2027y / 3 / 1};
    const Window yearly = after_all({Date{2026y / 3 / 31}, march}, low);
    CHECK(yearly.earliest == Date{2027y / 11 / 30});
    CHECK(yearly.target == Date{2028y / 1 / 31});
    CHECK(yearly.latest == Date{2028y / 3 / 1}); // twelve months after the day held
    const Window thrice = after_all({Date{2026y / 10 / 31}, march}, medium);
    CHECK(thrice.target == Date{2027y / 6 / 30});
    CHECK(thrice.latest == Date{2027y / 9 / 1});
    const Window monthly = after_all({Date{2026y / 12 / 31}, Date{2027y / 2 / 1}}, high);
    CHECK(monthly.target == march);
    CHECK(monthly.latest == Date{2027y / 3 / 15});
    // However often it rolls on, it is held once a month.
    std::vector<Date> held{Date{2026y / 10 / 31}};
    for (int i = 0; i < 14; ++i) {
        held.push_back(after_all(held, high).target);
    }
    CHECK(held.back() == Date{2027y / 12 / 31});
}

TEST_CASE("what leave put off counts from the day held", "[review][window]") {
    // Wanted on Sunday 1 August, held on the first working day after months of leave.
    const review::LastHeld spring = review::begin_series(Date{2027y / 4 / 1});
    const Calendar away{{}, {{Date{2027y / 8 / 1}, Date{2027y / 11 / 30}}}};
    const Date december{2027y / 12 / 1};
    const review::LastHeld back = review::go_on(spring, december, medium, away);
    CHECK(back.wanted == december);
    CHECK(review::window_after(back, medium, away).target == Date{2028y / 4 / 3});
    // A few days off keep the series where it stands.
    const Calendar week{{}, {{Date{2027y / 8 / 2}, Date{2027y / 8 / 6}}}};
    const Date august{2027y / 8 / 9};
    CHECK(review::go_on(spring, august, medium, week).wanted == august);
    const Calendar days_off{{}, {{Date{2027y / 8 / 2}, Date{2027y / 8 / 5}}}};
    CHECK(
        review::go_on(spring, Date{2027y / 8 / 6}, medium, days_off).wanted == Date{2027y / 8 / 1}
    );
}

TEST_CASE("the hard maximum counts from the day held alone", "[review][window][I5]") {
    for (Date first{2026y / 1 / 25}; first < Date{2027y / 2 / 5}; first += std::chrono::days{1}) {
        for (const Cadence& cadence : {medium, low}) {
            const Date held = after(first, cadence, {}).target;
            const Window window = after_all({first, held}, cadence);
            CAPTURE(to_string(first), to_string(held), to_string(window.latest));
            REQUIRE(window.latest <= add(held, cadence.at_latest));
            REQUIRE(window.target <= window.latest);
        }
    }
}

TEST_CASE("a yearly review on 29 February comes back in leap years", "[review][window][I8][F17]") {
    const Cadence yearly{{9, Unit::months}, {1, Unit::years}, {13, Unit::months}};
    review::LastHeld last = review::begin_series(Date{2024y / 2 / 29});
    for (int year = 2025; year <= 2028; ++year) {
        last = review::go_on(last, review::target_after(last, yearly), yearly, {});
    }
    CHECK(last.held == Date{2028y / 2 / 29});
}

TEST_CASE(
    "every window is ordered, on working days and within the maximum", "[review][window][I5]"
) {
    const Calendar calendar{{}, {{Date{2026y / 12 / 21}, Date{2027y / 1 / 8}}}};
    for (const Cadence& cadence :
         {high, low, Cadence{{0, Unit::days}, {1, Unit::days}, {2, Unit::days}}}) {
        for (Date held{2026y / 1 / 1}; held < Date{2027y / 3 / 1}; held += std::chrono::days{1}) {
            const Window window = after(held, cadence, calendar);
            CAPTURE(to_string(held), to_string(cadence.review_every));
            REQUIRE(held < window.earliest);
            REQUIRE(window.earliest <= window.target);
            REQUIRE(window.target <= window.latest);
            const Date maximum = add(held, cadence.at_latest);
            const bool has_working_day = calendar.count_working_days(held, maximum) > 0;
            REQUIRE(calendar.is_working(window.earliest) == has_working_day);
            REQUIRE(calendar.is_working(window.target) == has_working_day);
            REQUIRE(calendar.is_working(window.latest) == has_working_day);
            REQUIRE(window.latest <= maximum);
        }
    }
}

TEST_CASE("leave over a whole window moves it before the leave", "[review][window]") {
    const Calendar away{{}, {{Date{2026y / 12 / 1}, Date{2027y / 3 / 31}}}};
    const Cadence narrow{{5, Unit::weeks}, {6, Unit::weeks}, {7, Unit::weeks}};
    const Window window = after(Date{2026y / 11 / 5}, narrow, away);
    CHECK(window == Window{Date{2026y / 11 / 30}, Date{2026y / 11 / 30}, Date{2026y / 11 / 30}});
    // Nothing can be done: the hard maximum does not move behind the leave.
    const Date maximum{2027y / 1 / 23};
    CHECK(after(Date{2026y / 12 / 5}, narrow, away) == Window{maximum, maximum, maximum});
}

TEST_CASE("first reviews are spread over one cadence", "[review][window]") {
    const Calendar calendar;
    const Date start{2026y / 11 / 20};
    const auto windows = review::first_windows(start, 50, low, calendar);
    REQUIRE(windows.size() == 50);
    CHECK(windows.front().target == Date{2026y / 11 / 23});
    CHECK(windows.back().target > Date{2027y / 9 / 30});
    for (std::size_t i = 0; i < windows.size(); ++i) {
        CHECK(windows[i].earliest > start);
        CHECK(windows[i].latest <= Date{2027y / 11 / 20});
        CHECK((i == 0 || windows[i - 1].target < windows[i].target));
    }
    CHECK(review::first_windows(start, 0, low, calendar).empty());
}

} // namespace reviewd::test::test_window
