// A look at everybody first closes what no account needs any more, then moves reviews to the owners
// their accounts have now, then touches the owners of accounts without a review and those whose
// working days or capacity are others than their plan was made for. Then, and after every single
// change, the touched owners are planned, each wholly within one transaction, so that a plan that
// was interrupted is made again from the same state and comes out the same.

#include "daemon/service/scheduler.hpp"

#include "daemon/review/planner.hpp"
#include "daemon/service/agreement.hpp"
#include "daemon/service/crm_events.hpp"
#include "daemon/service/invitations.hpp"
#include "daemon/service/judge_account.hpp"
#include "daemon/service/occasion_follower.hpp"
#include "daemon/service/occasion_words.hpp"
#include "daemon/service/owners.hpp"
#include "daemon/service/plan_requests.hpp"
#include "daemon/service/returned_accounts.hpp"
#include "daemon/service/review_changes.hpp"
#include "daemon/service/standing_in.hpp"
#include "daemon/store/account_reader.hpp"
#include "daemon/store/occasions.hpp"
#include "daemon/store/outbox.hpp"
#include "daemon/store/outcomes.hpp"
#include "daemon/store/owner_plans.hpp"
#include "daemon/store/transaction.hpp"
#include "scoring/engine/fact_deriver.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <map>
#include <span>

namespace reviewd::service {
namespace {

using std::chrono::days;

constexpr std::size_t batch_reviews = 200;
constexpr std::size_t planned_per_batch = 500;
constexpr int look_accounts = 5000;
/// So many accounts at once are looked at for reviews that must be closed or moved.
constexpr int walked_accounts = 2000;

/// Owners of few accounts are planned together: a commit rewrites much the same pages for one as
/// for many. A piece ends with the owner who brings it to so many accounts.
constexpr int planned_owners = 50;
constexpr std::size_t planned_accounts = 200;

/// An account that needs a review, and all that decides about its day.
struct NewReview {
    store::Review review;
    std::size_t level = 0;
    rules::Points points = 0;
    engine::CadenceInForce cadence;
    std::optional<Date> replanned; ///< see store::AccountScore
    ReviewClock clock;
};

/// Judges an account by the score that is in force. @param now when its review is made
NewReview judge_new(
    Context& context,
    const store::AccountEntry& entry,
    engine::FactRow facts,
    Date today,
    TimePoint now
) {
    const auto kept = store::Scores{context.database}.find(entry.id);
    const rules::RuleSet& rules = context.rules();
    NewReview made;
    // The level in force decides, even while a change of levels waits for a person.
    const auto in_force = kept ? find_level(rules, kept->level) : std::nullopt;
    if (in_force) {
        made.level = *in_force;
        made.points = kept->points;
        made.replanned = kept->replanned;
        made.cadence = engine::cadence_for(rules, *in_force, facts);
    } else {
        const Judged judged = judge_account(rules, std::move(facts), kept, today);
        made.level = judged.level.level;
        made.points = judged.score.points;
        made.cadence = judged.cadence;
    }
    made.clock = read_clock(context.database, entry.id, today);
    made.clock.held = days_held(entry.records);
    made.review.account = entry.id;
    made.review.owner = entry.owner;
    made.review.level = rules.levels[made.level].name;
    made.review.cadence = made.cadence.name;
    made.review.reasons = reasons_json(context, made.clock.live, made.review.owner);
    made.review.created = now;
    return made;
}

/// Reads accounts and judges them.
class Candidates {
public:
    Candidates(Context& context, TimePoint now)
        : context_(context),
          today_(context.company_day(now)),
          now_(now),
          reader_(
              context.database, context.rules().schema, context.settings().company.minor_digits
          ),
          portfolio_(reader_.read_context(today_)),
          deriver_(context.rules(), portfolio_) {
        reader_.leave_out_past(today_);
    }

    [[nodiscard]] std::vector<NewReview> make(std::span<const AccountId> accounts) {
        std::vector<NewReview> made;
        for (std::size_t at = 0; at < accounts.size(); at += planned_per_batch) {
            const auto batch =
                accounts.subspan(at, std::min(planned_per_batch, accounts.size() - at));
            for (const store::AccountEntry& entry : reader_.read(batch)) {
                made.push_back(
                    judge_new(context_, entry, deriver_.derive(entry.records), today_, now_)
                );
            }
        }
        return made;
    }

private:
    Context& context_;
    Date today_;
    TimePoint now_;
    store::AccountReader reader_;
    engine::PortfolioContext portfolio_;
    engine::FactDeriver deriver_;
};

/// Gives every new review its window: the ones never held are spread over their cadence, the
/// highest scores first.
void set_windows(
    const rules::RuleSet& rules,
    std::vector<NewReview>& made,
    const PersonProfile& owner,
    Date today
) {
    std::map<std::pair<std::size_t, std::string>, std::vector<NewReview*>> never_held;
    for (NewReview& one : made) {
        const std::vector<Date> restarts = one.clock.restarts();
        if (restarts.empty()) {
            never_held[{one.level, one.cadence.name}].push_back(&one);
        } else {
            one.review.kind = kind_periodic;
            set_days(one.review, {window_since(restarts, to_cadence(one.cadence), owner.calendar)});
        }
    }
    for (auto& [group, reviews] : never_held) {
        std::sort(reviews.begin(), reviews.end(), [](const NewReview* a, const NewReview* b) {
            return std::pair{-a->points, a->review.account}
                   < std::pair{-b->points, b->review.account};
        });
        // The highest level begins at once, each further one a share of its own distance later.
        const double phase =
            static_cast<double>(group.first) / static_cast<double>(rules.levels.size());
        const auto windows = review::first_windows(
            today, reviews.size(), to_cadence(reviews.front()->cadence), owner.calendar, phase
        );
        for (std::size_t i = 0; i < reviews.size(); ++i) {
            reviews[i]->review.kind = kind_first;
            set_days(reviews[i]->review, {windows[i]});
        }
    }
}

/// What set off triggers pulls a new review nearer as it does one that is open.
void pull(const Context& context, NewReview& made, const PersonProfile& owner) {
    ReviewDays days = days_of(made.review);
    const Date target = days.window.target;
    days.window = pulled_by(context.rules(), made.clock.live, days.window, *context.people, owner);
    if (days.window.target < target) {
        days.pulled_from = target;
    }
    set_days(made.review, days);
}

/// What was missed is tried again after some working days. An occasion may pull it nearer, but not
/// onto the day on which it was missed, unless it leaves no other.
void set_retry(const Context& context, NewReview& made, const PersonProfile& owner, Date today) {
    store::Review& review = made.review;
    const review::Window window = retry_window(today, owner.calendar);
    review.kind = kind_retry;
    set_days(review, {window});
    pull(context, made, owner);
    review.earliest = std::min(window.earliest, review.latest);
    review.target = std::clamp(review.target, review.earliest, review.latest);
}

/// Puts a review into the plan, with its first event.
Result<void> insert(Context& context, store::Review& review, TimePoint now) {
    set_next_step(context, review, now);
    const Result<ReviewId> id = store::Reviews{context.database}.insert(review);
    if (!id.has_value()) {
        return id.error();
    }
    review.id = *id;
    record_event(
        context,
        review.id,
        {},
        "planned",
        {{"due", to_string(review.due)}, {"kind", review.kind}, {"level", review.level}},
        now
    );
    tell_planned(context, review, now);
    return {};
}

Result<void> move_day(
    Context& context, const store::PlannedReview& planned, Date due, TimePoint now
) {
    store::Review review = store::Reviews{context.database}.find(planned.id).value();
    // A day that nobody could choose is the machine's own, and is named where it is late.
    review.is_chosen = planned.is_chosen && due <= std::max(planned.due, planned.latest);
    const Details details{{"from", to_string(review.due)}, {"to", to_string(due)}};
    if (begins_anew(context, review, due, context.people->owner(review.owner).today(now))) {
        ++review.occurrence;
    }
    review.due = due;
    store::Outbox{context.database}.cancel_review(
        review.id, store::Outbox::Ending::superseded, "another day", now
    );
    set_next_step(context, review, now);
    record_event(context, review.id, {}, "moved", details, now);
    tell_planned(context, review, now);
    return store::Reviews{context.database}.update(review);
}

/// Those of an open review as its account is judged now, on the days of its owner.
ReviewDays days_as_judged(
    const Context& context, const store::Review& open, const NewReview& judged
) {
    const Date today = context.company_day(judged.review.created);
    return adjusted_days(
        context.rules(),
        open,
        judged.clock,
        {to_cadence(judged.cadence), judged.replanned, today},
        *context.people
    );
}

/// After other habits: windows that lie on the working days, by the cadences in force, and the
/// steps of each review.
Result<void> adjust_windows(Context& context, const PersonProfile& owner, TimePoint now) {
    std::map<AccountId, store::Review*> by_account;
    std::vector<AccountId> accounts;
    std::vector<store::Review> open = open_reviews_of(context, owner.id);
    for (store::Review& review : open) {
        by_account[review.account] = &review;
    }
    for (const auto& [account, review] : by_account) {
        accounts.push_back(account);
    }
    store::Reviews reviews{context.database};
    for (const NewReview& judged : Candidates{context, now}.make(accounts)) {
        store::Review& review = *by_account.at(judged.review.account);
        const ReviewDays before = days_of(review);
        set_days(review, days_as_judged(context, review, judged));
        // The steps are so many working days from the due day, whether that moves or not.
        const bool is_told_otherwise = renew_next_step(context, review, now);
        if (days_of(review) == before && !is_told_otherwise) {
            continue;
        }
        const Result<void> updated = reviews.update(review);
        if (!updated.has_value()) {
            return updated;
        }
    }
    return {};
}

/// One owner's reviews: those there are, and those to be made.
struct Plan {
    const PersonProfile& owner;
    const std::vector<store::PlannedReview>& open;
    std::vector<NewReview>& made;
};

/// The first day whose morning's message is still to come.
Date first_told_day(const PersonProfile& owner, TimePoint now) {
    return owner.today(owner.next_morning(now, owner.today(now)));
}

/// Gives the new reviews their days, and others to those whose day does not do any more. Reviews
/// that are overdue stay where they are: nothing makes them less late, but a talk with the customer
/// after which the window only begins later.
Result<void> place(Context& context, Plan plan, TimePoint now) {
    const Date today = plan.owner.today(now);
    const Date first_told = first_told_day(plan.owner, now);
    review::PlanRequest request = empty_plan_request(context, plan.owner, today);
    std::vector<const store::PlannedReview*> movable;
    request.items.reserve(plan.open.size() + plan.made.size());
    for (const store::PlannedReview& review : plan.open) {
        if (review.due >= today || review.earliest > review.due) {
            movable.push_back(&review);
            request.items.push_back(to_plan_item(context.rules(), review));
            release_day_off(request.items.back(), review, plan.owner);
            begin_when_told(request.items.back(), today, first_told);
        }
    }
    // New reviews have no number yet; they stand behind all others, in order of their accounts.
    std::int64_t number = std::numeric_limits<std::int64_t>::max() / 2;
    for (const NewReview& one : plan.made) {
        review::PlanItem item = to_plan_item(context.rules(), one.review);
        item.review = ReviewId{++number};
        item.weight = one.points;
        begin_when_told(item, today, first_told);
        request.items.push_back(std::move(item));
    }
    const review::PlanResult result = review::plan_owner(request);
    for (std::size_t i = 0; i < result.placements.size(); ++i) {
        const Date due = result.placements[i].due;
        if (i >= movable.size()) {
            store::Review& review = plan.made[i - movable.size()].review;
            review.due = due;
            const Result<void> inserted = insert(context, review, now);
            if (!inserted.has_value()) {
                return inserted;
            }
        } else if (due != movable[i]->due) {
            const Result<void> moved = move_day(context, *movable[i], due, now);
            if (!moved.has_value()) {
                return moved;
            }
        }
    }
    return {};
}

/// Gives one new review its day among the owner's others, all of which stay.
Result<void> place_among(
    Context& context, const PersonProfile& owner, NewReview& made, TimePoint now
) {
    const Date today = owner.today(now);
    review::PlanRequest request = empty_plan_request(context, owner, today);
    for (const Date day :
         store::Reviews{context.database}.due_days(owner.id, review::week_of(today), today)) {
        request.items.push_back(taken_day(day));
    }
    request.items.push_back(to_plan_item(context.rules(), made.review));
    request.items.back().weight = made.points;
    begin_when_told(request.items.back(), today, first_told_day(owner, now));
    made.review.due = review::plan_owner(request).placements.back().due;
    return insert(context, made.review, now);
}

} // namespace

Scheduler::Scheduler(Context& context) : context_(context) {}

bool Scheduler::is_busy() const {
    return is_requested_ || stage_ != Stage::idle || context_.are_plans_touched;
}

Result<bool> Scheduler::step(TimePoint now) {
    if (is_requested_) {
        is_requested_ = false;
        stage_ = Stage::closing;
        walked_ = {};
        looked_at_ = {};
    }
    switch (stage_) {
    case Stage::closing:
        return close_inactive(now);
    case Stage::moving:
        return move_to_owners(now);
    case Stage::looking:
        return look_around();
    case Stage::idle:
    case Stage::owners:
        break;
    }
    return plan_touched(now);
}

Result<bool> Scheduler::walk(
    std::vector<store::Review> (store::Reviews::*find
    )(const store::Reviews::AccountRange& range, int limit),
    const std::function<Result<void>(store::Review review)>& mend,
    Stage following
) {
    store::Reviews reviews{context_.database};
    const std::optional<AccountId> last = reviews.last_account_with_open();
    if (!last || walked_ >= *last) {
        walked_ = {};
        stage_ = following;
        return false;
    }
    const store::Reviews::AccountRange range{walked_, AccountId{walked_.value + walked_accounts}};
    const std::vector<store::Review> found =
        (reviews.*find)(range, static_cast<int>(batch_reviews));
    if (!found.empty()) {
        const Result<void> mended = store::write(context_.database, [&]() -> Result<void> {
            for (const store::Review& review : found) {
                const Result<void> done = mend(review);
                if (!done.has_value()) {
                    return done;
                }
            }
            return {};
        });
        if (!mended.has_value()) {
            return mended.error();
        }
    }
    walked_ = found.size() < batch_reviews ? range.until : found.back().account;
    return false;
}

Result<bool> Scheduler::close_inactive(TimePoint now) {
    const auto close = [&](store::Review review) {
        review.state = store::ReviewState::cancelled;
        review.closed_at = now;
        review.next_step.reset();
        store::Outbox{context_.database}.cancel_review(
            review.id, store::Outbox::Ending::cancelled, "the account is not active", now
        );
        record_event(context_, review.id, {}, "cancelled", because_inactive(), now);
        follow_appointment(context_, review, now);
        return store::Reviews{context_.database}.update(review);
    };
    return walk(&store::Reviews::of_inactive_accounts, close, Stage::moving);
}

Result<bool> Scheduler::move_to_owners(TimePoint now) {
    store::Portfolio portfolio{context_.database, context_.rules().schema};
    std::optional<Candidates> candidates; // dear, and mostly nothing moves
    const auto move = [&](store::Review review) {
        const std::optional<store::Account> account = portfolio.account(review.account);
        const Details details{
            {"from", key_of_owner(context_, review.owner)},
            {"to", key_of_owner(context_, account ? account->owner : PersonId{})}};
        give_to(context_, review, context_.people->owner(account ? account->owner : PersonId{}));
        if (!candidates) {
            candidates.emplace(context_, now);
        }
        for (const NewReview& judged : candidates->make({&review.account, 1})) {
            set_days(review, days_as_judged(context_, review, judged));
        }
        store::Outbox{context_.database}.cancel_review(
            review.id, store::Outbox::Ending::superseded, "another owner", now
        );
        store::OwnerPlans{context_.database}.touch(review.owner);
        record_event(context_, review.id, {}, "reassigned", details, now);
        set_next_step(context_, review, now); // who was told before is a matter of that line
        follow_appointment(context_, review, now);
        store::Reviews reviews{context_.database};
        const Result<void> updated = reviews.update(review);
        if (updated.has_value()) {
            tell_planned(context_, reviews.find(review.id).value(), now);
        }
        touch_plan(context_, review.id); // of both: whose it was, and whose it is now
        return updated;
    };
    return walk(&store::Reviews::with_former_owner, move, Stage::looking);
}

Result<bool> Scheduler::look_around() {
    AccountId next;
    const Result<void> looked = store::write(context_.database, [&]() -> Result<void> {
        store::OwnerPlans plans{context_.database};
        if (!looked_at_) {
            for (const auto& [owner, habits] : plans.habits()) {
                const PersonProfile& profile = context_.people->owner(owner);
                if (habits_of(context_, profile) != habits) {
                    plans.touch(owner);
                }
            }
        }
        next = plans.touch_unplanned(looked_at_, look_accounts);
        return {};
    });
    if (!looked.has_value()) {
        return looked.error();
    }
    looked_at_ = next;
    if (!looked_at_) {
        stage_ = Stage::owners;
    }
    return false;
}

Result<bool> Scheduler::plan_touched(TimePoint now) {
    store::OwnerPlans plans{context_.database};
    const std::vector<PersonId> owners = plans.touched(planned_owners);
    if (!owners.empty()) {
        const Result<void> planned = store::write(context_.database, [&]() -> Result<void> {
            std::size_t accounts = 0;
            for (const PersonId owner : owners) {
                const Result<std::size_t> done = plan_owner(owner, now);
                if (!done.has_value()) {
                    return done.error();
                }
                accounts += *done;
                if (accounts >= planned_accounts) {
                    break;
                }
            }
            return {};
        });
        if (!planned.has_value()) {
            return planned.error();
        }
    }
    if (plans.has_touched()) {
        return false;
    }
    context_.are_plans_touched = false;
    stage_ = Stage::idle;
    return true;
}

std::vector<LateReview> Scheduler::late() const {
    std::vector<LateReview> late;
    store::Portfolio portfolio{context_.database, context_.rules().schema};
    for (const store::Review& review : store::Reviews{context_.database}.beyond_latest()) {
        if (to_plan_item(context_.rules(), review).hold == review::PlanItem::Hold::fixed) {
            continue;
        }
        const std::optional<store::Account> account = portfolio.account(review.account);
        late.push_back(
            {review.account,
             account ? account->name : std::string{},
             context_.people->owner(review.owner).key,
             review.due,
             review.latest}
        );
    }
    return late;
}

Result<std::size_t> Scheduler::plan_owner(PersonId id, TimePoint now) {
    const PersonProfile& owner = context_.people->owner(id);
    const Date today = owner.today(now);
    store::OwnerPlans plans{context_.database};
    const std::string habits = plans.habits_of(id);
    const std::string habits_now = habits_of(context_, owner);
    if (!habits.empty() && habits != habits_now) {
        const Result<void> adjusted = adjust_windows(context_, owner, now);
        if (!adjusted.has_value()) {
            return adjusted.error();
        }
    }
    std::vector<store::PlannedReview> open = store::Reviews{context_.database}.planned_of(id);
    std::vector<AccountId> reviewed;
    for (const store::PlannedReview& review : open) {
        reviewed.push_back(review.account);
    }
    std::sort(reviewed.begin(), reviewed.end());
    store::Portfolio portfolio{context_.database, context_.rules().schema};
    std::vector<AccountId> missing = portfolio.accounts_of(id, reviewed);
    const std::size_t accounts = reviewed.size() + missing.size();
    // One that is open with a former owner comes over first.
    for (const store::Review& elsewhere : store::Reviews{context_.database}.open_of(missing)) {
        std::erase(missing, elsewhere.account);
        is_requested_ = true;
    }
    const auto taken_up = take_up_appointments(context_, missing, owner, now);
    if (!taken_up.has_value()) {
        return taken_up.error();
    }
    if (!taken_up->empty()) {
        std::erase_if(missing, [&](AccountId account) {
            return std::binary_search(taken_up->begin(), taken_up->end(), account);
        });
        open = store::Reviews{context_.database}.planned_of(id);
    }
    std::vector<NewReview> made =
        missing.empty() ? std::vector<NewReview>{} : Candidates{context_, now}.make(missing);
    set_windows(context_.rules(), made, owner, today);
    for (NewReview& one : made) {
        pull(context_, one, owner);
    }
    const Result<void> placed = place(context_, Plan{owner, open, made}, now);
    if (!placed.has_value()) {
        return placed.error();
    }
    plans.settle(id, habits_now);
    return accounts;
}

Result<store::Review> Scheduler::plan_next(
    const KnownAccount& account, Following following, TimePoint now
) {
    std::vector<NewReview> made{
        judge_new(context_, account.entry, account.facts, context_.company_day(now), now)};
    NewReview& next = made.front();
    const PersonProfile& owner = context_.people->owner(next.review.owner);
    const Date today = owner.today(now);
    const review::Cadence cadence = to_cadence(next.cadence);
    set_windows(context_.rules(), made, owner, today);
    if (following == Following::skipped) {
        next.review.kind = kind_deferred;
        set_days(
            next.review,
            {review::window_after(review::begin_series(today), cadence, owner.calendar)}
        );
    }
    if (following == Following::missed) {
        set_retry(context_, next, owner, today);
    } else {
        pull(context_, next, owner);
    }
    const Result<void> placed = place_among(context_, owner, next, now);
    if (!placed.has_value()) {
        return placed.error();
    }
    return next.review;
}

Result<store::Review> Scheduler::place_again(const store::Review& review, TimePoint now) {
    const PersonProfile& owner = context_.people->owner(review.owner);
    std::vector<store::PlannedReview> open =
        store::Reviews{context_.database}.planned_of(review.owner);
    for (store::PlannedReview& other : open) {
        if (other.id == review.id) {
            other.is_chosen = false;
            other.is_told = false;
        } else {
            other.state = store::ReviewState::appointment; // for the planner only: it stays
        }
    }
    std::vector<NewReview> made;
    const Result<void> placed = place(context_, Plan{owner, open, made}, now);
    if (!placed.has_value()) {
        return placed.error();
    }
    return store::Reviews{context_.database}.find(review.id).value();
}

} // namespace reviewd::service
