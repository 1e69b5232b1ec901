#pragma once

#include "scoring/base/result.hpp"

#include <optional>
#include <string_view>
#include <vector>

namespace reviewd::review {

/// Where a review stands. The first three are open; an account that is active has exactly one open
/// review.
enum class State { planned, invited, appointment, done, missed, skipped, cancelled };

/// What can happen to a review.
enum class Event {
    invite,     ///< the customer was invited
    appoint,    ///< a day was agreed with the customer
    attempt,    ///< a call that failed: the review stays open and is tried again
    move,       ///< the planner gives another day
    snooze,     ///< no reminder before a day
    reschedule, ///< a person gives another day
    hold,       ///< it was held: done
    miss,       ///< it was not held and will not be; the next one counts from now
    skip,       ///< left out on purpose, with a reason
    cancel,     ///< the account became inactive or was merged
    reopen,     ///< closed by mistake
    contact,    ///< somebody talked with the customer: the clock begins anew
    reassign,   ///< another owner
};

inline constexpr int event_count = 13;

[[nodiscard]] bool is_open(State state);

/// The state after `event`, or why it cannot happen.
/// @errors `conflict`, with the state it is in and what to do instead
[[nodiscard]] Result<State> after(State state, Event event);

/// What can happen in a state, in the order of Event.
[[nodiscard]] std::vector<Event> possible_events(State state);

/// "planned", "invited" …; the words of the database, JSON and the screen.
[[nodiscard]] std::string_view name(State state);
[[nodiscard]] std::string_view name(Event event);
[[nodiscard]] std::optional<State> find_state(std::string_view name);

} // namespace reviewd::review
