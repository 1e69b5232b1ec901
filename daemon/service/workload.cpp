#include "daemon/service/workload.hpp"

#include "daemon/service/judge_account.hpp"
#include "daemon/service/owners.hpp"
#include "daemon/service/plan_requests.hpp"
#include "daemon/store/portfolio.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace reviewd::service {
namespace {

constexpr int forecast_weeks = 52;

/// Counts a review and those that follow it up to the end.
void count_series(
    OwnerForecast& forecast,
    const store::Review& review,
    const review::Cadence& cadence,
    const PersonProfile& owner,
    Date today
) {
    const Date first = forecast.weeks.front().week;
    const Date end = forecast.weeks.back().week + std::chrono::days{7};
    const auto week_at = [&](Date day) -> WeekLoad& {
        const auto weeks = (review::week_of(day) - first).count() / 7;
        return forecast.weeks[static_cast<std::size_t>(weeks)];
    };
    const Date held = std::max(review.due, today);
    if (held < end) {
        ++week_at(held).planned;
    }
    review::LastHeld last = review::begin_series(held);
    while (last.held < end) {
        const Date target = review::target_after(last, cadence);
        const Date next =
            owner.calendar.next_working(std::max(target, last.held + std::chrono::days{1}));
        if (next < end) {
            ++week_at(next).expected;
        }
        last = review::go_on(last, next, cadence, owner.calendar);
    }
}

/// An overdue review, as work that is left: the planner leaves it where it is, and it takes a place
/// all the same, by its latest day, or in the first week with a working day where that is over.
review::PlanItem overdue_item(
    const rules::RuleSet& rules,
    const store::Review& review,
    const review::Calendar& calendar,
    Date today
) {
    review::PlanItem item = to_plan_item(rules, review);
    // A day off is no reason to call anybody overloaded.
    const Date first = calendar.next_working(today);
    const Date week_end = review::week_of(first) + std::chrono::days{6};
    const Date latest = review.latest < first ? week_end : review.latest;
    item.window = {today, today, latest};
    item.published.reset();
    item.hold = review::PlanItem::Hold::free;
    return item;
}

/// All the work that these open reviews are, as the planner sees it.
review::PlanRequest request_of(
    const Context& context,
    const PersonProfile& owner,
    const std::vector<store::Review>& open,
    Date today
) {
    review::PlanRequest request = empty_plan_request(context, owner, today);
    for (const store::Review& review : open) {
        request.items.push_back(
            review.due < today ? overdue_item(context.rules(), review, owner.calendar, today)
                               : to_plan_item(context.rules(), review)
        );
    }
    return request;
}

/// Owners with overdue reviews: what they hold up may leave others no place.
std::set<PersonId> owners_behind(const Context& context, TimePoint now) {
    std::set<PersonId> owners;
    const Date last = context.company_day(now) + std::chrono::days{1}; // of all zones
    for (const auto& one : store::Reviews{context.database}.due_days_until(std::nullopt, last)) {
        if (one.due < context.people->owner(one.owner).today(now)) {
            owners.insert(one.owner);
        }
    }
    return owners;
}

/// Whether the owner would have a day for it, did they not go on leave.
bool is_taken_by_leave(const PersonProfile& owner, const store::Review& review, Date today) {
    const Date from = std::max(review.earliest, today);
    return owner.calendar.next_working(from) > review.latest
           && owner.usual_days.next_working(from) <= review.latest;
}

} // namespace

int places_in(const PersonProfile& owner, Date first, Date end) {
    int places = 0;
    for (Date day = first; day < end; day += std::chrono::days{1}) {
        places += owner.calendar.is_working(day) ? owner.capacity.per_day : 0;
    }
    return std::min(places, owner.capacity.per_week);
}

Result<std::vector<const PersonProfile*>> Workload::owners(const std::string& owner) const {
    std::vector<const PersonProfile*> owners;
    if (!owner.empty()) {
        const Result<PersonId> person = find_owner(context_, owner);
        if (!person.has_value()) {
            return person.error();
        }
        owners.push_back(&context_.people->owner(*person));
        return owners;
    }
    for (const PersonProfile& person : context_.people->all()) {
        owners.push_back(&person);
    }
    owners.push_back(&context_.people->owner(PersonId{}));
    return owners;
}

Result<std::vector<OwnerForecast>> Workload::forecast(const std::string& named, TimePoint now)
    const {
    const auto found = owners(named);
    if (!found.has_value()) {
        return found.error();
    }
    std::vector<OwnerForecast> forecasts;
    for (const PersonProfile* owner : *found) {
        const std::vector<store::Review> open = open_reviews_of(context_, owner->id);
        if (open.empty() && named.empty()) {
            continue;
        }
        const Date today = owner->today(now);
        OwnerForecast forecast{owner->key, owner->name, {}, 0, 0, 0};
        for (int i = 0; i < forecast_weeks; ++i) {
            const Date week = review::week_of(today) + std::chrono::days{7 * i};
            const int places =
                places_in(*owner, std::max(week, today), week + std::chrono::days{7});
            forecast.weeks.push_back({week, 0, 0, places});
        }
        for (const store::Review& review : open) {
            count_series(
                forecast, review, to_cadence(cadence_of(context_.rules(), review)), *owner, today
            );
        }
        for (const WeekLoad& week : forecast.weeks) {
            forecast.reviews += week.planned + week.expected;
            forecast.capacity += week.capacity;
        }
        forecast.stretch = review::stretch_of(request_of(context_, *owner, open, today));
        forecasts.push_back(std::move(forecast));
    }
    return forecasts;
}

Result<std::vector<Overload>> Workload::overloads(const std::string& named, TimePoint now) const {
    const auto found = owners(named);
    if (!found.has_value()) {
        return found.error();
    }
    std::map<PersonId, std::vector<LateDay>> late;
    store::Portfolio portfolio{context_.database, context_.rules().schema};
    for (const store::Review& review : store::Reviews{context_.database}.beyond_latest()) {
        if (to_plan_item(context_.rules(), review).hold == review::PlanItem::Hold::free) {
            const std::optional<store::Account> account = portfolio.account(review.account);
            const PersonProfile& owner = context_.people->owner(review.owner);
            const Date today = owner.today(now);
            auto stand_in = stand_in_of(context_, review, today);
            late[review.owner].push_back(
                {review.id,
                 account ? account->name : std::string{},
                 review.level,
                 review.due,
                 review.latest,
                 static_cast<int>((review.due - review.latest).count()),
                 stand_in || is_taken_by_leave(owner, review, today),
                 std::move(stand_in)}
            );
        }
    }
    const std::set<PersonId> behind = owners_behind(context_, now);
    std::vector<Overload> overloads;
    for (const PersonProfile* owner : *found) {
        const auto own = late.find(owner->id);
        if (own == late.end() && behind.count(owner->id) == 0) {
            continue;
        }
        const review::PlanRequest request =
            request_of(context_, *owner, open_reviews_of(context_, owner->id), owner->today(now));
        const double stretch = review::stretch_of(request);
        if (own == late.end() && stretch <= 1) {
            continue;
        }
        overloads.push_back(
            {owner->key,
             owner->name,
             own == late.end() ? std::vector<LateDay>{} : own->second,
             stretch,
             owner->capacity,
             review::find_cure(request)}
        );
    }
    return overloads;
}

} // namespace reviewd::service
