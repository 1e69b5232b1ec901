#pragma once

#include "daemon/review/occasion.hpp"
#include "daemon/review/steps.hpp"
#include "daemon/service/context.hpp"
#include "daemon/service/people.hpp"
#include "daemon/store/occasions.hpp"
#include "daemon/store/reviews.hpp"
#include "scoring/rules/rule_set.hpp"

#include <optional>
#include <string>
#include <vector>

namespace reviewd::service {

/// Who takes the owner's place in a contact on a day on which the owner is away; null when the
/// trigger does not say so, or nobody is there.
[[nodiscard]] const PersonProfile* stand_in(
    const People& people, const PersonProfile& owner, const rules::Trigger* trigger, Date day
);

/// What an owner's plan is made for: their own habits, when reminders are sent, and where a trigger
/// has others stand in while they are away, the working days of those; as a short text to compare.
[[nodiscard]] std::string habits_of(const Context& context, const PersonProfile& owner);

/// The days of a contact on the owner's calendar, as far as leave can take it from them.
/// They are sure to have heard of it with the first working day after it was noticed.
[[nodiscard]] review::OwnContact own_contact(
    const PersonProfile& owner, const rules::Trigger& trigger, const store::Occasion& occasion
);

/// From which day on owners are to hear of the occasion themselves.
[[nodiscard]] review::Calling calling_of_owner(
    const PersonProfile& owner, const rules::Trigger& trigger, const store::Occasion& occasion
);

/// Longer than any leave that anybody is asked about.
inline constexpr std::chrono::days longest_leave{800};

/// From which day on somebody is to hear of the occasion in the owner's place. While nobody is
/// there to, it waits for the owner; who is there on a later day shows on that day.
/// @param is_heard the owner was told of it
[[nodiscard]] std::optional<Date> stood_in_from(
    const People& people,
    const PersonProfile& owner,
    const rules::Trigger& trigger,
    const store::Occasion& occasion,
    bool is_heard,
    Date today
);

/// The days on which the occasion wants its contact, on the calendar of whoever has to call.
[[nodiscard]] review::Window contact_window(
    const People& people,
    const PersonProfile& owner,
    const rules::Trigger& trigger,
    const store::Occasion& occasion
);

/// In the order in which people have to do with them: the one whose contact is to be made first,
/// then those that want none now; of one day as they were noticed.
void most_urgent_first(
    const rules::RuleSet& rules,
    const People& people,
    const PersonProfile& owner,
    std::vector<store::Occasion>& occasions
);

/// `window`, pulled nearer by those that are open.
[[nodiscard]] review::Window pulled_by(
    const rules::RuleSet& rules,
    const std::vector<store::Occasion>& live,
    const review::Window& window,
    const People& people,
    const PersonProfile& owner
);

/// Whether a person chose another day for the review, knowing of the occasion: its deadline stands.
[[nodiscard]] bool is_put_off(
    const PersonProfile& owner, const store::Review& review, const store::Occasion& occasion
);

/// `window`, which ends no later than what was put off asks for.
[[nodiscard]] review::Window limited_by(
    const rules::RuleSet& rules,
    const std::vector<store::Occasion>& live,
    const store::Review& review,
    const review::Window& window,
    const People& people
);

} // namespace reviewd::service
