#include "daemon/service/stand_ins.hpp"

#include "daemon/service/occasion_follower.hpp"
#include "daemon/service/review_changes.hpp"
#include "daemon/service/standing_in.hpp"
#include "daemon/store/occasions.hpp"

#include <algorithm>

namespace reviewd::service {
namespace {

using std::chrono::days;

/// What owners heard themselves is not taken from them as long as a day is left to act on it; what
/// others heard in their place they did not hear.
std::vector<review::PastStep> heard_in_person(const Context& context, const store::Review& review) {
    std::vector<review::PastStep> past = past_steps(context, review);
    std::erase_if(past, [](const review::PastStep& step) {
        return step.hearer != review::Hearer::owner;
    });
    return past;
}

/// Whoever hears of the occasion today; null while it is the owner's.
const PersonProfile* other_for(
    const Context& context,
    const store::Review& review,
    const store::Occasion& occasion,
    const std::vector<review::PastStep>& past,
    Date today
) {
    const rules::Trigger* const trigger = find_trigger(context.rules(), occasion.trigger);
    if (trigger == nullptr || trigger->when_away.empty()
        || occasion.state != store::OccasionState::open) {
        return nullptr;
    }
    const People& people = *context.people;
    const PersonProfile& owner = people.owner(review.owner);
    const bool is_heard = review::is_said(calling_of_owner(owner, *trigger, occasion), past);
    const auto from = stood_in_from(people, owner, *trigger, occasion, is_heard, today);
    return from && *from <= today ? stand_in(people, owner, trigger, today) : nullptr;
}

/// The last of the days from today on that the owner is away and the same one stands in.
Date last_day_of(
    const People& people, const PersonProfile& owner, const rules::Trigger& trigger, Date today
) {
    const PersonProfile* const person = stand_in(people, owner, &trigger, today);
    Date last = today;
    while (last < today + longest_leave
           && stand_in(people, owner, &trigger, last + days{1}) == person) {
        last += days{1};
    }
    return last;
}

} // namespace

std::optional<StandIn> stand_in_of(
    const Context& context, const store::Review& review, Date today
) {
    const PersonProfile& owner = context.people->owner(review.owner);
    const bool has_reasons = !review.reasons.empty() && review.reasons != "[]";
    if (!is_open(review.state) || !has_reasons || !owner.is_away(today)) {
        return std::nullopt;
    }
    const std::vector<review::PastStep> past = heard_in_person(context, review);
    // The newest one, as in messages: whoever is told of it has the older ones with it.
    std::vector<store::Occasion> live = store::Occasions{context.database}.live(review.account);
    std::sort(live.begin(), live.end(), [](const auto& a, const auto& b) { return a.id > b.id; });
    for (const store::Occasion& one : live) {
        if (const auto* const other = other_for(context, review, one, past, today)) {
            const rules::Trigger& trigger = *find_trigger(context.rules(), one.trigger);
            return StandIn{
                other->id,
                other->key,
                other->name,
                last_day_of(*context.people, owner, trigger, today),
                review.latest < today};
        }
    }
    return std::nullopt;
}

std::vector<StoodIn> stood_in_reviews(
    const Context& context, TimePoint now, std::optional<PersonId> owner
) {
    std::vector<StoodIn> all;
    for (const PersonProfile& person : context.people->all()) {
        const Date today = person.today(now);
        if (!person.is_away(today) || (owner && *owner != person.id)) {
            continue;
        }
        for (store::Review& review : store::Reviews{context.database}.with_reasons(person.id)) {
            if (auto by = stand_in_of(context, review, today)) {
                all.push_back({std::move(review), *std::move(by)});
            }
        }
    }
    std::sort(all.begin(), all.end(), [](const StoodIn& a, const StoodIn& b) {
        return std::pair{a.review.latest, a.review.id} < std::pair{b.review.latest, b.review.id};
    });
    return all;
}

} // namespace reviewd::service
