#include "daemon/service/account_desk.hpp"

#include "daemon/service/agreement.hpp"
#include "daemon/service/answers.hpp"
#include "daemon/service/crm_events.hpp"
#include "daemon/service/invitations.hpp"
#include "daemon/service/review_changes.hpp"
#include "daemon/service/silence.hpp"
#include "daemon/store/account_merge.hpp"
#include "daemon/store/audit.hpp"
#include "daemon/store/outcomes.hpp"
#include "daemon/store/scores.hpp"
#include "daemon/store/transaction.hpp"
#include "scoring/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace reviewd::service {
namespace {

/// The window with nothing held back for the day that the review has: a day beyond all others is
/// within no window.
Result<store::Review> with_free_window(
    Context& context, OccasionWatch& watch, store::Review review, TimePoint now
) {
    store::Reviews reviews{context.database};
    const Date due = review.due;
    review.due = last_date;
    const Result<void> freed = reviews.update(review);
    if (!freed.has_value()) {
        return freed.error();
    }
    const Result<void> looked = watch.look_at(review.account, now);
    if (!looked.has_value()) {
        return looked.error();
    }
    store::Review fresh = reviews.find(review.id).value();
    fresh.due = due;
    return fresh;
}

/// Whether the next review counts from a later talk: this one is only noted.
bool is_older_talk(Context& context, AccountId account, Date day) {
    const auto contacts = store::Outcomes{context.database}.contact_days(account, account);
    const auto held = store::Reviews{context.database}.days_held(std::array{account});
    const bool is_before_contact = !contacts.empty() && day < contacts.back().day;
    return is_before_contact || (!held.empty() && day < held.back().days.back());
}

/// Whether it can have been kept on that day.
Result<void> check_kept_on(const store::Promise& promise, Date day, Date today) {
    if (promise.kept_on) {
        return fail(
            ErrorCode::conflict,
            fmt::format(
                "promise {} is noted as kept on {} already", promise.id, to_string(*promise.kept_on)
            )
        );
    }
    if (day > today) {
        return fail(ErrorCode::usage, fmt::format("{} is still to come", to_string(day)));
    }
    if (day < promise.made_on) {
        return fail(
            ErrorCode::usage,
            fmt::format(
                "promise {} was made on {}, and cannot have been kept on {}",
                promise.id,
                to_string(promise.made_on),
                to_string(day)
            )
        );
    }
    return {};
}

/// What the history says of a talk.
Details told_of(const AccountDesk::Contact& contact, Date day, int answered, bool is_unmoved) {
    Details details{
        {"day", to_string(day)},
        {"note", contact.note},
        {"kept", fmt::format("{}", fmt::join(contact.kept_promises, ", "))},
        {"occasions_answered", std::to_string(answered)}};
    if (is_unmoved) {
        details.emplace_back(unmoved_detail, unmoved);
    }
    return details;
}

} // namespace

Result<AccountDesk::Kept> AccountDesk::keep_promise(
    std::int64_t number, std::optional<Date> day, const Actor& actor, TimePoint now
) {
    return store::write(context_.database, [&]() -> Result<Kept> {
        store::Outcomes outcomes{context_.database};
        store::Reviews reviews{context_.database};
        const std::optional<store::Promise> promise = outcomes.promise(number);
        if (!promise) {
            return fail(
                ErrorCode::not_found,
                fmt::format("there is no promise {}; `reviewctl due` has their numbers", number)
            );
        }
        const std::optional<store::Review> open = reviews.open_of(promise->account);
        store::Review review = open ? *open : reviews.find(promise->review).value();
        const Date today = context_.people->owner(review.owner).today(now);
        const Date kept_on = day.value_or(today);
        const Result<void> checked = check_kept_on(*promise, kept_on, today);
        if (!checked.has_value()) {
            return checked.error();
        }
        outcomes.keep_promise(number, kept_on);
        const Details details{
            {"number", std::to_string(number)},
            {"promise", promise->text},
            {"day", to_string(kept_on)}};
        record_event(context_, review.id, actor, "promise kept", details, now);
        if (open && renew_next_step(context_, review, now)) {
            const Result<void> updated = reviews.update(review);
            if (!updated.has_value()) {
                return updated.error();
            }
        }
        return Kept{outcomes.promise(number).value(), reviews.find(review.id).value()};
    });
}

Result<store::Review> AccountDesk::contact(
    AccountId account, const Contact& contact, const Actor& actor, TimePoint now
) {
    return store::write(context_.database, [&]() -> Result<store::Review> {
        store::Reviews reviews{context_.database};
        std::optional<store::Review> open = reviews.open_of(account);
        if (!open) {
            const auto known =
                store::Portfolio{context_.database, context_.rules().schema}.account(account);
            return known && known->is_active
                       ? fail(ErrorCode::try_later, "the account's review is not planned yet")
                       : fail(
                           ErrorCode::not_found, "the account has no open review: it is not active"
                       );
        }
        const Date today = context_.people->owner(open->owner).today(now);
        const Date day = contact.day.value_or(today);
        if (day > today) {
            return fail(ErrorCode::usage, fmt::format("{} is still to come", to_string(day)));
        }
        const Result<void> checked = check_text("note", contact.note);
        if (!checked.has_value()) {
            return checked.error();
        }
        const Result<review::State> next =
            review::after(to_life(open->state), review::Event::contact);
        if (!next.has_value()) {
            return next.error();
        }
        const bool is_older = is_older_talk(context_, account, day);
        const Result<void> kept =
            keep_promises(context_, account, contact.kept_promises, day, ReviewId{});
        if (!kept.has_value()) {
            return kept.error();
        }
        store::Outcomes{context_.database}.add_contact(
            {account, day, context_.company_day(now), actor.who, contact.note}
        );
        const int answered = watch_.answer(account, day);
        const bool is_agreed = open->state == store::ReviewState::appointment;
        const Details details = told_of(contact, day, answered, is_agreed || is_older);
        record_event(context_, open->id, actor, "contacted", details, now);
        open->state = to_store(*next);
        if (is_agreed || is_older) {
            const Result<void> looked = watch_.look_at(account, now);
            return looked.has_value() ? Result<store::Review>{reviews.find(open->id).value()}
                                      : Result<store::Review>{looked.error()};
        }
        store::Outbox{context_.database}.cancel_review(
            open->id, store::Outbox::Ending::superseded, "contacted", now
        );
        ++open->occurrence; // its steps begin anew
        open->is_chosen = false;
        open->pulled_from.reset();
        open->quiet_until.reset();
        Result<store::Review> fresh = with_free_window(context_, watch_, *open, now);
        if (!fresh.has_value()) {
            return fresh;
        }
        set_next_step(context_, *fresh, now);
        const Result<void> updated = reviews.update(*fresh);
        if (!updated.has_value()) {
            return updated.error();
        }
        return scheduler_.place_again(reviews.find(fresh->id).value(), now);
    });
}

Result<store::Person> AccountDesk::receiver(const Handover& handover, PersonId from) const {
    store::Portfolio portfolio{context_.database, context_.rules().schema};
    const std::optional<store::Person> to = portfolio.person(handover.to);
    if (!to || !to->is_active) {
        return fail(ErrorCode::usage, "the person who is to get the accounts is not active");
    }
    if (handover.to == from) {
        return fail(
            ErrorCode::usage, fmt::format("{} is the owner already", escape_controls(to->name))
        );
    }
    const Result<void> checked = check_text("reason", handover.because);
    return checked.has_value() ? Result<store::Person>{*to}
                               : Result<store::Person>{checked.error()};
}

Result<void> AccountDesk::hand_over(
    AccountId account,
    const store::Person& to,
    const std::string& because,
    const Actor& actor,
    TimePoint now
) {
    store::Portfolio portfolio{context_.database, context_.rules().schema};
    portfolio.hand_over(account, to, context_.company_day(now), actor.who, because);
    store::Reviews reviews{context_.database};
    std::optional<store::Review> review = reviews.open_of(account);
    if (!review) {
        return {};
    }
    const Details details{
        {"from", key_of_owner(context_, review->owner)}, {"to", to.key}, {"because", because}};
    give_to(context_, *review, context_.people->owner(to.id));
    store::Outbox{context_.database}.cancel_review(
        review->id, store::Outbox::Ending::superseded, "another owner", now
    );
    record_event(context_, review->id, actor, "reassigned", details, now);
    set_next_step(context_, *review, now); // who was told before is a matter of that line
    follow_appointment(context_, *review, now);
    const Result<void> updated = reviews.update(*review);
    if (updated.has_value()) {
        tell_planned(context_, reviews.find(review->id).value(), now);
    }
    touch_plan(context_, review->id); // the plan of both: whose it was, and whose it is now
    return updated;
}

std::vector<store::Review> AccountDesk::open_reviews(const std::vector<AccountId>& accounts) const {
    std::vector<store::Review> open = store::Reviews{context_.database}.open_of(accounts);
    std::sort(open.begin(), open.end(), [](const store::Review& a, const store::Review& b) {
        return std::pair{a.due, a.id} < std::pair{b.due, b.id};
    });
    return open;
}

/// Windows lie on the working days of whoever has the reviews now.
void AccountDesk::follow(const std::vector<store::Review>& moved) {
    std::set<AccountId> accounts;
    for (const store::Review& review : moved) {
        accounts.insert(review.account);
    }
    rescorer_.request_facts(accounts);
    scheduler_.request();
}

Result<std::vector<store::Review>> AccountDesk::reassign(
    AccountId account, const Handover& handover, const Actor& actor, TimePoint now
) {
    auto moved = store::write(context_.database, [&]() -> Result<std::vector<store::Review>> {
        store::Portfolio portfolio{context_.database, context_.rules().schema};
        const std::optional<store::Account> kept = portfolio.account(account);
        const Result<store::Person> to = receiver(handover, kept ? kept->owner : PersonId{});
        if (!to.has_value()) {
            return to.error();
        }
        const Result<void> given = hand_over(account, *to, handover.because, actor, now);
        if (!given.has_value()) {
            return given.error();
        }
        return open_reviews({account});
    });
    if (moved.has_value()) {
        follow(*moved);
    }
    return moved;
}

std::string AccountDesk::name_of(const Owner& owner) const {
    return owner.named.empty() ? key_of_owner(context_, owner.person) : owner.named;
}

Result<std::vector<store::Review>> AccountDesk::reassign_all(
    const Owner& from, const Handover& handover, const Actor& actor, TimePoint now
) {
    auto moved = store::write(context_.database, [&]() -> Result<std::vector<store::Review>> {
        const Result<store::Person> to = receiver(handover, from.person);
        if (!to.has_value()) {
            return to.error();
        }
        const std::vector<AccountId> accounts = accounts_of(context_, from);
        for (const AccountId account : accounts) {
            const Result<void> given = hand_over(account, *to, handover.because, actor, now);
            if (!given.has_value()) {
                return given.error();
            }
        }
        const Details details{
            {"from", name_of(from)},
            {"to", to->key},
            {"accounts", std::to_string(accounts.size())},
            {"because", handover.because}};
        store::Audit{context_.database}.record(
            {0, now, actor.who, actor.from, "portfolio.reassigned", to_json(details)}
        );
        return open_reviews(accounts);
    });
    if (moved.has_value()) {
        follow(*moved);
    }
    return moved;
}

namespace {

/// Of two accounts that become one, the review that is due first goes on.
bool goes_on(const store::Review& review, const store::Review& other) {
    return std::pair{review.due, review.id} < std::pair{other.due, other.id};
}

} // namespace

Result<void> AccountDesk::cancel_merged(
    store::Review review, ReviewId survivor, const Actor& actor, TimePoint now
) {
    review.state = store::ReviewState::cancelled;
    review.closed_at = now;
    review.next_step.reset();
    store::Outbox{context_.database}.cancel_review(
        review.id, store::Outbox::Ending::cancelled, "the accounts were merged", now
    );
    const Details details{{"because", "merged"}, {"goes_on_as", std::to_string(survivor.value)}};
    record_event(context_, review.id, actor, "cancelled", details, now);
    follow_appointment(context_, review, now);
    return store::Reviews{context_.database}.update(review);
}

Result<AccountDesk::Merge> AccountDesk::look_at_merge(AccountId from, AccountId into) const {
    if (from == into) {
        return fail(ErrorCode::usage, "these two are one account already");
    }
    store::Portfolio portfolio{context_.database, context_.rules().schema};
    store::Reviews reviews{context_.database};
    auto old = portfolio.account(from);
    auto kept = portfolio.account(into);
    auto first = reviews.open_of(from);
    auto second = reviews.open_of(into);
    if (!old || !kept || !first || !second) {
        return fail(ErrorCode::not_found, "only active accounts with an open review can be merged");
    }
    if (!goes_on(*first, *second)) {
        std::swap(first, second);
    }
    return Merge{
        *std::move(old),
        *std::move(kept),
        *std::move(first),
        *std::move(second),
        store::count_moving(context_.database, from, into)};
}

Result<store::Review> AccountDesk::merge(
    AccountId from, AccountId into, const Actor& actor, TimePoint now
) {
    auto survivor = store::write(context_.database, [&]() -> Result<store::Review> {
        const Result<Merge> looked_at = look_at_merge(from, into);
        if (!looked_at.has_value()) {
            return looked_at.error();
        }
        const store::Review& survives = looked_at->goes_on;
        const Result<void> cancelled = cancel_merged(looked_at->ends, survives.id, actor, now);
        if (!cancelled.has_value()) {
            return cancelled.error();
        }
        store::merge_account(context_.database, from, into, context_.company_day(now));
        if (survives.account == from) { // it waits for no week that the other one's review has had
            store::Scores{context_.database}.forget_replanned(into);
        }
        const Details details{
            {"from", looked_at->from.key},
            {"into", looked_at->into.key},
            {"review", std::to_string(survives.id.value)}};
        record_event(context_, survives.id, actor, "merged", details, now);
        store::Audit{context_.database}.record(
            {0, now, actor.who, actor.from, "account.merged", to_json(details)}
        );
        const Result<void> looked = watch_.look_at(into, now);
        if (!looked.has_value()) {
            return looked.error();
        }
        return store::Reviews{context_.database}.find(survives.id).value();
    });
    if (survivor.has_value()) {
        // One has gone, and the other one has more.
        const std::set<AccountId> changed{from, into};
        rescorer_.request_facts(changed);
        watch_.note_changed(changed);
        scheduler_.request();
    }
    return survivor;
}

} // namespace reviewd::service
