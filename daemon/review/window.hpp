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

/// The last review of a series, and where the series stands with it.
struct LastHeld {
    Date held{};
    /// The day it was wanted on, where it was held on that day or on the first working day of the
    /// week after it, which may lie in the next month; else the day held.
    Date wanted{};
    unsigned anchor = 1; ///< 1 … 31: the day of month on which the series stands
};

/// A series that begins, or begins anew, with a review held on that day.
[[nodiscard]] LastHeld begin_series(Date held);

/// The series after one more review: where that was held on its target, or on the first working day
/// after it within a week, the series stays where it stands (so 29 February comes back in leap
/// years); else it begins anew.
[[nodiscard]] LastHeld go_on(
    const LastHeld& last, Date held, const Cadence& cadence, const Calendar& calendar
);

/// The window of the review that follows, in working days of its owner.
///
/// Months and years of `not_before` and `review_every` are counted from the day that was wanted and
/// keep the anchor, clamped to the month's length: a 31st stays a 31st wherever the month has one.
/// The hard maximum is counted from the day held, on its own day of month, like all other periods.
/// `earliest` and `target` then move forward to a working day, `latest` back to one. Where the
/// three would cross, the hard maximum wins; where leave covers the whole window, all three are the
/// last working day before it that is still after the day held. Where there is none either, all
/// three are the hard maximum itself, a day off: the plan can only be late then, and says so.
[[nodiscard]] Window window_after(
    const LastHeld& last, const Cadence& cadence, const Calendar& calendar
);

/// The day on which the next review is wanted, whatever the weekday.
[[nodiscard]] Date target_after(const LastHeld& last, const Cadence& cadence);

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
