#include "daemon/review/window.hpp"

#include <algorithm>

namespace reviewd::review {
namespace {

using std::chrono::days;

Date advance(Date from, unsigned anchor, const Period& period, const Calendar& calendar) {
    switch (period.unit) {
    case Period::Unit::months:
        return add_months(from, period.count, anchor);
    case Period::Unit::years:
        return add_months(from, 12 * period.count, anchor);
    case Period::Unit::working_days:
        return calendar.add_working_days(from, period.count);
    case Period::Unit::days:
    case Period::Unit::weeks:
        break;
    }
    return add(from, period);
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

Date target_after(Date held, unsigned anchor, const Cadence& cadence) {
    return advance(held, anchor, cadence.review_every, Calendar{});
}

Window window_after(Date held, unsigned anchor, const Cadence& cadence, const Calendar& calendar) {
    const Window raw{
        advance(held, anchor, cadence.not_before, calendar),
        advance(held, anchor, cadence.review_every, calendar),
        advance(held, anchor, cadence.at_latest, calendar)};
    return on_working_days(raw, held, calendar);
}

unsigned next_anchor(unsigned anchor, Date target, Date held) {
    return held == target ? anchor : day_of_month(held);
}

std::vector<Window> first_windows(
    Date start, std::size_t count, const Cadence& cadence, const Calendar& calendar, double phase
) {
    const unsigned anchor = day_of_month(start);
    const auto span = (advance(start, anchor, cadence.review_every, calendar) - start).count();
    const Date latest = advance(start, anchor, cadence.at_latest, calendar);
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
