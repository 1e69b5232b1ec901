#include "daemon/review/attention.hpp"

#include <algorithm>

namespace reviewd::review {
namespace {

using std::chrono::days;
using std::chrono::minutes;

bool is_off(const Attention& attention, Date day) {
    return attention.days_off == Attention::DaysOff::quiet && !attention.calendar.is_working(day);
}

/// Whether the clock on the wall stands in the quiet hours, seen on its own.
bool is_night(const Attention& attention, minutes local) {
    if (!attention.quiet || attention.quiet->from == attention.quiet->to) {
        return false;
    }
    const QuietHours& quiet = *attention.quiet;
    const bool goes_over_midnight = quiet.from > quiet.to;
    if (!goes_over_midnight) {
        return local >= quiet.from && local < quiet.to;
    }
    return local >= quiet.from || local < std::min(quiet.to, attention.morning);
}

/// The local time at which a day after a night or a day off begins.
minutes opening_of(const Attention& attention, Date day) {
    if (is_off(attention, day - days{1})) {
        return attention.morning;
    }
    const bool ends_here = attention.quiet && attention.quiet->from > attention.quiet->to;
    return ends_here ? std::min(attention.quiet->to, attention.morning) : minutes{0};
}

} // namespace

bool may_write(const Attention& attention, TimePoint now) {
    const Date day = attention.zone.civil_day(now);
    const minutes local = attention.zone.local_time(now);
    return !is_off(attention, day) && local >= opening_of(attention, day)
           && !is_night(attention, local);
}

TimePoint next_opening(const Attention& attention, TimePoint now) {
    if (may_write(attention, now)) {
        return now;
    }
    const Date today = attention.zone.civil_day(now);
    // Quiet hours within a day end on it.
    if (attention.quiet && attention.quiet->from < attention.quiet->to) {
        const TimePoint end = attention.zone.moment(today, attention.quiet->to);
        if (end > now && may_write(attention, end)) {
            return end;
        }
    }
    const bool is_quiet_on_days_off = attention.days_off == Attention::DaysOff::quiet;
    const auto open_day = [&](Date day) {
        return is_quiet_on_days_off ? attention.calendar.next_working(day) : day;
    };
    for (Date day = open_day(today);; day = open_day(day + days{1})) {
        const TimePoint opening = attention.zone.moment(day, opening_of(attention, day));
        const TimePoint morning = attention.zone.moment(day, attention.morning);
        if (opening > now && may_write(attention, opening)) {
            return opening;
        }
        if (morning > now) {
            return morning;
        }
    }
}

TimePoint next_morning(const Attention& attention, TimePoint now) {
    Date day = attention.calendar.next_working(attention.zone.civil_day(now));
    TimePoint morning = attention.zone.moment(day, attention.morning);
    if (morning < now) {
        day = attention.calendar.next_working(day + days{1});
        morning = attention.zone.moment(day, attention.morning);
    }
    return morning;
}

std::optional<Date> weekly_report_due(
    const Attention& attention,
    std::chrono::weekday weekday,
    std::optional<Date> last,
    TimePoint now
) {
    const Date today = attention.zone.civil_day(now);
    const auto since = std::chrono::weekday{today} - weekday;
    const Date meant = today - since;
    const Date held = attention.calendar.next_working(meant);
    const bool is_this_week = held < meant + days{7};
    const bool is_new = !last || *last < meant;
    if (!is_new || !is_this_week || now < attention.zone.moment(held, attention.morning)) {
        return std::nullopt;
    }
    return meant;
}

} // namespace reviewd::review
