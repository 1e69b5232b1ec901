#include "daemon/review/window.hpp"

#include <algorithm>

namespace reviewd::review {
namespace {

using std::chrono::days;

/// From a day alone, whatever the series.
Date advance(Date from, const Period& period, const Calendar& calendar) {
    return period.unit == Period::Unit::working_days ? calendar.add_working_days(from, period.count)
                                                     : add(from, period);
}

/// In the series.
Date advance(const LastHeld& last, const Period& period, const Calendar& calendar) {
    switch (period.unit) {
    case Period::Unit::months:
        return add_months(last.wanted, period.count, last.anchor);
    case Period::Unit::years:
        return add_months(last.wanted, 12 * period.count, last.anchor);
    case Period::Unit::days:
    case Period::Unit::weeks:
    case Period::Unit::working_days:
        break;
    }
    return advance(last.held, period, calendar);
}

/// Moves the three days to working days, `after` being a day that the review must come after.
Window on_working_days(Window raw, Date after, const Calendar& calendar) {
    Window window;
    window.latest = calendar.previous_working(std::max(raw.latest, after + days{1}));
    if (window.latest <= after) {
        // Late whatever is done. The hard maximum stays what it is, so that the plan names it.
        return {raw.latest, raw.latest, raw.latest};
    }
    window.earliest =
        std::min(calendar.next_working(std::max(raw.earliest, after + days{1})), window.latest);
    window.target = std::clamp(calendar.next_working(raw.target), window.earliest, window.latest);
    return window;
}

} // namespace

LastHeld begin_series(Date held) {
    return {held, held, day_of_month(held)};
}

LastHeld go_on(const LastHeld& last, Date held, const Cadence& cadence, const Calendar& calendar) {
    const Date target = target_after(last, cadence);
    // Later than that it was put off, by leave for instance, and counts from when it was held.
    const bool is_soon = held - target <= days{7};
    const bool is_on_target = held == target || (is_soon && held == calendar.next_working(target));
    return is_on_target ? LastHeld{held, target, last.anchor} : begin_series(held);
}

Date target_after(const LastHeld& last, const Cadence& cadence) {
    return advance(last, cadence.review_every, Calendar{});
}

Window window_after(const LastHeld& last, const Cadence& cadence, const Calendar& calendar) {
    const Window raw{
        advance(last, cadence.not_before, calendar),
        advance(last, cadence.review_every, calendar),
        advance(last.held, cadence.at_latest, calendar)};
    return on_working_days(raw, last.held, calendar);
}

std::vector<Window> first_windows(
    Date start, std::size_t count, const Cadence& cadence, const Calendar& calendar, double phase
) {
    const auto span = (advance(start, cadence.review_every, calendar) - start).count();
    const Date latest = advance(start, cadence.at_latest, calendar);
    std::vector<Window> windows;
    windows.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
        const double share = (static_cast<double>(i) + phase) / static_cast<double>(count);
        const auto offset = static_cast<std::int64_t>(share * static_cast<double>(span));
        const Window raw{start + days{1}, start + days{offset + 1}, latest};
        windows.push_back(on_working_days(raw, start, calendar));
    }
    return windows;
}

} // namespace reviewd::review
