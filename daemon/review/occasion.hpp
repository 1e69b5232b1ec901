#pragma once

#include "daemon/review/window.hpp"
#include "scoring/base/period.hpp"

#include <optional>
#include <span>

namespace reviewd::review {

/// What a trigger says of days.
struct TriggerTimes {
    std::optional<Period> after;          ///< the contact is wanted so long after the event
    std::optional<Period> lead;           ///< so long before the day it looks ahead to
    std::optional<Period> contact_within; ///< from the event (or the end of `after`) on
};

/// The days of one occasion.
struct OccasionDays {
    Date happened{}; ///< the event; for `lead` and conditions the day it was noticed
    Date noticed{};
    std::optional<Date> ahead; ///< with `lead`: the day looked ahead to, a renewal's for instance
};

/// Without `contact_within`, a contact is wanted within so many working days.
inline constexpr int usual_contact_days = 5;

/// The first day on which the contact makes sense: the event, `after` later, or `lead` before.
[[nodiscard]] Date contact_from(
    const TriggerTimes& times, const OccasionDays& occasion, const Calendar& calendar
);

/// The days on which the occasion wants its contact; the target is the first of them. It ends
/// `contact_within` later; without that, a look ahead ends in the middle of its lead. Never before
/// the first working day after it was noticed could have been used.
[[nodiscard]] Window occasion_window(
    const TriggerTimes& times, const OccasionDays& occasion, const Calendar& calendar
);

/// What a leave is held against: a contact that its owner may not be there for.
struct OwnContact {
    Date from{};   ///< the first day on which it is wanted
    Date sure{};   ///< up to this day the owner may not have heard of it
    Date latest{}; ///< by the owner's working days, if they took no leave
};

/// The first day of the leave that takes a contact from its owner: one that begins before they are
/// sure to have heard of it, or one that covers all that is left of its days. Nothing: it stays
/// theirs.
/// @param calendar the owner's, with leave
[[nodiscard]] std::optional<Date> taken_by_leave(
    const OwnContact& contact, std::span<const DaysOff> leave, const Calendar& calendar
);

/// `window`, pulled nearer where the other one wants it: each of its days is the earlier of both.
[[nodiscard]] Window pulled(const Window& window, const Window& nearer);

/// `window` after a contact on `contact` that was no review and that nobody vouched for: too soon
/// after it, a review is pointless. The hard maximum stays.
[[nodiscard]] Window eased(
    const Window& window, Date contact, const Cadence& cadence, const Calendar& calendar
);

/// From which day on another contact makes the occasion pointless: a check-in 14 days after a
/// purchase is not needed any more when somebody called after a week.
[[nodiscard]] Date answered_from(
    const TriggerTimes& times, const OccasionDays& occasion, const Calendar& calendar
);

} // namespace reviewd::review
