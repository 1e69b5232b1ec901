#include "daemon/review/occasion.hpp"

#include <algorithm>

namespace reviewd::review {
namespace {

using std::chrono::days;

Date forward(Date from, const Period& period, const Calendar& calendar) {
    return period.unit == Period::Unit::working_days ? calendar.add_working_days(from, period.count)
                                                     : add(from, period);
}

Date backward(Date from, const Period& period, const Calendar& calendar) {
    return period.unit == Period::Unit::working_days
               ? calendar.add_working_days(from, -period.count)
               : subtract(from, period);
}

bool is_off(std::span<const DaysOff> leave, Date day) {
    return std::any_of(leave.begin(), leave.end(), [&](const DaysOff& off) {
        return off.first <= day && day <= off.last;
    });
}

} // namespace

Date contact_from(
    const TriggerTimes& times, const OccasionDays& occasion, const Calendar& calendar
) {
    if (occasion.ahead && times.lead) {
        return backward(*occasion.ahead, *times.lead, calendar);
    }
    return times.after ? forward(occasion.happened, *times.after, calendar) : occasion.happened;
}

Window occasion_window(
    const TriggerTimes& times, const OccasionDays& occasion, const Calendar& calendar
) {
    const Date from = contact_from(times, occasion, calendar);
    Date latest = calendar.add_working_days(from, usual_contact_days);
    if (times.contact_within) {
        latest = forward(from, *times.contact_within, calendar);
    } else if (occasion.ahead) {
        latest = from + (*occasion.ahead - from) / 2;
    }
    Window window;
    window.earliest = calendar.next_working(std::max(from, occasion.noticed));
    window.latest = std::max(calendar.previous_working(latest), window.earliest);
    window.target = window.earliest;
    return window;
}

std::optional<Date> taken_by_leave(
    const OwnContact& contact, std::span<const DaysOff> leave, const Calendar& calendar
) {
    const Date end = leave.empty() ? Date::min() : std::max(contact.sure, contact.latest);
    for (Date day = contact.from; day <= end; day += days{1}) {
        if (is_off(leave, day)
            && (day <= contact.sure || calendar.next_working(day) > contact.latest)) {
            return day;
        }
    }
    return std::nullopt;
}

Window pulled(const Window& window, const Window& nearer) {
    return {
        std::min(window.earliest, nearer.earliest),
        std::min(window.target, nearer.target),
        std::min(window.latest, nearer.latest)};
}

Window eased(const Window& window, Date contact, const Cadence& cadence, const Calendar& calendar) {
    const Window since = window_after(begin_series(contact), cadence, calendar);
    return {
        std::min(std::max(window.earliest, since.earliest), window.latest),
        std::min(std::max(window.target, since.target), window.latest),
        window.latest};
}

Date answered_from(
    const TriggerTimes& times, const OccasionDays& occasion, const Calendar& calendar
) {
    const Date from = contact_from(times, occasion, calendar);
    if (occasion.ahead) {
        return from;
    }
    return times.after ? occasion.happened + (from - occasion.happened) / 2 + days{1}
                       : occasion.happened + days{1};
}

} // namespace reviewd::review
