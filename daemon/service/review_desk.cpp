#include "daemon/service/review_desk.hpp"

#include "daemon/review/window.hpp"
#include "daemon/service/agreement.hpp"
#include "daemon/service/answers.hpp"
#include "daemon/service/crm_events.hpp"
#include "daemon/service/day_choice.hpp"
#include "daemon/service/invitations.hpp"
#include "daemon/service/judge_account.hpp"
#include "daemon/service/owners.hpp"
#include "daemon/store/outcomes.hpp"
#include "daemon/store/portfolio.hpp"
#include "daemon/store/transaction.hpp"
#include "scoring/base/text.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace reviewd::service {
namespace {

/// Working days until the next call after one that failed; nothing for an unknown result.
std::optional<int> next_try_days(
    const config::ReminderSettings& settings, const std::string& result
) {
    if (result == "no-answer") {
        return settings.next_try.no_answer;
    }
    if (result == "hesitated") {
        return settings.next_try.hesitated;
    }
    return result == "declined" ? std::optional{settings.next_try.declined} : std::nullopt;
}

Result<void> add_promise(
    store::Outcomes& outcomes, const store::Review& review, const Outcome& outcome, Date held_on
) {
    if (trim(outcome.promise).empty()) {
        if (!outcome.promise_due) {
            return {};
        }
        return fail(
            ErrorCode::usage,
            fmt::format(
                "something is promised until {}, but not what: give the promise as well",
                to_string(*outcome.promise_due)
            )
        );
    }
    if (outcome.promise_due && *outcome.promise_due < held_on) {
        return fail(
            ErrorCode::usage,
            fmt::format(
                "a promise of {} cannot be for {}, which was over by then",
                to_string(held_on),
                to_string(*outcome.promise_due)
            )
        );
    }
    const Result<void> checked = check_text("promise", outcome.promise);
    if (checked.has_value()) {
        outcomes.add_promise(
            {0,
             review.id,
             review.account,
             outcome.promise,
             outcome.promise_due,
             std::nullopt,
             held_on}
        );
    }
    return checked;
}

/// One talk is one review: a second report of the same day would count it twice.
Error held_already(const store::Review& review, const store::Review& last) {
    return fail(
        ErrorCode::usage,
        fmt::format(
            "review {} cannot have been held on {}: review {} is recorded as held on that day "
            "already; where that was a mistake, `reviewctl review reopen review:{}` takes it back",
            review.id.value,
            to_string(*last.held_on),
            last.id.value,
            last.id.value
        )
    );
}

/// What was held before the review was planned may still be that review, noted late: as long as the
/// next one is not late by then.
Result<void> check_past_day(
    Context& context, const store::Review& review, Date held_on, Date today
) {
    const std::string what =
        fmt::format("review {} cannot have been held on {}", review.id.value, to_string(held_on));
    const std::string instead = fmt::format(
        "an earlier talk is noted with `reviewctl contact ACCOUNT --on {}`", to_string(held_on)
    );
    const auto last = store::Reviews{context.database}.last_held(review.account);
    if (last && held_on == *last->held_on) {
        return held_already(review, *last);
    }
    if (last && held_on < *last->held_on) {
        return fail(
            ErrorCode::usage,
            fmt::format(
                "{}, before the last one, which was held on {}; {}",
                what,
                to_string(*last->held_on),
                instead
            )
        );
    }
    const PersonProfile& owner = context.people->owner(review.owner);
    const Date planned = owner.today(review.created);
    const review::Cadence cadence = to_cadence(cadence_of(context.rules(), review));
    const review::Window following =
        review::window_after(review::begin_series(held_on), cadence, owner.calendar);
    if (held_on >= planned || following.latest >= today) {
        return {};
    }
    return fail(
        ErrorCode::usage,
        fmt::format(
            "{}: it was planned on {}, and the next one would be late since {}; {}",
            what,
            to_string(planned),
            to_string(following.latest),
            instead
        )
    );
}

Result<void> check_held_on(
    Context& context, const store::Review& review, Date held_on, Date today
) {
    if (held_on <= today) {
        return check_past_day(context, review, held_on, today);
    }
    return fail(
        ErrorCode::usage,
        fmt::format(
            "a review cannot have been held on {}, which is still to come: `review appoint` notes a "
            "day that was agreed",
            to_string(held_on)
        )
    );
}

Error unknown_review(ReviewId id) {
    return fail(ErrorCode::not_found, fmt::format("there is no review {}", id.value));
}

/// Midnight stands for no time, as programs that always send one write it.
std::optional<TimePoint> moment_of(
    const ReviewDesk::Appointment& appointment, const PersonProfile& owner
) {
    const auto time = appointment.local_time.value_or(std::chrono::minutes{0});
    return time.count() > 0 ? std::optional{owner.zone.moment(appointment.day, time)}
                            : std::nullopt;
}

/// Of the appointment that stands; empty: none does.
std::string agreed_text(const Context& context, ReviewId id) {
    const store::Review review = store::Reviews{context.database}.find(id).value();
    const auto agreed = agreement_of(review, context.people->owner(review.owner).zone);
    return agreed ? text_of(*agreed) : std::string{};
}

/// Nobody can have missed what is still to come.
Result<void> check_not_ahead(const Context& context, ReviewId id, TimePoint now) {
    const store::Review review = store::Reviews{context.database}.find(id).value();
    const PersonProfile& owner = context.people->owner(review.owner);
    const auto agreed = agreement_of(review, owner.zone);
    const bool is_ahead =
        agreed && (review.appointment ? *review.appointment > now : agreed->day > owner.today(now));
    return is_ahead ? fail(
               ErrorCode::usage,
               fmt::format(
                   "the appointment of {} is still to come: `review reschedule` gives the review "
                   "another day, `review skip` leaves it out",
                   text_of(*agreed)
               )
           )
                    : Result<void>{};
}

/// What was agreed meanwhile for the next review is not thrown away with it.
Result<void> check_nothing_agreed(const Context& context, const store::Review& next) {
    const PersonProfile& owner = context.people->owner(next.owner);
    const auto agreed = agreement_of(next, owner.zone);
    return agreed ? fail(
               ErrorCode::conflict,
               fmt::format(
                   "review {}, which follows, has an appointment on {}: `reviewctl review "
                   "reschedule review:{} DAY` calls that off first",
                   next.id.value,
                   text_of(*agreed),
                   next.id.value
               )
           )
                  : Result<void>{};
}

/// The clock runs from the account's last review: what came before it is over.
Result<void> check_closed_last(Context& context, const store::Review& review) {
    store::ReviewFilter filter;
    filter.account = review.account;
    filter.which = store::ReviewFilter::Which::closed;
    // Of one day the number decides, which no step of the clock changes: a review is made as the
    // one before it ends. Of merged accounts, which had two rows of them, the day does.
    const auto rank = [](const store::Review& one) {
        return std::pair{std::chrono::floor<std::chrono::days>(one.closed_at.value()), one.id};
    };
    const store::Review* last = &review;
    const std::vector<store::Review> closed = store::Reviews{context.database}.list(filter);
    for (const store::Review& one : closed) {
        if (one.state != store::ReviewState::cancelled && rank(one) > rank(*last)) {
            last = &one;
        }
    }
    if (last->id == review.id) {
        return {};
    }
    const Date day = context.people->owner(last->owner).today(last->closed_at.value());
    return fail(
        ErrorCode::conflict,
        fmt::format(
            "review {} was {} since, on {}: `reviewctl review reopen review:{}` opens that one "
            "first",
            last->id.value,
            last->held_on ? "held" : store::name(last->state),
            to_string(last->held_on.value_or(day)),
            last->id.value
        )
    );
}

/// What stood when the review was closed and is still to come stands again; who had agreed on a day
/// that is over was invited.
void resume(
    store::Review& review, store::ReviewState before, const PersonProfile& owner, Date today
) {
    review.state = before;
    const auto agreed = agreement_of(review, owner.zone);
    if (agreed && agreed->day < today) {
        review.state = store::ReviewState::invited;
    }
    if (review.state != store::ReviewState::appointment) {
        review.appointment.reset();
    }
    if (review.quiet_until && *review.quiet_until <= today) {
        review.quiet_until.reset();
    }
    settle_day(review, owner.zone);
}

/// The occasions that a person had put off when the review ended: by the skip that ended it, or
/// before it was held. A list stands in details as JSON.
constexpr std::string_view deferred_detail = "put_off";

void note_deferred(Details& details, const std::vector<std::string>& deferred) {
    if (!deferred.empty()) {
        const boost::json::array names(deferred.begin(), deferred.end());
        details.emplace_back(deferred_detail, boost::json::serialize(names));
    }
}

/// @param events of the review, oldest first
std::vector<std::string> deferred_at_end(const std::vector<store::ReviewEvent>& events) {
    const auto end = std::find_if(events.rbegin(), events.rend(), [](const auto& event) {
        return event.what == "done" || event.what == "skipped" || event.what == "missed";
    });
    std::vector<std::string> names;
    if (end == events.rend()) {
        return names;
    }
    const boost::json::value details = boost::json::parse(end->details);
    if (const auto* const told = details.as_object().if_contains(deferred_detail)) {
        const boost::json::value list = boost::json::parse(told->as_string());
        for (const boost::json::value& name : list.as_array()) {
            names.emplace_back(name.as_string());
        }
    }
    return names;
}

/// Whose the account is by now.
PersonId owner_now(Context& context, const store::Review& review) {
    store::Portfolio portfolio{context.database, context.rules().schema};
    const auto account = portfolio.account(review.account);
    return account && account->is_active ? account->owner : review.owner;
}

/// What is noted of a subsidiary's review; it tells later which ones these were.
std::string note_of_parent(ReviewId parent) {
    return fmt::format("held with the parent's review {}", parent.value);
}

/// What a person says of a day, and the day itself.
Result<void> check_day(
    const std::optional<DayProblem>& problem, const std::string& because, const PersonProfile& owner
) {
    return problem ? Result<void>{to_error(*problem, owner)} : check_text("reason", because);
}

} // namespace

ReviewDesk::ReviewDesk(
    Context& context, Rescorer& rescorer, OccasionWatch& watch, Scheduler& scheduler
)
    : context_(context), rescorer_(rescorer), watch_(watch), scheduler_(scheduler) {}

Result<store::Review> ReviewDesk::open_review(const ReviewRef& ref, review::Event event) const {
    std::optional<store::Review> review = store::Reviews{context_.database}.find(ref.id);
    if (!review) {
        return unknown_review(ref.id);
    }
    const Result<review::State> next = review::after(to_life(review->state), event);
    if (!next.has_value()) {
        return next.error();
    }
    if (ref.version && *ref.version != review->version) {
        return fail(
            ErrorCode::conflict,
            fmt::format(
                "review {} was changed meanwhile (version {}, you saw {}): look at it again",
                ref.id.value,
                review->version,
                *ref.version
            )
        );
    }
    review->state = to_store(*next);
    return std::move(*review);
}

Result<store::Review> ReviewDesk::save(
    store::Review review,
    const Change& change,
    Reminders reminders,
    const Actor& actor,
    TimePoint now
) {
    if (reminders == Reminders::cancel) {
        store::Outbox{context_.database}.cancel_review(
            review.id, store::Outbox::Ending::superseded, change.what, now
        );
    }
    set_next_step(context_, review, now); // what was cancelled before it was sent is still to say
    record_event(context_, review.id, actor, change.what, change.details, now);
    follow_appointment(context_, review, now);
    if (review.state == store::ReviewState::done) {
        tell_done(context_, review, now);
    } else if (change.event == review::Event::reschedule || change.event == review::Event::appoint) {
        tell_planned(context_, review, now);
    }
    store::Reviews reviews{context_.database};
    const Result<void> updated = reviews.update(review);
    if (!updated.has_value()) {
        return updated.error();
    }
    return reviews.find(review.id).value();
}

Result<store::Review> ReviewDesk::close(
    store::Review review,
    const Change& change,
    Scheduler::Following following,
    const Actor& actor,
    TimePoint now
) {
    review.closed_at = now;
    review.next_step.reset();
    const AccountId account = review.account;
    const Result<store::Review> closed =
        save(std::move(review), change, Reminders::cancel, actor, now);
    if (!closed.has_value()) {
        return closed;
    }
    const auto known = read_known(context_, account, context_.company_day(now));
    if (!known) { // not active any more: nothing follows
        rescorer_.score_one(account, store::LevelCause::facts, now);
        const Result<void> looked = watch_.look_at(account, now);
        return looked.has_value() ? closed : looked.error();
    }
    rescorer_.score_one(*known, store::LevelCause::facts, now);
    const Result<void> looked = watch_.look_at(*known, now);
    if (!looked.has_value()) {
        return looked.error();
    }
    return scheduler_.plan_next(*known, following, now);
}

Result<void> ReviewDesk::add_outcome(
    const store::Review& review, const Outcome& outcome, Date held_on
) {
    store::Outcomes outcomes{context_.database};
    for (const auto& [question, text] : outcome.answers) {
        const Result<cel::Value> value = read_answer(context_.configuration, question, text);
        if (!value.has_value()) {
            return value.error();
        }
        outcomes.add_answer(review.id, review.account, {question, *value, held_on});
    }
    if (!trim(outcome.recommendation).empty()) {
        const std::string name{config::recommendation_answer};
        const Result<cel::Value> value =
            read_answer(context_.configuration, name, outcome.recommendation);
        if (!value.has_value()) {
            return value.error();
        }
        outcomes.add_answer(review.id, review.account, {name, *value, held_on});
    }
    const Result<void> kept =
        keep_promises(context_, review.account, outcome.kept_promises, held_on, review.id);
    if (!kept.has_value()) {
        return kept;
    }
    const Result<void> promised = add_promise(outcomes, review, outcome, held_on);
    return promised.has_value() ? check_text("note", outcome.note) : promised;
}

Result<store::Review> ReviewDesk::close_done(
    store::Review review, const Outcome& outcome, const Actor& actor, TimePoint now
) {
    const Date today = context_.people->owner(review.owner).today(now);
    const Date held_on = outcome.held_on.value_or(today);
    const Result<void> checked = check_held_on(context_, review, held_on, today);
    if (!checked.has_value()) {
        return checked.error();
    }
    const Result<void> added = add_outcome(review, outcome, held_on);
    if (!added.has_value()) {
        return added.error();
    }
    review.held_on = held_on;
    review.note = outcome.note;
    const std::vector<std::string> deferred = watch_.deferred(review.account);
    const int answered = watch_.answer(review.account, held_on);
    Change change{
        review::Event::hold,
        "done",
        {{"held_on", to_string(held_on)},
         {"answers", std::to_string(outcome.answers.size())},
         {"occasions_answered", std::to_string(answered)},
         {"promise", outcome.promise},
         {"note", outcome.note}}};
    note_deferred(change.details, deferred);
    return close(std::move(review), change, Scheduler::Following::held, actor, now);
}

bool ReviewDesk::can_be_held_on(const store::Review& review, Date day, TimePoint now) const {
    const Date today = context_.people->owner(review.owner).today(now);
    return check_held_on(context_, review, day, today).has_value();
}

std::vector<store::Review> ReviewDesk::held_with(ReviewId parent) const {
    store::Reviews reviews{context_.database};
    std::vector<store::Review> held;
    const std::optional<store::Review> review = reviews.find(parent);
    if (!review) {
        return held;
    }
    const auto is_with = [&](const store::Review& one) {
        return one.state == store::ReviewState::done
               && (is_open(review->state) || one.closed_at == review->closed_at);
    };
    store::ReviewFilter filter;
    filter.which = store::ReviewFilter::Which::closed;
    store::Portfolio portfolio{context_.database, context_.rules().schema};
    for (const store::Account& subsidiary : portfolio.subsidiaries(review->account)) {
        filter.account = subsidiary.id;
        for (store::Review& one : reviews.list(filter)) {
            if (one.note == note_of_parent(parent) && is_with(one)) {
                held.push_back(std::move(one));
            }
        }
    }
    return held;
}

bool ReviewDesk::is_day_full(const store::Review& review) const {
    if (!review.owner) {
        return false;
    }
    auto there = store::Reviews{context_.database}.open_ids(review.owner, {review.due, review.due});
    std::erase(there, review.id);
    const int room = context_.people->owner(review.owner).capacity.per_day;
    return there.size() >= static_cast<std::size_t>(room);
}

Result<void> ReviewDesk::close_subsidiaries(
    const store::Review& review, Date held_on, const Actor& actor, TimePoint now
) {
    store::Portfolio portfolio{context_.database, context_.rules().schema};
    store::Reviews reviews{context_.database};
    for (const store::Account& subsidiary : portfolio.subsidiaries(review.account)) {
        std::optional<store::Review> open = reviews.open_of(subsidiary.id);
        if (!open) {
            continue;
        }
        // The parent's owner may be a day ahead of this one.
        const Date day = std::min(held_on, context_.people->owner(open->owner).today(now));
        if (!can_be_held_on(*open, day, now)) {
            continue; // what was held since is newer than this talk, or it is too long ago here
        }
        open->state = store::ReviewState::done;
        Outcome together;
        together.held_on = day;
        together.note = note_of_parent(review.id);
        const Result<store::Review> closed = close_done(std::move(*open), together, actor, now);
        if (!closed.has_value()) {
            return closed.error();
        }
    }
    return {};
}

Result<store::Review> ReviewDesk::done(
    const ReviewRef& id, const Outcome& outcome, const Actor& actor, TimePoint now
) {
    return store::write(context_.database, [&]() -> Result<store::Review> {
        const Result<store::Review> review = open_review(id, review::Event::hold);
        if (!review.has_value()) {
            return review;
        }
        Result<store::Review> next = close_done(*review, outcome, actor, now);
        if (next.has_value() && outcome.subsidiaries == Outcome::Subsidiaries::together) {
            const Date held_on = store::Reviews{context_.database}.find(id.id)->held_on.value();
            const Result<void> closed = close_subsidiaries(*review, held_on, actor, now);
            if (!closed.has_value()) {
                return closed.error();
            }
        }
        return next;
    });
}

Result<store::Review> ReviewDesk::missed(
    const ReviewRef& id, const std::string& because, const Actor& actor, TimePoint now
) {
    return store::write(context_.database, [&]() -> Result<store::Review> {
        Result<store::Review> review = open_review(id, review::Event::miss);
        if (!review.has_value()) {
            return review;
        }
        const Result<void> ahead = check_not_ahead(context_, id.id, now);
        const Result<void> checked = ahead.has_value() ? check_text("reason", because) : ahead;
        if (!checked.has_value()) {
            return checked.error();
        }
        review->note = because;
        const Change change{review::Event::miss, "missed", {{"because", because}}};
        return close(std::move(*review), change, Scheduler::Following::missed, actor, now);
    });
}

Result<store::Review> ReviewDesk::skip(
    const ReviewRef& id, const std::string& because, const Actor& actor, TimePoint now
) {
    return store::write(context_.database, [&]() -> Result<store::Review> {
        Result<store::Review> review = open_review(id, review::Event::skip);
        if (!review.has_value()) {
            return review;
        }
        const Result<void> checked = check_reason(because);
        if (!checked.has_value()) {
            return checked.error();
        }
        review->note = because;
        Change change{review::Event::skip, "skipped", {{"because", because}}};
        note_deferred(change.details, watch_.defer(review->account));
        return close(std::move(*review), change, Scheduler::Following::skipped, actor, now);
    });
}

Result<store::Review> ReviewDesk::attempt(
    const ReviewRef& id,
    const std::string& result,
    const std::string& note,
    const Actor& actor,
    TimePoint now
) {
    return store::write(context_.database, [&]() -> Result<store::Review> {
        Result<store::Review> review = open_review(id, review::Event::attempt);
        if (!review.has_value()) {
            return review;
        }
        const std::optional<int> days_to_next =
            next_try_days(context_.settings().reminders, result);
        if (!days_to_next) {
            return fail(
                ErrorCode::usage,
                fmt::format(
                    "an attempt ends with no-answer, hesitated or declined, not `{}`",
                    escape_controls(result)
                )
            );
        }
        const Result<void> checked = check_text("note", note);
        if (!checked.has_value()) {
            return checked.error();
        }
        const PersonProfile& owner = context_.people->owner(review->owner);
        const Date today = owner.today(now);
        store::Outcomes{context_.database}.add_attempt({id.id, today, result, actor.who, note});
        const SilenceLimits limits{owner, context_.settings().reminders.next_try, today};
        const Date next_try = next_try_day(*review, *days_to_next, limits);
        review->quiet_until = next_try; // the newest attempt knows best
        const Change change{
            review::Event::attempt,
            "attempt",
            {{"result", result}, {"note", note}, {"next_try", to_string(next_try)}}};
        return save(std::move(*review), change, Reminders::cancel, actor, now);
    });
}

Result<store::Review> ReviewDesk::invite(const ReviewRef& id, const Actor& actor, TimePoint now) {
    return store::write(context_.database, [&]() -> Result<store::Review> {
        Result<store::Review> review = open_review(id, review::Event::invite);
        if (!review.has_value()) {
            return review;
        }
        const Change change{review::Event::invite, "invited", {}};
        return save(std::move(*review), change, Reminders::keep, actor, now);
    });
}

Result<store::Review> ReviewDesk::appoint(
    const ReviewRef& id, const Appointment& appointment, const Actor& actor, TimePoint now
) {
    return store::write(context_.database, [&]() -> Result<store::Review> {
        Result<store::Review> review = open_review(id, review::Event::appoint);
        if (!review.has_value()) {
            return review;
        }
        const PersonProfile& owner = context_.people->owner(review->owner);
        const auto problem = find_problem_of_appointment(
            *review, appointment.day, appointment.because, owner.today(now)
        );
        const Result<void> checked = check_day(problem, appointment.because, owner);
        if (!checked.has_value()) {
            return checked.error();
        }
        const Details details{
            {"day", to_string(appointment.day)},
            {"before", to_string(review->due)},
            {"because", appointment.because}};
        if (appointment.day != review->due) {
            ++review->occurrence;
        }
        review->due = appointment.day;
        review->pulled_from.reset();
        review->quiet_until.reset();
        review->appointment = moment_of(appointment, owner);
        const Change change{review::Event::appoint, "appointment", details};
        return save(std::move(*review), change, Reminders::cancel, actor, now);
    });
}

Result<store::Review> ReviewDesk::snooze(
    const ReviewRef& id, Date until, const Actor& actor, TimePoint now
) {
    return store::write(context_.database, [&]() -> Result<store::Review> {
        Result<store::Review> review = open_review(id, review::Event::snooze);
        if (!review.has_value()) {
            return review;
        }
        const PersonProfile& owner = context_.people->owner(review->owner);
        const SilenceLimits limits{owner, context_.settings().reminders.next_try, owner.today(now)};
        if (const auto problem = find_problem_of_snooze(*review, until, limits)) {
            return to_error(*problem, owner);
        }
        review->quiet_until = until;
        const Change change{review::Event::snooze, "snoozed", {{"until", to_string(until)}}};
        return save(std::move(*review), change, Reminders::cancel, actor, now);
    });
}

Result<store::Review> ReviewDesk::reschedule(
    const ReviewRef& id, Date day, const std::string& because, const Actor& actor, TimePoint now
) {
    return store::write(context_.database, [&]() -> Result<store::Review> {
        Result<store::Review> review = open_review(id, review::Event::reschedule);
        if (!review.has_value()) {
            return review;
        }
        const PersonProfile& owner = context_.people->owner(review->owner);
        const std::string agreed = agreed_text(context_, id.id);
        const auto problem =
            find_problem_of_due_day(*review, day, because, owner, owner.today(now));
        const Result<void> checked = check_day(problem, because, owner);
        if (!checked.has_value()) {
            return checked.error();
        }
        Details details{
            {"from", to_string(review->due)}, {"to", to_string(day)}, {"because", because}};
        if (!agreed.empty()) {
            details.emplace_back("appointment_before", agreed);
        }
        review->due = day;
        review->is_chosen = true;
        review->pulled_from.reset();
        review->quiet_until.reset();
        review->appointment.reset();
        ++review->occurrence;
        static_cast<void>(watch_.defer(review->account));
        const Change change{review::Event::reschedule, "rescheduled", details};
        return save(std::move(*review), change, Reminders::cancel, actor, now);
    });
}

Details ReviewDesk::take_back(const store::Review& review) {
    const std::vector<std::string> deferred =
        deferred_at_end(store::Reviews{context_.database}.events(review.id));
    if (!review.held_on) {
        watch_.pull_again(review.account, deferred);
        return {};
    }
    watch_.reopen(review.account, *review.held_on, deferred);
    const auto taken = store::Outcomes{context_.database}.take_back(review.id);
    Details details{{"held_on", to_string(*review.held_on)}, {"note", review.note}};
    const auto tell = [&details](const char* what, const std::vector<std::string>& texts) {
        if (!texts.empty()) {
            details.emplace_back(what, fmt::format("{}", fmt::join(texts, "; ")));
        }
    };
    tell("answers", taken.answers);
    tell("promise", taken.promises);
    tell("kept", taken.kept);
    return details;
}

Result<store::Review> ReviewDesk::reopen(const ReviewRef& id, const Actor& actor, TimePoint now) {
    return store::write(context_.database, [&]() -> Result<store::Review> {
        Result<store::Review> review = open_review(id, review::Event::reopen);
        if (!review.has_value()) {
            return review;
        }
        store::Reviews reviews{context_.database};
        const Result<void> is_last = check_closed_last(context_, *reviews.find(id.id));
        if (!is_last.has_value()) {
            return is_last.error();
        }
        if (std::optional<store::Review> next = reviews.open_of(review->account)) {
            const Result<void> free = check_nothing_agreed(context_, *next);
            if (!free.has_value()) {
                return free.error();
            }
            next->state = store::ReviewState::cancelled;
            next->closed_at = now;
            const Change change{review::Event::cancel, "cancelled", {{"because", "reopened"}}};
            const auto cancelled = save(*next, change, Reminders::cancel, actor, now);
            if (!cancelled.has_value()) {
                return cancelled;
            }
        }
        Details details = take_back(*review);
        review->held_on.reset();
        review->note.clear();
        review->closed_at.reset();
        const PersonId before = review->owner;
        const PersonProfile& owner = context_.people->owner(owner_now(context_, *review));
        give_to(context_, *review, owner);
        resume(*review, state_before_end(reviews.events(review->id)), owner, owner.today(now));
        details.emplace_back("state", store::name(review->state));
        if (!review->quiet_until) { // whoever is silent about it was told: nothing begins anew
            ++review->occurrence;
        }
        set_next_step(context_, *review, now);
        const Result<void> opened = reviews.reopen(*review);
        if (!opened.has_value()) {
            return opened.error();
        }
        record_event(context_, review->id, actor, "reopened", details, now);
        if (review->owner != before) {
            const Details owners{
                {"from", key_of_owner(context_, before)},
                {"to", key_of_owner(context_, review->owner)}};
            record_event(context_, review->id, actor, "reassigned", owners, now);
        }
        follow_appointment(context_, *review, now);
        tell_planned(context_, *review, now);
        rescorer_.score_one(review->account, store::LevelCause::facts, now);
        const Result<void> looked = watch_.look_at(review->account, now);
        if (!looked.has_value()) {
            return looked.error();
        }
        return reviews.find(review->id).value();
    });
}

} // namespace reviewd::service
