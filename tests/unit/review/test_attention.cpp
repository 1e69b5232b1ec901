#include "daemon/review/attention.hpp"
#include "tests/support/catch.hpp"

namespace reviewd::test::test_attention {

using namespace reviewd;
using namespace std::chrono_literals;
using review::Attention;
using review::QuietHours;
using review::Zone;

namespace {

const Date monday{2026y / 11 / 23};

/// London, 07:30, quiet from 20:00 to 07:00 and on days off.
Attention usual() {
    Attention attention;
    attention.zone = Zone::load("Europe/London").value();
    attention.morning = 7h + 30min;
    attention.quiet = QuietHours{20h, 7h};
    attention.days_off = Attention::DaysOff::quiet;
    return attention;
}

TimePoint utc(Date day, std::chrono::minutes local) {
    return TimePoint{day.time_since_epoch()} + local;
}

struct Row {
    const char* what;
    Date day;
    std::chrono::minutes local;
    Date opens_on;
    std::chrono::minutes opens_at;
};

} // namespace

TEST_CASE(
    "quiet hours, weekends and holidays defer to the next opening", "[review][attention][I4]"
) {
    Attention attention = usual();
    const std::vector<review::DaysOff> christmas{
        {Date{2026y / 12 / 25}, Date{2026y / 12 / 25}},
        {Date{2026y / 12 / 28}, Date{2026y / 12 / 28}}};
    attention.calendar = review::Calendar{{}, christmas};
    const Date friday{2026y / 12 / 25};
    const Date tuesday{2026y / 12 / 29};
    const std::vector<Row> table{
        {"by day", monday, 12h, monday, 12h},
        {"as quiet hours end",
         monday + std::chrono::days{1},
         7h,
         monday + std::chrono::days{1},
         7h},
        {"as they begin", monday, 20h, monday + std::chrono::days{1}, 7h},
        {"the minute before", monday, 19h + 59min, monday, 19h + 59min},
        {"after midnight", monday + std::chrono::days{1}, 3h, monday + std::chrono::days{1}, 7h},
        {"on a Saturday", Date{2026y / 11 / 21}, 12h, monday, 7h + 30min},
        {"Monday before the morning", monday, 7h + 10min, monday, 7h + 30min},
        {"Friday night", Date{2026y / 11 / 20}, 22h, monday, 7h + 30min},
        {"on a holiday with a weekend behind it", friday, 9h, tuesday, 7h + 30min},
    };
    for (const Row& row : table) {
        INFO(row.what);
        const TimePoint now = utc(row.day, row.local);
        const TimePoint opening = utc(row.opens_on, row.opens_at);
        CHECK(to_string(review::next_opening(attention, now)) == to_string(opening));
        CHECK(review::may_write(attention, now) == (opening == now));
        CHECK(review::may_write(attention, opening));
    }
}

TEST_CASE("an early morning's message ends the night", "[review][attention]") {
    Attention attention = usual();
    attention.morning = 6h;
    CHECK(review::may_write(attention, utc(monday + std::chrono::days{1}, 6h)));
    CHECK_FALSE(review::may_write(attention, utc(monday + std::chrono::days{1}, 5h + 59min)));
}

TEST_CASE("quiet hours may lie within a day, or be none", "[review][attention]") {
    Attention attention = usual();
    attention.quiet = QuietHours{12h, 14h};
    CHECK(review::next_opening(attention, utc(monday, 13h)) == utc(monday, 14h));
    CHECK(review::may_write(attention, utc(monday, 23h)));
    attention.quiet = QuietHours{0h, 0h};
    CHECK(review::may_write(attention, utc(monday, 13h)));
    attention.quiet.reset();
    attention.days_off = Attention::DaysOff::open;
    CHECK(review::may_write(attention, utc(Date{2026y / 11 / 21}, 3h)));
}

TEST_CASE(
    "a night in which the clocks change still ends at its local time", "[review][attention][F14]"
) {
    Attention attention = usual();
    attention.days_off = Attention::DaysOff::open;
    // 2026-03-29: London goes from 01:00 to 02:00; 07:00 there is 06:00 UTC.
    CHECK(
        review::next_opening(attention, utc(Date{2026y / 3 / 29}, 0h))
        == utc(Date{2026y / 3 / 29}, 6h)
    );
}

TEST_CASE("after any moment of two years there is an opening soon", "[review][attention]") {
    const Attention attention = usual();
    for (TimePoint now = utc(Date{2026y / 1 / 1}, 0min); now < utc(Date{2028y / 1 / 1}, 0min);
         now += 37min) {
        const TimePoint opening = review::next_opening(attention, now);
        REQUIRE(opening >= now);
        REQUIRE(opening - now < 72h);
        REQUIRE(review::may_write(attention, opening));
    }
}

TEST_CASE(
    "a weekly report comes once a week, on the first working morning", "[review][attention]"
) {
    Attention attention = usual();
    const std::vector<review::DaysOff> off{{monday, monday}};
    attention.calendar = review::Calendar{{}, off};
    const Date tuesday = monday + std::chrono::days{1};
    using std::chrono::Monday;
    const auto due = [&](std::optional<Date> last, Date day, std::chrono::minutes local) {
        return review::weekly_report_due(attention, Monday, last, utc(day, local));
    };
    const Date before = monday - std::chrono::days{7};
    CHECK_FALSE(due(before, monday, 12h));
    CHECK_FALSE(due(before, tuesday, 7h + 29min));
    CHECK(due(before, tuesday, 7h + 30min) == monday);
    CHECK_FALSE(due(monday, tuesday, 7h + 30min));
    // Three weeks of silence give one report, not three.
    CHECK(due(monday - std::chrono::days{21}, tuesday, 9h) == monday);
    // Somebody who is away for the whole week gets none for it.
    const std::vector<review::DaysOff> away{{monday, monday + std::chrono::days{8}}};
    attention.calendar = review::Calendar{{}, away};
    CHECK_FALSE(due(before, monday + std::chrono::days{4}, 12h));
}

} // namespace reviewd::test::test_attention
