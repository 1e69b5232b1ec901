#include "daemon/review/calendar.hpp"

#include <algorithm>

namespace reviewd::review {
namespace {

using std::chrono::days;
using std::chrono::weekday;

/// How far a search looks before it ignores days off.
constexpr int search_days = 731;

/// Sorts and joins what overlaps or touches, so that one binary search answers.
std::vector<DaysOff> joined(std::vector<DaysOff> days_off) {
    std::erase_if(days_off, [](const DaysOff& off) { return off.last < off.first; });
    std::sort(days_off.begin(), days_off.end());
    std::vector<DaysOff> result;
    for (const DaysOff& off : days_off) {
        if (!result.empty() && off.first <= result.back().last + days{1}) {
            result.back().last = std::max(result.back().last, off.last);
        } else {
            result.push_back(off);
        }
    }
    return result;
}

} // namespace

Calendar::Calendar() : Calendar({}, {}) {}

Calendar::Calendar(std::span<const weekday> weekdays, std::vector<DaysOff> days_off)
    : days_off_(joined(std::move(days_off))) {
    for (const weekday day : weekdays) {
        weekdays_.set(day.c_encoding());
    }
    if (weekdays_.none()) {
        weekdays_ = std::bitset<7>{0b0111110};
    }
}

bool Calendar::is_weekday(Date day) const {
    return weekdays_.test(weekday{day}.c_encoding());
}

bool Calendar::is_working(Date day) const {
    if (!is_weekday(day)) {
        return false;
    }
    const auto after = std::upper_bound(
        days_off_.begin(),
        days_off_.end(),
        day,
        [](Date wanted, const DaysOff& off) { return wanted < off.first; }
    );
    return after == days_off_.begin() || std::prev(after)->last < day;
}

Date Calendar::step(Date day, int direction) const {
    Date found = day;
    for (int tried = 0; tried < search_days; ++tried) {
        if (is_working(found)) {
            return found;
        }
        found += days{direction};
    }
    found = day;
    while (!is_weekday(found)) {
        found += days{direction};
    }
    return found;
}

Date Calendar::next_working(Date day) const {
    return step(day, 1);
}

Date Calendar::previous_working(Date day) const {
    return step(day, -1);
}

Date Calendar::add_working_days(Date day, int count) const {
    if (count == 0) {
        return next_working(day);
    }
    const int direction = count > 0 ? 1 : -1;
    for (int left = count; left != 0; left -= direction) {
        day = step(day + days{direction}, direction);
    }
    return day;
}

int Calendar::count_working_days(Date from, Date to) const {
    if (to < from) {
        return -count_working_days(to, from);
    }
    int count = 0;
    for (Date day = from + days{1}; day <= to; day += days{1}) {
        count += is_working(day) ? 1 : 0;
    }
    return count;
}

std::uint64_t Calendar::fingerprint() const {
    std::uint64_t hash = 14695981039346656037U; // FNV-1a, by words
    const auto add = [&](std::uint64_t value) {
        hash = (hash ^ value) * 1099511628211U;
        hash ^= hash >> 29U;
    };
    add(weekdays_.to_ulong());
    for (const DaysOff& off : days_off_) {
        add(static_cast<std::uint64_t>(to_day_number(off.first)));
        add(static_cast<std::uint64_t>(to_day_number(off.last)));
    }
    return hash;
}

Date week_of(Date day) {
    return day - (weekday{day} - std::chrono::Monday);
}

} // namespace reviewd::review
