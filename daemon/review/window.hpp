#pragma once

#include "daemon/review/calendar.hpp"
#include "scoring/base/period.hpp"

#include <cstddef>
#include <vector>

namespace reviewd::review {

/// How often an account is to be reviewed; all counted from the day the last review was held.
struct Cadence {
    Period not_before;
    Period review_every;
    Period at_latest; ///< the hard maximum
};

/// The days on which a review should be held: wanted on `target`, never outside the two others.
struct Window {
    Date earliest{};
    Date target{};
    Date latest{};
    friend auto operator<=>(const Window&, const Window&) = default;
};

/// The window of the review that follows one held on `held`, in working days of its owner.
///
/// Months and years keep `anchor`, the day of month on which the series stands, clamped to the
/// month's length: a 31st stays a 31st wherever the month has one. `earliest` and `target` then
/// move forward to a working day, `latest` back to one. Where the three would cross, the hard
/// maximum wins; where leave covers the whole window, all three are the last working day before it
/// that is still after `held`. Where there is none either, all three are the hard maximum itself, a
/// day off: the plan can only be late then, and says so.
/// @param anchor 1 … 31; see next_anchor
[[nodiscard]] Window window_after(
    Date held, unsigned anchor, const Cadence& cadence, const Calendar& calendar
);

/// The series' anchor after a review of the given target was held: it stays where the review was
/// held on its target day (so 29 February comes back in leap years), else it is the day held.
/// @param target the day wanted, before it was moved to a working day; see target_after
[[nodiscard]] unsigned next_anchor(unsigned anchor, Date target, Date held);

/// `held` plus `review_every`, anchored, whatever the weekday.
[[nodiscard]] Date target_after(Date held, unsigned anchor, const Cadence& cadence);

/// The window of `count` first reviews, spread evenly over one `review_every` beginning on `start`,
/// each not later than `at_latest` after `start`: an account that was never reviewed is not
/// overdue, it is ramped up. All are wanted in order of their index.
/// @param phase from 0 up to below 1: by which share of the distance between two reviews the series
/// is delayed, so that those of several levels do not all begin on the same day
[[nodiscard]] std::vector<Window> first_windows(
    Date start,
    std::size_t count,
    const Cadence& cadence,
    const Calendar& calendar,
    double phase = 0
);

} // namespace reviewd::review
