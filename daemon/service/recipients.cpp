#include "daemon/service/recipients.hpp"

#include "daemon/service/review_changes.hpp"

#include <algorithm>

namespace reviewd::service {

const PersonProfile* recipient_of(
    const Context& context, const store::Review& review, StepOfReview step, Date today
) {
    if (step.step == review::Step::trigger || step.step == review::Step::deadline) {
        return hearer_of(context, review, step.repeat, today);
    }
    if (step.step != review::Step::escalation) {
        return context.people->find(review.owner);
    }
    const auto managers = context.people->managers_of(review.owner);
    const auto stage = static_cast<std::size_t>(step.repeat);
    return stage >= 1 && stage <= managers.size() ? managers[stage - 1] : nullptr;
}

bool may_receive(
    const Context& context,
    const store::Review& review,
    StepOfReview step,
    PersonId person,
    Date today
) {
    const PersonProfile* recipient = recipient_of(context, review, step, today);
    return recipient != nullptr && recipient->id == person;
}

bool may_answer(const People& people, const store::Review& review, PersonId person) {
    const PersonProfile* owner = people.find(review.owner);
    const PersonProfile* other = people.find(person);
    if (owner == nullptr || other == nullptr) {
        return false;
    }
    if (owner == other) {
        return true;
    }
    const auto managers = people.managers_of(review.owner);
    return other->key == owner->substitute_key
           || std::find(managers.begin(), managers.end(), other) != managers.end();
}

} // namespace reviewd::service
