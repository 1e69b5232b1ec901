#include "daemon/service/review_desk.hpp"

#include "daemon/store/outcomes.hpp"
#include "daemon/store/portfolio.hpp"
#include "daemon/store/transaction.hpp"
#include "scoring/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <set>

namespace reviewd::service {
namespace {

using std::chrono::days;

/// The next call after one that failed comes so many working days later.
constexpr int next_try_days = 2;

constexpr std::array<std::string_view, 3> attempt_results{"no-answer", "hesitated", "declined"};

Error unknown_review(ReviewId id) {
    return fail(ErrorCode::not_found, fmt::format("there is no review {}", id.value));
}

Error wrong_answer(
    const std::string& question, std::string_view expected, const std::string& found
) {
    return fail(
        ErrorCode::usage,
        fmt::format(
            "answer `{}`: expected {}, found `{}`", question, expected, escape_controls(found)
        )
    );
}

std::optional<bool> yes_or_no(const std::string& text) {
    for (const std::string_view yes : {"yes", "true", "1"}) {
        if (text == yes) {
            return true;
        }
    }
    for (const std::string_view no : {"no", "false", "0"}) {
        if (text == no) {
            return false;
        }
    }
    return std::nullopt;
}

std::optional<double> number(const std::string& text) {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool is_whole = error == std::errc{} && end == text.data() + text.size();
    return is_whole && std::isfinite(value) ? std::optional{value} : std::nullopt;
}

/// How the answers to a question are read.
enum class AnswerForm { text, scale, yes_no, number };

std::optional<AnswerForm> form_of(
    const config::Configuration& configuration, const std::string& id
) {
    for (const config::Question& question : configuration.agenda->questions) {
        if (question.id == id) {
            switch (question.kind) {
            case config::Question::Kind::text:
                return AnswerForm::text;
            case config::Question::Kind::scale:
                return AnswerForm::scale;
            case config::Question::Kind::yes_no:
                return AnswerForm::yes_no;
            }
        }
    }
    for (const rules::Fact& fact : configuration.rules->facts.facts) {
        const auto* answer = std::get_if<rules::AnswerFact>(&fact.form);
        if (answer != nullptr && answer->question == id) {
            const bool is_text = fact.type == rules::FactType::text;
            const bool is_boolean = fact.type == rules::FactType::boolean;
            return is_text      ? AnswerForm::text
                   : is_boolean ? AnswerForm::yes_no
                                : AnswerForm::number;
        }
    }
    return std::nullopt;
}

Error unknown_question(const config::Configuration& configuration, const std::string& id) {
    std::vector<std::string> known;
    for (const config::Question& question : configuration.agenda->questions) {
        known.push_back(question.id);
    }
    return fail(
        ErrorCode::usage,
        fmt::format("no question is called `{}` {}", escape_controls(id), did_you_mean(id, known))
    );
}

Result<cel::Value> read_answer(
    const config::Configuration& configuration, const std::string& id, const std::string& text
) {
    const std::optional<AnswerForm> form = form_of(configuration, id);
    if (!form) {
        return unknown_question(configuration, id);
    }
    switch (*form) {
    case AnswerForm::text:
        break;
    case AnswerForm::yes_no:
        if (const std::optional<bool> value = yes_or_no(text)) {
            return cel::Value::of(*value);
        }
        return wrong_answer(id, "yes or no", text);
    case AnswerForm::scale: {
        const std::optional<double> value = number(text);
        if (value && *value >= 0 && *value <= 10 && std::floor(*value) == *value) {
            return cel::Value::of(static_cast<std::int64_t>(*value));
        }
        return wrong_answer(id, "a whole number from 0 to 10", text);
    }
    case AnswerForm::number:
        if (const std::optional<double> value = number(text)) {
            return cel::Value::of(*value);
        }
        return wrong_answer(id, "a number", text);
    }
    constexpr std::size_t answer_bytes = 10'000;
    if (find_invalid_utf8(text) || text.size() > answer_bytes) {
        return wrong_answer(id, "at most 10,000 bytes of UTF-8", "something else");
    }
    return cel::Value::of(text);
}

Result<void> check_text(std::string_view what, const std::string& text) {
    constexpr std::size_t text_bytes = 10'000;
    if (find_invalid_utf8(text) || text.size() > text_bytes) {
        return fail(
            ErrorCode::usage, fmt::format("the {} has to be at most 10,000 bytes of UTF-8", what)
        );
    }
    return {};
}

Result<void> check_reason(const std::string& because) {
    if (trim(because).empty()) {
        return fail(ErrorCode::usage, "a reason is needed: say why (`--because \"…\"`)");
    }
    return check_text("reason", because);
}

} // namespace

ReviewDesk::ReviewDesk(Context& context, Rescorer& rescorer, Scheduler& scheduler)
    : context_(context), rescorer_(rescorer), scheduler_(scheduler) {}

Result<store::Review> ReviewDesk::open_review(ReviewId id, review::Event event) const {
    std::optional<store::Review> review = store::Reviews{context_.database}.find(id);
    if (!review) {
        return unknown_review(id);
    }
    const Result<review::State> next = review::after(to_life(review->state), event);
    if (!next.has_value()) {
        return next.error();
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
    record_event(context_, review.id, actor, change.what, change.details, now);
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
    rescorer_.score_one(account, store::LevelCause::facts, now);
    const Result<std::optional<store::Review>> next = scheduler_.plan_next(account, following, now);
    if (!next.has_value()) {
        return next.error();
    }
    return *next ? **next : *closed;
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
    std::set<std::int64_t> open;
    for (const store::Promise& promise : outcomes.open_promises(review.account)) {
        open.insert(promise.id);
    }
    for (const std::int64_t kept : outcome.kept_promises) {
        if (open.count(kept) == 0) {
            return fail(
                ErrorCode::not_found, fmt::format("the account has no open promise {}", kept)
            );
        }
        outcomes.keep_promise(kept, held_on);
    }
    if (!trim(outcome.promise).empty()) {
        const Result<void> checked = check_text("promise", outcome.promise);
        if (!checked.has_value()) {
            return checked;
        }
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
    return check_text("note", outcome.note);
}

Result<store::Review> ReviewDesk::done(
    ReviewId id, const Outcome& outcome, const Actor& actor, TimePoint now
) {
    return store::write(context_.database, [&]() -> Result<store::Review> {
        Result<store::Review> review = open_review(id, review::Event::hold);
        if (!review.has_value()) {
            return review;
        }
        const Date today = context_.people->owner(review->owner).today(now);
        const Date held_on = outcome.held_on.value_or(today);
        if (held_on > today) {
            return fail(
                ErrorCode::usage,
                fmt::format(
                    "a review cannot have been held on {}, which is still to come: `review "
                    "appoint` notes a day that was agreed",
                    to_string(held_on)
                )
            );
        }
        const Result<void> added = add_outcome(*review, outcome, held_on);
        if (!added.has_value()) {
            return added.error();
        }
        review->held_on = held_on;
        review->note = outcome.note;
        const Change change{
            review::Event::hold,
            "done",
            {{"held_on", to_string(held_on)},
             {"answers", std::to_string(outcome.answers.size())},
             {"promise", outcome.promise}}};
        return close(std::move(*review), change, Scheduler::Following::held, actor, now);
    });
}

Result<store::Review> ReviewDesk::missed(
    ReviewId id, const std::string& because, const Actor& actor, TimePoint now
) {
    return store::write(context_.database, [&]() -> Result<store::Review> {
        Result<store::Review> review = open_review(id, review::Event::miss);
        if (!review.has_value()) {
            return review;
        }
        const Result<void> checked = check_text("reason", because);
        if (!checked.has_value()) {
            return checked.error();
        }
        review->note = because;
        const Change change{review::Event::miss, "missed", {{"because", because}}};
        return close(std::move(*review), change, Scheduler::Following::missed, actor, now);
    });
}

Result<store::Review> ReviewDesk::skip(
    ReviewId id, const std::string& because, const Actor& actor, TimePoint now
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
        const Change change{review::Event::skip, "skipped", {{"because", because}}};
        return close(std::move(*review), change, Scheduler::Following::skipped, actor, now);
    });
}

Result<store::Review> ReviewDesk::attempt(
    ReviewId id,
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
        if (std::find(attempt_results.begin(), attempt_results.end(), result)
            == attempt_results.end()) {
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
        store::Outcomes{context_.database}.add_attempt({id, today, result, actor.who, note});
        const Date next_try = owner.calendar.add_working_days(today, next_try_days);
        review->next_step = std::max(review->next_step.value_or(next_try), next_try);
        const Change change{
            review::Event::attempt,
            "attempt",
            {{"result", result}, {"note", note}, {"next_try", to_string(next_try)}}};
        return save(std::move(*review), change, Reminders::cancel, actor, now);
    });
}

Result<store::Review> ReviewDesk::invite(ReviewId id, const Actor& actor, TimePoint now) {
    return store::write(context_.database, [&]() -> Result<store::Review> {
        Result<store::Review> review = open_review(id, review::Event::invite);
        if (!review.has_value()) {
            return review;
        }
        set_next_step(context_, *review, now);
        const Change change{review::Event::invite, "invited", {}};
        return save(std::move(*review), change, Reminders::keep, actor, now);
    });
}

Result<store::Review> ReviewDesk::appoint(
    ReviewId id, const Appointment& appointment, const Actor& actor, TimePoint now
) {
    return store::write(context_.database, [&]() -> Result<store::Review> {
        Result<store::Review> review = open_review(id, review::Event::appoint);
        if (!review.has_value()) {
            return review;
        }
        const PersonProfile& owner = context_.people->owner(review->owner);
        if (appointment.day < owner.today(now)) {
            return fail(
                ErrorCode::usage,
                fmt::format("{} is over: an appointment is to come", to_string(appointment.day))
            );
        }
        const Details details{
            {"day", to_string(appointment.day)}, {"before", to_string(review->due)}};
        if (appointment.day != review->due) {
            ++review->occurrence;
        }
        review->due = appointment.day;
        review->appointment = owner.zone.moment(
            appointment.day, appointment.local_time.value_or(std::chrono::minutes{0})
        );
        set_next_step(context_, *review, now);
        const Change change{review::Event::appoint, "appointment", details};
        return save(std::move(*review), change, Reminders::cancel, actor, now);
    });
}

Result<store::Review> ReviewDesk::snooze(
    ReviewId id, Date until, const Actor& actor, TimePoint now
) {
    return store::write(context_.database, [&]() -> Result<store::Review> {
        Result<store::Review> review = open_review(id, review::Event::snooze);
        if (!review.has_value()) {
            return review;
        }
        const Date today = context_.people->owner(review->owner).today(now);
        if (until <= today) {
            return fail(
                ErrorCode::usage,
                fmt::format("snooze until a day after today ({})", to_string(today))
            );
        }
        if (until > std::max(review->latest, today + days{28})) {
            return fail(
                ErrorCode::usage,
                fmt::format(
                    "{} is beyond the review's latest day ({}): use `review reschedule`, which "
                    "asks for a reason",
                    to_string(until),
                    to_string(review->latest)
                )
            );
        }
        review->next_step = until;
        const Change change{review::Event::snooze, "snoozed", {{"until", to_string(until)}}};
        return save(std::move(*review), change, Reminders::cancel, actor, now);
    });
}

Result<store::Review> ReviewDesk::reschedule(
    ReviewId id, Date day, const std::string& because, const Actor& actor, TimePoint now
) {
    return store::write(context_.database, [&]() -> Result<store::Review> {
        Result<store::Review> review = open_review(id, review::Event::reschedule);
        if (!review.has_value()) {
            return review;
        }
        const PersonProfile& owner = context_.people->owner(review->owner);
        if (day < owner.today(now)) {
            return fail(ErrorCode::usage, fmt::format("{} is over", to_string(day)));
        }
        if (!owner.calendar.is_working(day)) {
            return fail(
                ErrorCode::usage,
                fmt::format(
                    "{} is no working day of {}; the next one is {}",
                    to_string(day),
                    escape_controls(owner.name),
                    to_string(owner.calendar.next_working(day))
                )
            );
        }
        if (day > review->latest) {
            const Result<void> checked = check_reason(because);
            if (!checked.has_value()) {
                return fail(
                    ErrorCode::usage,
                    fmt::format(
                        "{} is beyond the latest day ({}), which needs a reason",
                        to_string(day),
                        to_string(review->latest)
                    )
                );
            }
        }
        const Details details{
            {"from", to_string(review->due)}, {"to", to_string(day)}, {"because", because}};
        review->due = day;
        review->appointment.reset();
        ++review->occurrence;
        set_next_step(context_, *review, now);
        const Change change{review::Event::reschedule, "rescheduled", details};
        return save(std::move(*review), change, Reminders::cancel, actor, now);
    });
}

Result<store::Review> ReviewDesk::reopen(ReviewId id, const Actor& actor, TimePoint now) {
    return store::write(context_.database, [&]() -> Result<store::Review> {
        Result<store::Review> review = open_review(id, review::Event::reopen);
        if (!review.has_value()) {
            return review;
        }
        store::Reviews reviews{context_.database};
        if (std::optional<store::Review> next = reviews.open_of(review->account)) {
            next->state = store::ReviewState::cancelled;
            next->closed_at = now;
            next->next_step.reset();
            const Change change{review::Event::cancel, "cancelled", {{"because", "reopened"}}};
            const auto cancelled = save(*next, change, Reminders::cancel, actor, now);
            if (!cancelled.has_value()) {
                return cancelled;
            }
        }
        // What was answered stays known; the review itself is to be held again.
        review->held_on.reset();
        review->closed_at.reset();
        review->appointment.reset();
        const PersonProfile& owner = context_.people->owner(review->owner);
        review->due = std::max(review->due, owner.calendar.next_working(owner.today(now)));
        ++review->occurrence;
        set_next_step(context_, *review, now);
        const Result<void> opened = reviews.reopen(*review);
        if (!opened.has_value()) {
            return opened.error();
        }
        record_event(context_, review->id, actor, "reopened", {}, now);
        return reviews.find(review->id).value();
    });
}

} // namespace reviewd::service
