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

} // namespace

TEST_CASE("a window counts from the day held and ends on working days", "[review][window]") {
    const Calendar calendar;
    const Window window = review::window_after(Date{2026y / 10 / 16}, 16, high, calendar);
    CHECK(window.earliest == Date{2026y / 10 / 30});
    CHECK(window.target == Date{2026y / 11 / 16});
    CHECK(window.latest == Date{2026y / 11 / 27});
    // 2026-12-05 is a Saturday: the target moves on, the hard maximum moves back.
    CHECK(
        review::window_after(Date{2026y / 11 / 5}, 5, high, calendar).target == Date{2026y / 12 / 7}
    );
    const Cadence month{{0, Unit::days}, {1, Unit::months}, {1, Unit::months}};
    const Window tight = review::window_after(Date{2026y / 11 / 5}, 5, month, calendar);
    CHECK(tight.latest == Date{2026y / 12 / 4});
    CHECK(tight.target == tight.latest);
}

TEST_CASE("a monthly review anchored on the 31st does not drift", "[review][window][I8]") {
    const Date february = review::target_after(Date{2024y / 1 / 31}, 31, high);
    CHECK(february == Date{2024y / 2 / 29});
    const unsigned anchor = review::next_anchor(31, february, february);
    CHECK(anchor == 31);
    CHECK(review::target_after(february, anchor, high) == Date{2024y / 3 / 31});
    CHECK(review::next_anchor(31, february, Date{2024y / 2 / 27}) == 27);
}

TEST_CASE("a yearly review on 29 February comes back in leap years", "[review][window][I8][F17]") {
    const Cadence yearly{{9, Unit::months}, {1, Unit::years}, {13, Unit::months}};
    Date held{2024y / 2 / 29};
    unsigned anchor = 29;
    for (int year = 2025; year <= 2028; ++year) {
        const Date target = review::target_after(held, anchor, yearly);
        anchor = review::next_anchor(anchor, target, target);
        held = target;
    }
    CHECK(held == Date{2028y / 2 / 29});
}

TEST_CASE(
    "every window is ordered, on working days and within the maximum", "[review][window][I5]"
) {
    const Calendar calendar{{}, {{Date{2026y / 12 / 21}, Date{2027y / 1 / 8}}}};
    for (const Cadence& cadence :
         {high, low, Cadence{{0, Unit::days}, {1, Unit::days}, {2, Unit::days}}}) {
        for (Date held{2026y / 1 / 1}; held < Date{2027y / 3 / 1}; held += std::chrono::days{1}) {
            const Window window = review::window_after(held, day_of_month(held), cadence, calendar);
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
    const Window window = review::window_after(Date{2026y / 11 / 5}, 5, narrow, away);
    CHECK(window == Window{Date{2026y / 11 / 30}, Date{2026y / 11 / 30}, Date{2026y / 11 / 30}});
    // Nothing can be done: the hard maximum does not move behind the leave.
    const Date maximum{2027y / 1 / 23};
    CHECK(
        review::window_after(Date{2026y / 12 / 5}, 5, narrow, away)
        == Window{maximum, maximum, maximum}
    );
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
