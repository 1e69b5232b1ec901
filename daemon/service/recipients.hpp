#pragma once

#include "daemon/review/steps.hpp"
#include "daemon/service/context.hpp"
#include "daemon/store/reviews.hpp"

namespace reviewd::service {

/// A step of a review: of an escalation the stage, of a trigger its occasion, else how often.
struct StepOfReview {
    review::Step step = review::Step::on_day;
    int repeat = 0;
};

/// Whom a step is for on `today`: a manager, who stands in for an owner on leave, else the owner.
/// Null when there is nobody.
[[nodiscard]] const PersonProfile* recipient_of(
    const Context& context, const store::Review& review, StepOfReview step, Date today
);

/// Whether it is for that person.
[[nodiscard]] bool may_receive(
    const Context& context,
    const store::Review& review,
    StepOfReview step,
    PersonId person,
    Date today
);

/// Whether the person may say how the review went: its owner, who stands in for them, their
/// managers.
[[nodiscard]] bool may_answer(const People& people, const store::Review& review, PersonId person);

} // namespace reviewd::service
