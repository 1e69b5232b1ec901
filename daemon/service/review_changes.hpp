#pragma once

#include "daemon/review/life.hpp"
#include "daemon/review/steps.hpp"
#include "daemon/service/context.hpp"
#include "daemon/service/routing.hpp"
#include "daemon/store/outbox.hpp"
#include "daemon/store/outcomes.hpp"
#include "daemon/store/reviews.hpp"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace reviewd::service {

/// Members of a JSON object that details of events are written as; values are texts.
using Details = std::vector<std::pair<std::string, std::string>>;
[[nodiscard]] std::string to_json(const Details& details);

/// The same states in the words of the pure rules and of the store.
[[nodiscard]] review::State to_life(store::ReviewState state);
[[nodiscard]] store::ReviewState to_store(review::State state);

/// `reminders:` of the configuration for one owner's reviews, as the pure rules take it.
[[nodiscard]] review::ReminderTimes reminder_times(const Context& context, PersonId owner);

/// Has the plan of the review's owner looked at again; inside a transaction. Every event does.
void touch_plan(Context& context, ReviewId review);

/// Where and when the person gets a step of the review.
[[nodiscard]] Routing routing_of(
    const Context& context,
    const store::Review& review,
    review::Step step,
    const PersonProfile& person
);

/// Adds one line to a review's history. Inside a transaction.
void record_event(
    Context& context,
    ReviewId review,
    const Actor& actor,
    std::string_view what,
    const Details& details,
    TimePoint now
);

/// The steps of this occurrence that were planned and not cancelled.
[[nodiscard]] std::vector<review::PastStep> past_steps(
    const Context& context, const store::Review& review
);

/// A review as the pure rules of steps see it, with all that it refers to.
struct SteppedReview {
    std::vector<review::PastStep> past;
    std::vector<review::Calling> callings;
    review::StepSubject subject; ///< refers to the two above: move it with them, do not copy

    SteppedReview(Context& context, const store::Review& review, Date today);
    SteppedReview(const SteppedReview&) = delete;
    SteppedReview& operator=(const SteppedReview&) = delete;
};

/// Whom a step of the owner's is for on `today`: the owner; of a trigger with `when_away:`, while
/// the owner is on leave, who stands in. Null when there is nobody.
[[nodiscard]] const PersonProfile* hearer_of(
    const Context& context, const store::Review& review, int occasion, Date today
);

/// What was promised to the account for a day after the review was planned, and is not kept: of an
/// earlier one it was told with the review before. Latest first.
[[nodiscard]] std::vector<store::Promise> promises_ahead(
    const Context& context, const store::Review& review
);

/// Notes that promises were kept on a day; inside a transaction.
/// @param in the review whose report says so; none: it was said beside reviews
/// @errors `not_found` for a number that is none of the account's open ones
[[nodiscard]] Result<void> keep_promises(
    Context& context,
    AccountId account,
    const std::vector<std::int64_t>& kept,
    Date day,
    ReviewId in
);

/// Sets review.next_step: today if a step is due already, else the next step's day; nothing for a
/// review that is closed or that nobody owns.
void set_next_step(Context& context, store::Review& review, TimePoint now);

/// Likewise after a change that no line of the history tells.
/// @returns whether it is another day now; the dispatcher looks again then
bool renew_next_step(Context& context, store::Review& review, TimePoint now);

/// Whether the steps of a review begin anew when it moves to another due day: the one that it has
/// is over, or the owner was told of it so early that the other one has to be told of once more.
[[nodiscard]] bool begins_anew(Context& context, const store::Review& review, Date due, Date today);

} // namespace reviewd::service
