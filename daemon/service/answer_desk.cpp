#include "daemon/service/answer_desk.hpp"

#include "daemon/service/account_story.hpp"
#include "daemon/service/day_choice.hpp"
#include "daemon/service/digest_maker.hpp"
#include "daemon/service/recipients.hpp"
#include "daemon/service/review_changes.hpp"
#include "daemon/store/outbox.hpp"
#include "daemon/store/outcomes.hpp"
#include "daemon/store/portfolio.hpp"
#include "daemon/store/transaction.hpp"
#include "scoring/base/text.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <set>
#include <system_error>

namespace reviewd::service {
namespace {

using message::AnswerPage;
using message::FormMistake;
using std::chrono::days;

constexpr std::string_view answer_prefix = "answer.";
constexpr std::string_view kept_prefix = "kept.";
/// Older ones come up when these are kept; nobody keeps as many at once.
constexpr std::size_t most_promises = 12;
constexpr int silent_days = 5; ///< working days after "not mine", at most

constexpr int status_good = 200;
constexpr int status_forbidden = 403;
constexpr int status_gone = 410;
constexpr int status_unprocessable = 422;
constexpr int status_unavailable = 503;

std::string field(const std::map<std::string, std::string>& form, const std::string& name) {
    const auto found = form.find(name);
    return found == form.end() ? std::string{} : found->second;
}

/// The fields that an action takes beside `action` and `version`.
const std::set<std::string>* fields_of(const std::string& action) {
    static const std::map<std::string, std::set<std::string>> table{
        {"done", {"note", "promise", "held_on"}},
        {"spoke", {"note", "held_on"}},
        {"attempt", {"note", "result"}},
        {"snooze", {"until"}},
        {"reschedule", {"day", "because"}},
        {"not-mine", {"note"}},
    };
    const auto found = table.find(action);
    return found == table.end() ? nullptr : &found->second;
}

/// The field with the day that the form names; empty: it names none. A page from before there was
/// one, or of a customer's own template, says "done" without a day: that is today.
std::string day_field_of(const std::map<std::string, std::string>& form) {
    const std::string action = field(form, "action");
    if (action == "spoke" || (action == "done" && form.count("held_on") > 0)) {
        return "held_on";
    }
    if (action == "snooze") {
        return "until";
    }
    return action == "reschedule" ? "day" : "";
}

/// What is wrong with the form as such, whatever the review.
std::optional<FormMistake> find_mistake_in(const std::map<std::string, std::string>& form) {
    const std::string action = field(form, "action");
    const std::set<std::string>* known = fields_of(action);
    if (known == nullptr) {
        return FormMistake{FormMistake::Kind::nothing_chosen};
    }
    for (const auto& [name, value] : form) {
        const bool is_listed = name.starts_with(answer_prefix) || name.starts_with(kept_prefix);
        const bool is_known = known->count(name) > 0 || name == "action" || name == "version";
        if (!is_known && !(is_listed && action == "done")) {
            return FormMistake{FormMistake::Kind::foreign_field};
        }
        if (find_invalid_utf8(value)) {
            return FormMistake{FormMistake::Kind::no_text};
        }
    }
    return std::nullopt;
}

/// The promises that the form says are kept; what is no number of one is 0, which none has.
std::vector<std::int64_t> kept_in(const std::map<std::string, std::string>& form) {
    std::vector<std::int64_t> kept;
    for (auto at = form.lower_bound(std::string{kept_prefix});
         at != form.end() && at->first.starts_with(kept_prefix);
         ++at) {
        const std::string_view text = std::string_view{at->first}.substr(kept_prefix.size());
        std::int64_t id = 0;
        const auto read = std::from_chars(text.data(), text.data() + text.size(), id);
        kept.push_back(read.ec == std::errc{} && read.ptr == text.data() + text.size() ? id : 0);
    }
    return kept;
}

/// Whether the form says of a promise that it is kept which is not open, or of another account.
bool has_foreign_promise(
    Context& context, AccountId account, const std::map<std::string, std::string>& form
) {
    const auto open = store::Outcomes{context.database}.open_promises(account);
    const std::vector<std::int64_t> kept = kept_in(form);
    return std::any_of(kept.begin(), kept.end(), [&](std::int64_t id) {
        return std::none_of(open.begin(), open.end(), [&](const store::Promise& promise) {
            return promise.id == id;
        });
    });
}

FormMistake to_mistake(const DayProblem& problem) {
    const auto kind = [&] {
        using Kind = FormMistake::Kind;
        switch (problem.kind) {
        case DayProblem::Kind::over:
            return Kind::due_day_over;
        case DayProblem::Kind::no_working_day:
            return Kind::due_day_free;
        case DayProblem::Kind::too_far:
            return Kind::due_day_too_far;
        case DayProblem::Kind::needs_a_reason:
            return Kind::due_day_without_reason;
        case DayProblem::Kind::not_after_today:
            return Kind::reminder_day_over;
        case DayProblem::Kind::beyond_snoozing:
        case DayProblem::Kind::beyond_appointment:
            break;
        }
        return Kind::reminder_day_late;
    };
    return {kind(), problem.day, problem.limit};
}

/// The page shows again what was entered, so that nothing has to be written twice.
void keep_entered(AnswerPage& page, const std::map<std::string, std::string>& form) {
    const auto entered = [&](const std::string& name) {
        std::string value = field(form, name);
        return find_invalid_utf8(value) ? std::string{} : value;
    };
    page.open = entered("action");
    page.note = entered("note");
    page.promise = entered("promise");
    page.because = entered("because");
    page.chosen_day = entered(day_field_of(form));
    for (message::AnswerField& each : page.fields) {
        each.value = entered(std::string{answer_prefix} + each.id);
    }
    for (message::OpenPromise& promise : page.promises) {
        promise.is_kept = form.count(fmt::format("{}{}", kept_prefix, promise.id)) > 0;
    }
}

/// The last thing that a person did with the review.
std::optional<store::ReviewEvent> last_act(Context& context, ReviewId review) {
    const auto events = store::Reviews{context.database}.events(review);
    const auto found = std::find_if(events.rbegin(), events.rend(), [](const auto& event) {
        return event.who != Actor{}.who;
    });
    return found == events.rend() ? std::nullopt : std::optional{*found};
}

} // namespace

LinkStanding AnswerDesk::standing(
    const store::LinkGrant& grant, const store::Review& review, TimePoint now
) const {
    if (grant.expires <= now) {
        return LinkStanding::expired;
    }
    if (!may_answer(*context_.people, review, grant.person)) {
        return LinkStanding::not_yours;
    }
    if (!is_open(review.state)) {
        return LinkStanding::closed;
    }
    return LinkStanding::usable; // also of a review that has another day by now: the page says so
}

Answer AnswerDesk::refuse(AnswerPage::Kind kind, int status, std::string_view language) const {
    Answer answer;
    answer.status = status;
    answer.page.kind = kind;
    answer.page.habits = message::habits_of(language, *context_.templates);
    answer.page.company = context_.settings().company.name;
    return answer;
}

std::optional<std::string> AnswerDesk::language_of(PersonId person) const {
    const PersonProfile* profile = person ? context_.people->find(person) : nullptr;
    return profile == nullptr ? std::nullopt : std::optional{profile->language};
}

AnswerPage AnswerDesk::page_of(
    const store::Review& review, const PersonProfile& reader, TimePoint now
) {
    AnswerPage page;
    page.habits = message::habits_of(reader.language, *context_.templates);
    page.company = context_.settings().company.name;
    page.today = reader.today(now);
    page.owners_today = context_.people->owner(review.owner).today(now);
    std::vector<std::string> problems;
    page.item = make_item(context_, reader, review, page.today, problems);
    return page;
}

void AnswerDesk::add_form(
    AnswerPage& page, const store::Review& review, const PersonProfile& reader, TimePoint now
) {
    page.kind = AnswerPage::Kind::form;
    page.version = review.version;
    Storyteller stories{context_, page.today};
    const std::vector<AccountId> accounts{review.account};
    for (const AccountStory& story : stories.tell(accounts)) {
        for (const AskedQuestion& asked : stories.questions(story, reader.language)) {
            using Kind = config::Question::Kind;
            using FieldKind = message::AnswerField::Kind;
            const Kind kind = asked.question->kind;
            const FieldKind shown_kind = kind == Kind::scale    ? FieldKind::scale
                                         : kind == Kind::yes_no ? FieldKind::yes_no
                                                                : FieldKind::text;
            page.fields.push_back(
                {asked.question->id, asked.text, shown_kind, asked.would_change_level, {}}
            );
        }
    }
    for (const store::Promise& promise :
         store::Outcomes{context_.database}.open_promises(review.account)) {
        if (page.promises.size() < most_promises) {
            page.promises.push_back({promise.id, promise.text, promise.made_on, promise.due});
        }
    }
    page.is_owners = reader.id == review.owner;
    const auto managers = context_.people->managers_of(review.owner);
    page.manager = managers.empty() ? std::string{} : managers.front()->called;
    page.needs_reason = review.latest < page.owners_today;
    page.free_review = in_language(context_.configuration.agenda->free_review, reader.language);
    const PersonProfile& owner = context_.people->owner(review.owner);
    const Date today = owner.today(now);
    const SilenceLimits limits{owner, context_.settings().reminders.next_try, today};
    const Date last = last_snooze_day(review, limits);
    for (const int ahead : {1, 3, 5, 10}) {
        const Date day = owner.calendar.add_working_days(today, ahead);
        if (day <= last) {
            page.snoozes.push_back(day);
        }
    }
}

Answer AnswerDesk::show(const store::LinkGrant& grant, TimePoint now) {
    const std::optional<store::Review> review =
        store::Reviews{context_.database}.find(grant.review);
    const PersonProfile* reader = context_.people->find(grant.person);
    if (!review || reader == nullptr) {
        const std::string& language =
            reader == nullptr ? context_.settings().company.language : reader->language;
        return refuse(AnswerPage::Kind::unknown, status_gone, language);
    }
    const LinkStanding stands = standing(grant, *review, now);
    if (stands == LinkStanding::expired) {
        return refuse(AnswerPage::Kind::expired, status_gone, reader->language);
    }
    if (stands == LinkStanding::not_yours) {
        return refuse(AnswerPage::Kind::not_yours, status_forbidden, reader->language);
    }
    Answer answer{status_good, page_of(*review, *reader, now)};
    AnswerPage& page = answer.page;
    if (const auto act = last_act(context_, review->id)) {
        const Date day = reader->today(act->at);
        page.changed_what = message::event_text(act->what, day, page.today, page.habits);
        const auto valid =
            days{context_.settings().links ? context_.settings().links->valid_days : 0};
        page.is_older_than_review =
            review->version != grant.review_version && act->at > grant.expires - valid;
    }
    if (stands == LinkStanding::closed) {
        page.kind = AnswerPage::Kind::closed;
        const auto next = store::Reviews{context_.database}.open_of(review->account);
        page.next_day = next ? std::optional{next->due} : std::nullopt;
    } else {
        add_form(page, *review, *reader, now);
    }
    return answer;
}

Result<store::Review> AnswerDesk::hold(
    ReviewId review, const Form& form, const Actor& actor, TimePoint now
) {
    Outcome outcome;
    outcome.note = field(form, "note");
    outcome.promise = field(form, "promise");
    if (day_field_of(form) == "held_on") {
        outcome.held_on = parse_date(field(form, "held_on")).value();
    }
    outcome.kept_promises = kept_in(form);
    for (const auto& [name, value] : form) {
        if (name.starts_with(answer_prefix) && !trim(value).empty()) {
            outcome.answers.emplace(name.substr(answer_prefix.size()), value);
        }
    }
    return reviews_.done(review, outcome, actor, now);
}

void AnswerDesk::tell_manager(
    const store::Review& review, const std::string& note, const Actor& actor, TimePoint now
) {
    const PersonProfile& manager = *context_.people->managers_of(review.owner).front();
    store::Portfolio portfolio{context_.database, context_.rules().schema};
    const auto account = portfolio.account(review.account);
    const PersonProfile* who = context_.people->find(actor.who);
    store::NoticePlan plan;
    plan.kind = "notice";
    plan.content = boost::json::serialize(boost::json::object{
        {"what", "not-mine"},
        {"account", account ? account->name : std::string{}},
        {"owner", who == nullptr ? actor.who : who->called},
        {"note", note},
        {"review", std::to_string(review.id.value)},
        {"quiet_until", to_string(review.quiet_until.value())}});
    plan.person = manager.id;
    plan.not_before = review::next_opening(manager.attention(), now);
    plan.expires_at = plan.not_before + context_.settings().retry.give_up_after;
    for (const std::string& channel : manager.channels) {
        plan.channel = channel;
        plan.dedupe = fmt::format(
            "not-mine/{}/{}/{}/{}", review.id.value, review.version, manager.id.value, channel
        );
        store::Outbox{context_.database}.plan_notice(plan, now);
    }
}

void AnswerDesk::silence(store::Review& review, TimePoint now) {
    const PersonProfile& owner = context_.people->owner(review.owner);
    const Date today = owner.today(now);
    const SilenceLimits limits{owner, context_.settings().reminders.next_try, today};
    const Date quiet = std::min(
        owner.calendar.add_working_days(today, silent_days), last_silent_day(review, limits)
    );
    review.quiet_until = std::max(review.quiet_until.value_or(quiet), quiet);
    store::Outbox{context_.database}.cancel_review(
        review.id, store::Outbox::Ending::superseded, "not mine", now
    );
}

Result<store::Review> AnswerDesk::not_mine(
    ReviewId id, const std::string& note, const Actor& actor, TimePoint now
) {
    return store::write(context_.database, [&]() -> Result<store::Review> {
        store::Reviews reviews{context_.database};
        std::optional<store::Review> review = reviews.find(id);
        if (!review || !is_open(review->state)) {
            return fail(ErrorCode::conflict, "the review is closed already");
        }
        // Where nobody decides who takes it, silence would only lose it.
        const bool has_manager = !context_.people->managers_of(review->owner).empty();
        if (has_manager) {
            silence(*review, now);
        }
        record_event(context_, id, actor, "not-mine", {{"note", note}}, now);
        set_next_step(context_, *review, now);
        const Result<void> updated = reviews.update(*review);
        if (!updated.has_value()) {
            return updated.error();
        }
        if (has_manager) {
            tell_manager(*review, note, actor, now);
        }
        return reviews.find(id).value();
    });
}

std::optional<FormMistake> AnswerDesk::find_mistake(
    const store::LinkGrant& grant, const Form& form, TimePoint now
) const {
    if (const auto mistake = find_mistake_in(form)) {
        return mistake;
    }
    using Kind = FormMistake::Kind;
    const store::Review review = store::Reviews{context_.database}.find(grant.review).value();
    if (has_foreign_promise(context_, review.account, form)) {
        return FormMistake{Kind::foreign_field};
    }
    const PersonProfile& owner = context_.people->owner(review.owner);
    if (field(form, "action") == "not-mine" && owner.id != grant.person) {
        return FormMistake{Kind::nothing_chosen}; // it is nobody's who answers in their place
    }
    const std::string day_field = day_field_of(form);
    if (day_field.empty()) {
        return std::nullopt;
    }
    const bool is_held = day_field == "held_on";
    const bool is_snooze = day_field == "until";
    const Result<Date> day = parse_date(field(form, day_field));
    if (!day.has_value()) {
        return FormMistake{
            is_held     ? Kind::held_day_missing
            : is_snooze ? Kind::reminder_day_missing
                        : Kind::due_day_missing};
    }
    if (is_held) {
        if (reviews_.can_be_held_on(review, *day, now)) {
            return std::nullopt;
        }
        const auto last = store::Reviews{context_.database}.last_held_on(review.account);
        return FormMistake{last == *day ? Kind::held_day_taken : Kind::held_day_impossible, *day};
    }
    const Date today = owner.today(now);
    const auto problem =
        is_snooze ? find_problem_of_snooze(
            review, *day, {owner, context_.settings().reminders.next_try, today}
        )
                  : find_problem_of_due_day(review, *day, field(form, "because"), owner, today);
    return problem ? std::optional{to_mistake(*problem)} : std::nullopt;
}

/// @pre find_mistake() found nothing
Result<store::Review> AnswerDesk::perform(
    const store::LinkGrant& grant, const Form& form, const Actor& actor, TimePoint now
) {
    const std::string action = field(form, "action");
    const auto day_of = [&](const char* name) {
        return parse_date(field(form, name)).value();
    };
    if (action == "attempt") {
        return reviews_.attempt(
            grant.review, field(form, "result"), field(form, "note"), actor, now
        );
    }
    if (action == "snooze") {
        return reviews_.snooze(grant.review, day_of("until"), actor, now);
    }
    if (action == "reschedule") {
        return reviews_.reschedule(grant.review, day_of("day"), field(form, "because"), actor, now);
    }
    if (action == "not-mine") {
        return not_mine(grant.review, field(form, "note"), actor, now);
    }
    return hold(grant.review, form, actor, now);
}

Answer AnswerDesk::act(const store::LinkGrant& grant, const Form& form, TimePoint now) {
    Answer answer = show(grant, now);
    AnswerPage& page = answer.page;
    if (page.kind != AnswerPage::Kind::form) {
        return answer;
    }
    const std::string action = field(form, "action");
    keep_entered(page, form);
    if (const auto mistake = find_mistake(grant, form, now)) {
        answer.status = status_unprocessable;
        page.problem = message::mistake_text(*mistake, page.today, page.habits);
        return answer;
    }
    if (field(form, "version") != std::to_string(page.version)) {
        page.was_changed_since = true;
        return answer;
    }
    const PersonProfile* reader = context_.people->find(grant.person);
    const Actor actor{reader->key, "link"};
    const Result<store::Review> done = perform(grant, form, actor, now);
    if (!done.has_value()) {
        const ErrorCode code = done.error().code;
        const bool is_theirs = code == ErrorCode::usage || code == ErrorCode::bad_data;
        answer.status = is_theirs ? status_unprocessable : status_unavailable;
        page.problem = is_theirs ? message::unusual_mistake_text(done.error().message, page.habits)
                                 : std::string{};
        page.kind = is_theirs ? AnswerPage::Kind::form : AnswerPage::Kind::busy;
        return answer;
    }
    page.kind = AnswerPage::Kind::recorded;
    page.action = action == "spoke" ? "done" : action;
    const bool is_about_due = action == "reschedule" || page.action == "done";
    const bool is_silent = action == "attempt" || action == "snooze";
    page.next_day = is_about_due ? done->due : is_silent ? done->quiet_until : done->next_step;
    return answer;
}

std::string AnswerDesk::html_of(const Answer& answer) {
    std::vector<std::string> problems;
    std::string html = message::render_page(answer.page, *context_.templates, problems);
    for (const std::string& problem : problems) {
        context_.note(LogEvent::message_template, escape_controls(problem));
    }
    return html;
}

} // namespace reviewd::service
