#include "scoring/base/date.hpp"

#include <fmt/compile.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace reviewd {
namespace {

using std::chrono::day;
using std::chrono::month;
using std::chrono::months;
using std::chrono::year;
using std::chrono::year_month;
using std::chrono::year_month_day;

/// The number in exactly these digits, or -1.
int digits(std::string_view text) {
    int value = -1;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool is_whole = error == std::errc{} && end == text.data() + text.size();
    return is_whole && text.front() != '-' ? value : -1;
}

Date clamp_to_month(year_month in, unsigned anchor) {
    const auto last = static_cast<unsigned>((in / std::chrono::last).day());
    return Date{year_month_day{in / day{std::min(anchor, last)}}};
}

} // namespace

Result<Date> parse_date(std::string_view text) {
    const auto wrong = [&](std::string_view why) {
        return fail(ErrorCode::bad_data, fmt::format("`{}` is not a date{}", text, why));
    };
    if (text.size() != 10 || text[4] != '-' || text[7] != '-') {
        return wrong(" (YYYY-MM-DD, for instance 2026-03-31)");
    }
    const int y = digits(text.substr(0, 4));
    const int m = digits(text.substr(5, 2));
    const int d = digits(text.substr(8, 2));
    if (y < 0 || m < 0 || d < 0) {
        return wrong(" (YYYY-MM-DD, for instance 2026-03-31)");
    }
    const year_month_day ymd{
        year{y}, month{static_cast<unsigned>(m)}, day{static_cast<unsigned>(d)}};
    if (!ymd.ok()) {
        return wrong(": no such day in the calendar");
    }
    const Date date{ymd};
    if (date < first_date || date > last_date) {
        return wrong(" between 1900 and 2199");
    }
    return date;
}

std::string to_string(Date date) {
    const year_month_day ymd{date};
    return fmt::format(
        FMT_COMPILE("{:04}-{:02}-{:02}"),
        static_cast<int>(ymd.year()),
        static_cast<unsigned>(ymd.month()),
        static_cast<unsigned>(ymd.day())
    );
}

std::string to_string(TimePoint time) {
    const auto midnight = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::hh_mm_ss clock{time - midnight};
    return fmt::format(
        "{}T{:02}:{:02}:{:02}.{:03}Z",
        to_string(Date{midnight.time_since_epoch()}),
        clock.hours().count(),
        clock.minutes().count(),
        clock.seconds().count(),
        clock.subseconds().count()
    );
}

Date add_months(Date date, int count, unsigned anchor) {
    const year_month_day ymd{date};
    return clamp_to_month(year_month{ymd.year(), ymd.month()} + months{count}, anchor);
}

Date add_months(Date date, int count) {
    return add_months(date, count, day_of_month(date));
}

int months_between(Date from, Date to) {
    const year_month_day a{from};
    const year_month_day b{to};
    int whole =
        static_cast<int>((year_month{b.year(), b.month()} - year_month{a.year(), a.month()}).count()
        );
    if (whole > 0 && add_months(from, whole) > to) {
        --whole;
    } else if (whole < 0 && add_months(from, whole) < to) {
        ++whole;
    }
    return whole;
}

unsigned day_of_month(Date date) {
    return static_cast<unsigned>(year_month_day{date}.day());
}

} // namespace reviewd
