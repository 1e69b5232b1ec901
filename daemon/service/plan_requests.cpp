#include "daemon/service/plan_requests.hpp"

#include "daemon/service/judge_account.hpp"

#include <algorithm>
#include <limits>

namespace reviewd::service {
namespace {

/// An appointment, or a day that a person chose.
bool is_fixed(const store::PlannedReview& review) {
    return review.state == store::ReviewState::appointment || review.is_chosen;
}

} // namespace

review::PlanItem to_plan_item(const rules::RuleSet& rules, const store::PlannedReview& review) {
    review::PlanItem item;
    item.review = review.id;
    item.weight = review.points;
    item.window.latest = review.latest;
    item.window.earliest = std::min(review.earliest, review.latest);
    item.window.target = std::clamp(review.target, item.window.earliest, item.window.latest);
    const std::size_t level = find_level(rules, review.level).value_or(rules.levels.size());
    item.tier = static_cast<int>(rules.levels.size() - level);
    if (review.id && review.is_told) {
        item.published = review.due;
        // A day that was told is only left for an earlier one, unless it does not do any more: a
        // level that falls keeps the review it found.
        if (review.due >= item.window.earliest) {
            item.window.target = std::min(item.window.target, review.due);
        }
    }
    if (review.id) {
        item.hold = is_fixed(review) ? review::PlanItem::Hold::fixed : review::PlanItem::Hold::free;
    }
    return item;
}

review::PlanItem to_plan_item(const rules::RuleSet& rules, const store::Review& review) {
    return to_plan_item(
        rules,
        store::PlannedReview{
            review.id,
            review.account,
            review.state,
            review.earliest,
            review.target,
            review.due,
            review.latest,
            review.level,
            review.is_chosen}
    );
}

void begin_when_told(review::PlanItem& item, Date today, Date first_told) {
    const bool is_today = item.published == today;
    if (item.hold == review::PlanItem::Hold::free && !is_today) {
        review::Window& window = item.window;
        const Date first = window.latest < today ? first_told : std::min(first_told, window.latest);
        window.earliest = std::max(window.earliest, first);
        window.target = std::max(window.target, window.earliest);
    }
}

void release_day_off(
    review::PlanItem& item, const store::PlannedReview& review, const PersonProfile& owner
) {
    const bool is_agreed = review.state == store::ReviewState::appointment;
    if (!review.is_chosen || is_agreed || owner.calendar.is_working(review.due)) {
        return;
    }
    item.hold = review::PlanItem::Hold::free;
    item.window.latest = std::max(review.latest, review.due);
    item.window.earliest = std::min(item.window.earliest, review.due);
    item.window.target = review.due;
}

review::PlanItem taken_day(Date day) {
    review::PlanItem item;
    item.window = {day, day, day};
    item.published = day;
    item.hold = review::PlanItem::Hold::fixed;
    return item;
}

review::PlanRequest empty_plan_request(
    const Context& context, const PersonProfile& owner, Date today
) {
    review::PlanRequest request;
    request.calendar = owner.calendar;
    request.capacity = owner.capacity;
    request.first_day = today;
    request.frozen_until =
        owner.calendar.add_working_days(today, context.settings().reminders.invite_days);
    return request;
}

std::vector<store::Review> open_reviews_of(const Context& context, PersonId owner) {
    store::ReviewFilter filter;
    filter.owner = owner;
    filter.limit = std::numeric_limits<int>::max();
    return store::Reviews{context.database}.list(filter);
}

} // namespace reviewd::service
