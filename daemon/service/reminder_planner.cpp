// Reviews carry the day of their next step, under an index; so a look costs as much as there is to
// do, and with nothing to do the planner sleeps until the first morning on or after the earliest of
// those days.

#include "daemon/service/reminder_planner.hpp"

#include "daemon/service/digest_days.hpp"
#include "daemon/service/recipients.hpp"
#include "daemon/service/review_changes.hpp"
#include "daemon/service/usefulness.hpp"
#include "daemon/store/outbox.hpp"
#include "daemon/store/transaction.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <tuple>
#include <utility>

namespace reviewd::service {
namespace {

using std::chrono::days;

constexpr int page_reviews = 1000;
/// Pages looked through in one piece: some tens of milliseconds.
constexpr int look_pages = 10;
/// Reviews of one owner that are reminded of in one transaction.
constexpr std::size_t largest_batch = 1000;
/// Owners with little to say go together, since a commit rewrites much the same pages for one as
/// for many: a piece ends with the owner who brings it to so many reviews.
constexpr std::size_t piece_reviews = 200;

/// What one transaction takes of an owner's reviews. What is left joins the same message: none is
/// written before all are planned.
std::span<const ReviewId> last_of(const std::vector<ReviewId>& ids) {
    return std::span{ids}.last(std::min(ids.size(), largest_batch));
}

/// Whether this is the time to write to a person: their morning has come, and nothing went today.
bool is_morning(Context& context, const PersonProfile& person, TimePoint now) {
    return person.is_reminded_at(now) && last_digest_day(context, person) != person.today(now);
}

/// What became of a step.
enum class Planned {
    yes,
    waits,  ///< for the recipient's morning
    nobody, ///< can be reached
};

/// What one owner's steps put into the outbox.
class Batch {
public:
    Batch(Context& context, TimePoint now) : context_(context), now_(now) {}

    Planned add(
        const store::Review& review, const review::DueStep& step, const PersonProfile& person
    ) {
        const Routing routing = routing_of(context_, review, step.step, person);
        if (routing.send == config::Route::Send::never) {
            return Planned::yes;
        }
        if (routing.channels.empty()) {
            return Planned::nobody;
        }
        const std::optional<Slot> slot = slot_of(step, person, routing.send);
        if (!slot) {
            return Planned::waits;
        }
        for (const std::string& channel : routing.channels) {
            const store::ReminderKey key{
                review.id,
                review.occurrence,
                std::string{review::name(step.step)},
                step.repeat,
                person.id,
                channel};
            const Date today = context_.people->owner(review.owner).today(now_);
            Message& message = messages_[{person.id, channel, slot->is_digest}];
            message.reminders.push_back({key, today});
            message.when = slot->when;
        }
        return Planned::yes;
    }

    void write() {
        store::Outbox outbox{context_.database};
        for (const auto& [to, message] : messages_) {
            const auto& [id, channel, is_digest] = to;
            const PersonProfile& person = context_.people->owner(id);
            store::DeliveryPlan plan;
            plan.person = id;
            plan.channel = channel;
            plan.kind = is_digest ? "digest" : "now";
            plan.digest = is_digest ? to_string(person.today(message.when)) : std::string{};
            plan.not_before = message.when;
            plan.expires_at = given_up_at(context_, person, message.when, now_);
            const auto delivery = outbox.plan(plan, message.reminders, now_);
            if (delivery && is_digest) {
                outbox.join_earlier(*delivery, now_);
            }
        }
    }

private:
    struct Message {
        TimePoint when{};
        std::vector<store::ReminderPlan> reminders;
    };

    /// When a message goes out, and whether it is the morning's.
    struct Slot {
        TimePoint when{};
        bool is_digest = true;
    };

    /// Asked for every step, and the same as long as nothing is written.
    bool is_morning_of(const PersonProfile& person) {
        const auto [known, is_new] = mornings_.try_emplace(person.id);
        if (is_new) {
            known->second = is_morning(context_, person, now_);
        }
        return known->second;
    }

    [[nodiscard]] std::optional<Slot> slot_of(
        const review::DueStep& step, const PersonProfile& person, config::Route::Send send
    ) {
        // The morning itself, not this moment: whoever goes on after a crash finds it due at once.
        if (is_morning_of(person)) {
            const Slot digest{person.zone.moment(person.today(now_), person.remind_at)};
            const bool is_now = send == config::Route::Send::at_once;
            return is_now ? Slot{now_, false} : digest;
        }
        if (send == config::Route::Send::at_once) {
            const review::Attention attention = person.attention();
            const TimePoint opening = review::next_opening(attention, now_);
            const bool is_with_digest =
                opening > now_ && opening == review::next_morning(attention, opening);
            return Slot{opening, is_with_digest};
        }
        if (step.step == review::Step::deadline) { // the next morning would be too late
            return Slot{review::next_opening(person.attention(), now_), false};
        }
        if (step.step != review::Step::escalation && step.hearer == review::Hearer::owner) {
            return std::nullopt;
        }
        return Slot{person.next_morning(now_, person.today(now_))};
    }

    Context& context_;
    TimePoint now_;
    std::map<std::tuple<PersonId, std::string, bool>, Message> messages_;
    std::map<PersonId, bool> mornings_;
};

/// What is due now: while the owner is on leave, only what others hear in their place.
std::vector<review::DueStep> due_steps(
    Context& context, const store::Review& review, const PersonProfile& owner, Date today
) {
    const SteppedReview stepped{context, review, today};
    const auto times = reminder_times(context, review.owner);
    std::vector<review::DueStep> due =
        review::steps_due(stepped.subject, times, owner.calendar, today);
    if (owner.is_away(today)) {
        std::erase_if(due, [](const review::DueStep& step) {
            return step.hearer == review::Hearer::owner;
        });
    }
    return due;
}

/// Plans the due steps of one review. @returns the worst of what became of them
Planned plan_steps(Context& context, const store::Review& review, Batch& batch, TimePoint now) {
    const PersonProfile& owner = context.people->owner(review.owner);
    const Date today = owner.today(now);
    Planned planned = Planned::yes;
    for (const review::DueStep& step : due_steps(context, review, owner, today)) {
        const PersonProfile* person =
            recipient_of(context, review, {step.step, step.repeat}, today);
        const Planned one = person == nullptr ? Planned::nobody : batch.add(review, step, *person);
        planned = std::max(planned, one);
    }
    return planned;
}

/// Whether any due step of the review, with the person it is for, is one that `is_wanted` says.
template <class Wanted>
bool has_step(Context& context, const store::Review& review, TimePoint now, Wanted is_wanted) {
    const PersonProfile& owner = context.people->owner(review.owner);
    const Date today = owner.today(now);
    const auto due = due_steps(context, review, owner, today);
    return std::any_of(due.begin(), due.end(), [&](const review::DueStep& step) {
        const PersonProfile* person =
            recipient_of(context, review, {step.step, step.repeat}, today);
        return person != nullptr && is_wanted(step, *person);
    });
}

/// Whether a step of the review goes out between mornings.
bool goes_at_once(Context& context, const store::Review& review, TimePoint now) {
    return has_step(context, review, now, [&](const auto& step, const PersonProfile& person) {
        return routing_of(context, review, step.step, person).send == config::Route::Send::at_once;
    });
}

/// Whether somebody who stands in for an owner on leave can be told of the review now.
bool is_heard_elsewhere(Context& context, const store::Review& review, TimePoint now) {
    return has_step(context, review, now, [&](const auto& /*step*/, const PersonProfile& person) {
        return is_morning(context, person, now);
    });
}

/// The day on which a review is looked at again of which something is due already: the owner is on
/// leave, or nobody could be reached, or is to be.
Date next_look_at(
    Context& context, const store::Review& review, const PersonProfile& owner, Date today
) {
    const Date working = owner.calendar.next_working(today + days{1});
    const SteppedReview stepped{context, review, today};
    const auto times = reminder_times(context, review.owner);
    const auto next = review::next_step_day(stepped.subject, times, owner.calendar, today);
    return std::min(next.value_or(working), working);
}

} // namespace

ReminderPlanner::ReminderPlanner(Context& context) : context_(context) {}

Result<bool> ReminderPlanner::step(TimePoint now) {
    if (waiting_.empty() && !look_ && is_looked_through_ && (!next_look_ || now < *next_look_)) {
        return false;
    }
    if ((waiting_.empty() || look_) && !look_on(now)) {
        return true;
    }
    if (waiting_.empty()) {
        return !is_looked_through_; // something changed during the look
    }
    Piece piece;
    const Result<void> written = store::write(context_.database, [&]() -> Result<void> {
        piece = {};
        return remind_some(piece, now);
    });
    if (!written.has_value()) {
        return written.error();
    }
    for (; piece.owners > 0; --piece.owners) {
        const auto first = waiting_.begin();
        std::vector<ReviewId>& ids = first->second;
        ids.resize(ids.size() - last_of(ids).size());
        if (!ids.empty()) {
            break; // the piece ended with it
        }
        waiting_.erase(first);
    }
    for (const PersonId owner : piece.unreached) {
        context_.note(
            LogEvent::reminder_unreachable,
            fmt::format(
                "reviews of `{}` are due, but no channel reaches them: set `channels:` for the "
                "person or for all",
                context_.people->owner(owner).key
            )
        );
    }
    is_looked_through_ = is_looked_through_ && !waiting_.empty();
    return true;
}

Result<void> ReminderPlanner::remind_some(Piece& piece, TimePoint now) {
    std::size_t reviews = 0;
    for (const auto& [owner, ids] : waiting_) {
        if (reviews >= piece_reviews) {
            break;
        }
        const std::span<const ReviewId> next = last_of(ids);
        const Result<bool> is_reached = remind(owner, next, now);
        if (!is_reached.has_value()) {
            return is_reached.error();
        }
        if (!*is_reached) {
            piece.unreached.push_back(owner);
        }
        ++piece.owners;
        reviews += next.size();
    }
    return {};
}

/// Whether something of the review is said before its owner's morning.
bool ReminderPlanner::is_for_others(const store::Reviews::StepDay& step, TimePoint now) const {
    const PersonProfile& owner = context_.people->owner(step.owner);
    const bool is_away = owner.is_away(owner.today(now));
    const bool has_at_once = has_routes_at_once(context_.settings());
    if (!is_away && !has_at_once) {
        return false;
    }
    const auto review = store::Reviews{context_.database}.find(step.review);
    return review
           && ((is_away && is_heard_elsewhere(context_, *review, now))
               || (has_at_once && goes_at_once(context_, *review, now)));
}

/// Most looks are after a change in the middle of a day: whose morning has passed by then needs no
/// second thought until the next one.
bool ReminderPlanner::is_ready(const PersonProfile& owner, TimePoint now) {
    const auto asleep = asleep_.find(owner.id);
    if (asleep != asleep_.end() && asleep->second.from <= now && now < asleep->second.until) {
        return false;
    }
    const bool is_now = is_morning(context_, owner, now);
    if (!is_now) {
        asleep_[owner.id] = {now, owner.next_morning(now, owner.today(now))};
    }
    return is_now;
}

bool ReminderPlanner::look_on(TimePoint now) {
    store::Reviews reviews{context_.database};
    if (!look_) {
        look_ = Look{now, context_.people_revision, Date::min(), {}, {}};
        is_looked_through_ = true;
        if (ahead_.people_revision != context_.people_revision || now < ahead_.began) {
            ahead_ = {};
            asleep_.clear();
        }
    }
    Date until = context_.company_day(now);
    for (const PersonProfile& person : context_.people->all()) {
        until = std::max(until, person.today(now)); // a day is ahead of the company's, perhaps
    }
    for (int pages = 0; pages < look_pages; ++pages) {
        const auto page = reviews.step_days(until, page_reviews, look_->after, look_->last);
        for (const store::Reviews::StepDay& review : page) {
            const auto [owner, is_new] = look_->owners.try_emplace(review.owner);
            if (is_new) {
                const PersonProfile& profile = context_.people->owner(review.owner);
                owner->second = {profile.today(now), is_ready(profile, now)};
            }
            if (review.next_step > owner->second.today) {
                continue;
            }
            if (owner->second.is_ready || is_for_others(review, now)) {
                waiting_[review.owner].push_back(review.review);
            }
        }
        if (static_cast<int>(page.size()) < page_reviews) {
            end_look(*std::exchange(look_, std::nullopt));
            return true;
        }
        look_->after = page.back().next_step;
        look_->last = page.back().review;
    }
    return false;
}

/// Says when to look again: whose morning came during the look is looked for at once.
void ReminderPlanner::end_look(const Look& ended) {
    const std::optional<Date> earliest = store::Reviews{context_.database}.earliest_step();
    const bool is_known = ahead_.people_revision == context_.people_revision
                          && ahead_.earliest == earliest && ahead_.began <= ended.began;
    if (is_known && next_look_ && ended.began < *next_look_) {
        return; // nobody's morning came since
    }
    next_look_.reset();
    ahead_ = {ended.began, earliest, ended.people_revision};
    if (!earliest) {
        return;
    }
    const bool has_at_once = has_routes_at_once(context_.settings());
    for (const PersonProfile& person : context_.people->all()) {
        const TimePoint morning = person.next_morning(ended.began, *earliest);
        next_look_ = std::min(next_look_.value_or(morning), morning);
        if (has_at_once) {
            const Date next_day = std::max(*earliest, person.today(ended.began) + days{1});
            next_look_ = std::min(*next_look_, person.zone.start_of(next_day));
        }
    }
}

Result<bool> ReminderPlanner::remind(PersonId owner, std::span<const ReviewId> ids, TimePoint now) {
    bool is_everybody_reached = true;
    store::Reviews reviews{context_.database};
    Batch batch{context_, now};
    std::vector<std::pair<store::Review, Planned>> reminded;
    for (const ReviewId id : ids) {
        std::optional<store::Review> review = reviews.find(id);
        if (review && is_open(review->state) && review->owner == owner) {
            const Planned planned = plan_steps(context_, *review, batch, now);
            is_everybody_reached = planned != Planned::nobody && is_everybody_reached;
            reminded.emplace_back(std::move(*review), planned);
        }
    }
    batch.write();
    const PersonProfile& profile = context_.people->owner(owner);
    for (auto& [review, planned] : reminded) {
        set_next_step(context_, review, now);
        const Date today = profile.today(now);
        const bool is_left = review.next_step && *review.next_step <= today;
        if (is_left && planned != Planned::waits) {
            review.next_step = next_look_at(context_, review, profile, today);
        }
        const Result<void> updated = reviews.update(review);
        if (!updated.has_value()) {
            return updated.error();
        }
    }
    return is_everybody_reached;
}

} // namespace reviewd::service
