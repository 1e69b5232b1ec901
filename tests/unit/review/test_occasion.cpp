#include "daemon/review/occasion.hpp"
#include "tests/support/catch.hpp"

namespace reviewd::test::test_occasion {

using namespace reviewd;
using namespace std::chrono_literals;
using review::Calendar;
using review::OccasionDays;
using review::TriggerTimes;
using review::Window;
using std::chrono::days;
using Unit = Period::Unit;

namespace {

const Calendar calendar;
const Date friday{2026y / 11 / 20};

Window window_of(const TriggerTimes& times, const OccasionDays& occasion) {
    return review::occasion_window(times, occasion, calendar);
}

} // namespace

TEST_CASE("an open complaint wants its contact within working days", "[review][occasion]") {
    const TriggerTimes times{{}, {}, Period{2, Unit::working_days}};
    const Window window = window_of(times, {friday, friday, {}});
    CHECK(window == Window{friday, friday, friday + days{4}});
    // Known late, it is due on the first day on which that could have been used.
    const Date later = friday + days{17}; // a Monday
    CHECK(window_of(times, {friday, later, {}}) == Window{later, later, later});
    CHECK(window_of(times, {friday, friday + days{1}, {}}).earliest == friday + days{3});
}

TEST_CASE("a check-in waits after the purchase", "[review][occasion]") {
    const TriggerTimes times{Period{14, Unit::days}, {}, {}};
    const Window window = window_of(times, {friday, friday, {}});
    CHECK(window.earliest == friday + days{14});
    CHECK(window.target == friday + days{14});
    CHECK(window.latest == friday + days{21});
    CHECK(review::contact_from(times, {friday, friday, {}}, calendar) == friday + days{14});
    // A call after more than half of the wait makes it pointless.
    CHECK(review::answered_from(times, {friday, friday, {}}, calendar) == friday + days{8});
}

TEST_CASE(
    "a renewal is looked ahead to, and ends in the middle of its lead", "[review][occasion]"
) {
    const TriggerTimes times{{}, Period{90, Unit::days}, {}};
    const Date renewal{2027y / 3 / 1};
    const Window window = window_of(times, {friday, friday, renewal});
    CHECK(window.earliest == Date{2026y / 12 / 1});
    CHECK(window.latest == Date{2027y / 1 / 15});
    CHECK(review::answered_from(times, {friday, friday, renewal}, calendar) == renewal - days{90});
    const TriggerTimes bounded{{}, Period{90, Unit::days}, Period{1, Unit::weeks}};
    CHECK(window_of(bounded, {friday, friday, renewal}).latest == Date{2026y / 12 / 8});
}

TEST_CASE("what happened pulls a review nearer, never away", "[review][occasion]") {
    const Window cadence{friday + days{10}, friday + days{30}, friday + days{40}};
    const Window urgent{friday, friday, friday + days{4}};
    CHECK(review::pulled(cadence, urgent) == urgent);
    CHECK(review::pulled(urgent, cadence) == urgent);
    const Window overlapping{friday + days{20}, friday + days{20}, friday + days{60}};
    const Window both = review::pulled(cadence, overlapping);
    CHECK(both == Window{friday + days{10}, friday + days{20}, friday + days{40}});
}

TEST_CASE("recent contact makes a review later, within the hard maximum", "[review][occasion]") {
    const review::Cadence cadence{
        Period{2, Unit::weeks}, Period{1, Unit::months}, Period{6, Unit::weeks}};
    const Window window{friday, friday + days{3}, friday + days{28}};
    const Window eased = review::eased(window, friday, cadence, calendar);
    CHECK(eased.earliest == friday + days{14});
    CHECK(eased.target == friday + days{28}); // 20 December would be beyond
    CHECK(eased.latest == window.latest);
    const Window before = review::eased(window, friday - days{60}, cadence, calendar);
    CHECK(before == window);
}

TEST_CASE("leave takes a contact that its owner does not hear of or has no day for", "[review]") {
    const auto taken = [](Date sure, Date latest, Date first, Date last) {
        const std::vector<review::DaysOff> leave{{first, last}};
        return review::taken_by_leave(
            {friday, sure, latest}, leave, Calendar{std::vector<std::chrono::weekday>{}, leave}
        );
    };
    const Date monday = friday + days{3};
    const Date tuesday = friday + days{4};
    // They may not have heard of it on Friday, and Monday is the first day of the leave.
    CHECK(taken(monday, friday + days{7}, monday, monday) == monday);
    // They have until Tuesday; a leave that begins then leaves them no day, one of Monday does.
    CHECK(taken(friday, tuesday, tuesday, tuesday + days{4}) == tuesday);
    CHECK_FALSE(taken(friday, tuesday, monday, monday).has_value());
    CHECK(taken(friday, tuesday, monday, tuesday) == monday);
    // What was to be done before the leave is nobody else's.
    CHECK_FALSE(taken(monday, tuesday, tuesday + days{1}, tuesday + days{9}).has_value());
    // A leave that is under way already takes it from the first day on.
    CHECK(taken(monday, tuesday, friday - days{9}, friday + days{9}) == friday);
}

} // namespace reviewd::test::test_occasion
