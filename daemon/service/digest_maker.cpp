#include "daemon/service/digest_maker.hpp"

#include "daemon/message/reasons.hpp"
#include "daemon/message/view.hpp"
#include "daemon/review/steps.hpp"
#include "daemon/service/account_story.hpp"
#include "daemon/service/agreement.hpp"
#include "daemon/service/occasion_words.hpp"
#include "daemon/service/review_changes.hpp"
#include "daemon/service/stand_ins.hpp"
#include "daemon/service/standing_in.hpp"
#include "daemon/store/occasions.hpp"
#include "daemon/store/outcomes.hpp"
#include "daemon/store/portfolio.hpp"
#include "daemon/store/scores.hpp"
#include "daemon/store/sources.hpp"
#include "scoring/base/counted.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

namespace reviewd::service {
namespace {

using message::Section;
using std::chrono::days;

constexpr std::size_t questions_shown = 3;
constexpr std::size_t promises_shown = 5;
/// Nobody reads more, and a message has to stay one that every receiver takes.
constexpr std::size_t most_items = 300;

bool is_for_promise(const RemindedReview& one) {
    return review::find_step(one.reminder.key.step) == review::Step::promise;
}

Section section_of(const RemindedReview& one, Date today) {
    const auto step = review::find_step(one.reminder.key.step);
    if (step == review::Step::escalation) {
        return Section::escalated;
    }
    const bool wants_contact = step == review::Step::trigger || step == review::Step::deadline;
    const bool is_called = wants_contact || step == review::Step::promise;
    if (is_called && one.review.due >= today) {
        // Something wants contact now, or did by a day that is over, whenever the owner is back.
        const bool is_over = wants_contact && one.review.latest < today;
        return is_over ? Section::late : Section::today;
    }
    if (one.review.due < today) {
        return Section::late;
    }
    if (one.review.due == today) {
        return Section::today;
    }
    return step == review::Step::invite ? Section::invite : Section::week;
}

/// By the owner's clock, by which it was agreed; whoever stands in for the owner may have another.
std::optional<message::Appointment> appointment_of(
    const store::Review& review, const PersonProfile& owner, const PersonProfile& reader
) {
    const std::optional<Agreement> agreed = agreement_of(review, owner.zone);
    if (!agreed) {
        return std::nullopt;
    }
    message::Appointment appointment;
    appointment.day = agreed->day;
    appointment.time = agreed->time;
    appointment.zone = owner.zone.name();
    appointment.is_readers_zone = appointment.zone == reader.zone.name();
    return appointment;
}

/// The minute of today's appointment; after all of them for what has none.
std::chrono::minutes agreed_time(const message::Item& item, Date today) {
    const bool is_agreed =
        item.section == Section::today && item.appointment && item.appointment->day == today;
    return is_agreed ? item.appointment->time.value_or(std::chrono::minutes::max())
                     : std::chrono::minutes::max();
}

/// Fills the items of one digest.
class ItemMaker {
public:
    ItemMaker(
        const Context& context,
        const PersonProfile& reader,
        const message::Habits& habits,
        Date today,
        std::vector<std::string>& problems
    )
        : context_(context),
          reader_(reader),
          habits_(habits),
          today_(today),
          problems_(problems),
          stories_(context, today),
          portfolio_(context.database, context.rules().schema) {}

    void learn(const std::vector<RemindedReview>& reminded) {
        std::set<AccountId> accounts;
        for (const RemindedReview& one : reminded) {
            accounts.insert(one.review.account);
        }
        const std::vector<AccountId> ids(accounts.begin(), accounts.end());
        for (AccountStory& story : stories_.tell(ids)) {
            known_.emplace(story.id, std::move(story));
        }
    }

    [[nodiscard]] message::Item make(const RemindedReview& one) {
        message::Item item;
        item.section = section_of(one, today_);
        item.is_promise =
            is_for_promise(one) && item.section == Section::today && one.review.due > today_;
        item.reminder_id = to_string(one.reminder.key);
        item.review_id = one.review.id.value;
        item.due = one.review.due;
        item.latest = one.review.latest;
        const PersonProfile& owner = context_.people->owner(one.review.owner);
        item.appointment = appointment_of(one.review, owner, reader_);
        const auto known = known_.find(one.review.account);
        const AccountStory* const story = known == known_.end() ? nullptr : &known->second;
        add_name(item, one.review.account, story);
        if (item.section == Section::escalated) {
            const std::optional<StandIn> by = stand_in_of(context_, one.review, today_);
            item.owner = by ? context_.people->owner(by->person).called : owner.called;
            item.away_owner = by ? owner.called : std::string{};
        } else if (one.review.owner != reader_.id) {
            item.away_owner = owner.called;
        }
        item.causes = causes_of(one.review);
        add_promises(item, one.review, owner);
        add_contact(item, one.review.account);
        add_history(item, one.review, story);
        if (story != nullptr) {
            add_story(item, *story);
        }
        return item;
    }

private:
    /// What set off triggers, in the reader's words; nothing for a periodic review.
    [[nodiscard]] std::vector<message::Cause> causes_of(const store::Review& review) {
        std::vector<message::Cause> causes;
        if (review.reasons == "[]") {
            return causes;
        }
        const auto show_day = [&](Date day) {
            return message::show_date(day, today_, habits_);
        };
        auto live = store::Occasions{context_.database}.live(review.account);
        const People& people = *context_.people;
        most_urgent_first(context_.rules(), people, people.owner(review.owner), live);
        for (const store::Occasion& occasion : live) {
            if (is_pending(occasion.state)) {
                causes.push_back(cause_of(context_, occasion, reader_.language, show_day));
            }
        }
        return causes;
    }

    /// What was promised is a reason of its own when its day comes, by the owner's calendar.
    void add_promises(message::Item& item, const store::Review& review, const PersonProfile& owner)
        const {
        for (const store::Promise& promise : promises_ahead(context_, review)) {
            if (owner.calendar.previous_working(*promise.due) <= today_) {
                item.causes.push_back(
                    {message::words_of_promise(habits_),
                     promise.text,
                     message::show_date(*promise.due, today_, habits_)}
                );
            }
        }
    }

    /// @param story null when the account is not active any more
    void add_name(message::Item& item, AccountId id, const AccountStory* story) {
        if (story != nullptr) {
            item.account_key = stories_.account_text(*story, "key");
            item.account = stories_.account_text(*story, "name");
        } else if (const auto account = portfolio_.account(id)) {
            item.account_key = account->key;
            item.account = account->name;
        }
    }

    void add_contact(message::Item& item, AccountId account) {
        const std::vector<store::Contact> contacts = portfolio_.contacts(account);
        if (!contacts.empty()) {
            const store::Contact& first = contacts.front();
            item.contact = message::Contact{first.name, first.role, first.phone, first.email};
        }
    }

    void add_history(message::Item& item, const store::Review& review, const AccountStory* story) {
        store::Outcomes outcomes{context_.database};
        const std::vector<store::ContactAttempt> attempts = outcomes.attempts(review.id);
        for (const store::ContactAttempt& attempt : attempts) {
            item.attempts.push_back({attempt.day, attempt.result});
        }
        item.last = last_outcome(review.account, attempts, story);
        if (!item.last) {
            return;
        }
        item.last->promises = promises_of(review.account);
    }

    /// What has a day first, the most pressing of all; then what was promised last.
    [[nodiscard]] std::vector<std::string> promises_of(AccountId account) {
        auto promises = store::Outcomes{context_.database}.open_promises(account);
        std::stable_sort(
            promises.begin(),
            promises.end(),
            [](const store::Promise& a, const store::Promise& b) {
                return a.due.value_or(Date::max()) < b.due.value_or(Date::max());
            }
        );
        std::vector<std::string> texts;
        for (const store::Promise& promise : promises) {
            if (texts.size() < promises_shown) {
                texts.push_back(promise.text);
            }
        }
        return texts;
    }

    /// Of this review's calls, of reviews, and of talks beside them; of one day the last of these.
    [[nodiscard]] std::optional<message::LastTalk> last_outcome(
        AccountId account,
        const std::vector<store::ContactAttempt>& attempts,
        const AccountStory* story
    ) {
        std::optional<message::LastTalk> last;
        const auto consider = [&last](Date day, const std::string& outcome, std::string note = {}) {
            if (!last || last->day <= day) {
                last = message::LastTalk{day, outcome, std::move(note), {}};
            }
        };
        for (const store::ContactAttempt& attempt : attempts) {
            consider(attempt.day, attempt.result, attempt.note);
        }
        store::Reviews reviews{context_.database};
        if (const auto missed_at = reviews.last_missed_at(account)) {
            consider(reader_.today(*missed_at), "missed");
        }
        if (const auto talk = last_talk(account, story)) {
            consider(talk->day, talk->kind.empty() ? "contact" : talk->kind, talk->note);
        }
        if (const auto held = reviews.last_held(account)) {
            consider(*held->held_on, "done", held->note);
        }
        return last;
    }

    /// Of an account that is not active any more, what was noted here is known.
    [[nodiscard]] std::optional<Talk> last_talk(AccountId account, const AccountStory* story) {
        if (story != nullptr) {
            return stories_.newest_talk(*story);
        }
        const auto noted = store::Outcomes{context_.database}.contacts(account, 1);
        return noted.empty()
                   ? std::nullopt
                   : std::optional{Talk{noted[0].day, "contact", noted[0].who, noted[0].note}};
    }

    void add_story(message::Item& item, const AccountStory& story) {
        const rules::RuleSet& rules = context_.rules();
        const config::Agenda& agenda = *context_.configuration.agenda;
        item.level = rules.levels[story.level].name;
        item.score = story.ledger.score.points;
        item.base = rules.score.base;
        item.is_judged = story.ledger.score.is_judged;
        message::Reasons reasons = message::reasons_of(
            rules, story.facts, story.ledger, context_.settings().company.money(), habits_
        );
        item.reasons = std::move(reasons.lines);
        problems_.insert(problems_.end(), reasons.problems.begin(), reasons.problems.end());
        const std::vector<OpenTicket> tickets = stories_.open_tickets(story);
        if (!tickets.empty()) {
            const OpenTicket& first = tickets.front();
            const int open_days = std::max(static_cast<int>((today_ - first.opened).count()), 0);
            item.complaint = message::Complaint{first.key, first.title, open_days, first.fix};
        }
        if (item.is_promise) {
            return; // the talk comes with the review
        }
        for (const AskedQuestion& asked : stories_.questions(story, reader_.language)) {
            if (item.questions.size() < questions_shown) {
                item.questions.push_back(asked.text);
            }
        }
        if (!story.offers.empty()) {
            item.offer = stories_.product_name(story.offers.front(), reader_.language);
        }
        const std::vector<std::string> tips = stories_.tips(story, reader_.language);
        item.tip = tips.empty() ? std::string{} : tips.front();
        if (item.section == Section::invite) {
            item.script = in_language(agenda.invitation, reader_.language);
        }
    }

    const Context& context_;
    const PersonProfile& reader_;
    const message::Habits& habits_;
    Date today_;
    std::vector<std::string>& problems_;
    Storyteller stories_;
    store::Portfolio portfolio_;
    std::map<AccountId, AccountStory> known_;
};

std::size_t count_unnamed(const std::vector<ReviewId>& reviews, const std::set<ReviewId>& named) {
    return static_cast<std::size_t>(std::count_if(
        reviews.begin(), reviews.end(), [&](ReviewId review) { return named.count(review) == 0; }
    ));
}

/// Counts the reader's own reviews that have no item: the ladder has no step for them today, or
/// nothing is to be said of them yet. What is late is never told as something still to come; what
/// somebody silenced is not told at all before its day.
void count_more(
    const Context& context,
    PersonId reader,
    const std::set<ReviewId>& named,
    message::Digest& digest
) {
    store::Reviews reviews{context.database};
    const Date today = digest.today;
    const auto count = [&](Date from, Date until) {
        return count_unnamed(reviews.open_ids(reader, {from, until, today}), named);
    };
    digest.more_late = count({}, today - days{1});
    digest.more_this_week = count(today, today + days{6});
}

/// The most urgent late account without an item. Not one that somebody silenced: nothing is said of
/// it before its day.
std::string name_first_late(
    const Context& context, PersonId reader, const std::set<ReviewId>& named, Date today
) {
    store::ReviewFilter late;
    late.owner = reader;
    late.due_until = today - days{1};
    store::Scores scores{context.database};
    std::optional<std::tuple<rules::Points, Date, ReviewId, AccountId>> first;
    for (const store::Review& review : store::Reviews{context.database}.list(late)) {
        if (named.count(review.id) > 0 || (review.quiet_until && *review.quiet_until > today)) {
            continue;
        }
        const auto score = scores.find(review.account);
        const std::tuple urgency{score ? -score->points : 0, review.due, review.id, review.account};
        first = first ? std::min(*first, urgency) : urgency;
    }
    if (!first) {
        return {};
    }
    store::Portfolio portfolio{context.database, context.rules().schema};
    const auto account = portfolio.account(std::get<AccountId>(*first));
    return account ? account->name : std::string{};
}

/// The last ones of a long digest are only counted.
void leave_out_most(message::Digest& digest) {
    if (digest.items.size() <= most_items) {
        return;
    }
    for (std::size_t i = most_items; i < digest.items.size(); ++i) {
        ++(message::days_late(digest.items[i], digest.today) > 0 ? digest.more_late
                                                                 : digest.more_this_week);
    }
    digest.items.resize(most_items);
}

std::string clock_text(const review::Zone& zone, TimePoint time) {
    const auto local = zone.local_time(time);
    return fmt::format("{:02}:{:02}", local.count() / 60, local.count() % 60);
}

} // namespace

bool is_stale(
    const config::SourceSettings& settings,
    const std::optional<TimePoint>& last_success,
    const review::Zone& zone,
    TimePoint now
) {
    if (!settings.stale_after) {
        return false;
    }
    if (!last_success) {
        return true;
    }
    const review::Calendar calendar;
    const Date day = zone.civil_day(*last_success);
    const bool is_working = settings.stale_after->unit == Period::Unit::working_days;
    const Date end = is_working ? calendar.add_working_days(day, settings.stale_after->count)
                                : add(day, *settings.stale_after);
    return now > zone.moment(end, zone.local_time(*last_success));
}

DataAge data_age(const Context& context, const PersonProfile& reader, TimePoint now) {
    DataAge age;
    std::optional<TimePoint> newest;
    const auto successes = store::Sources{context.database}.last_successes();
    for (const config::SourceSettings& settings : context.settings().sources) {
        const auto source = successes.find(settings.name);
        const auto last = source == successes.end() ? std::nullopt : std::optional{source->second};
        if (last) {
            newest = std::max(newest.value_or(*last), *last);
        }
        if (is_stale(settings, last, context.people->zone(), now)) {
            const auto since = last ? (reader.today(now) - reader.today(*last)).count() : 0;
            age.stale.push_back(
                last ? fmt::format("{} ({})", settings.name, counted(since, "day", "days"))
                     : fmt::format("{} (never read)", settings.name)
            );
        }
    }
    if (newest) {
        const bool is_today = reader.today(*newest) == reader.today(now);
        age.as_of = is_today ? clock_text(reader.zone, *newest) : to_string(reader.today(*newest));
    }
    return age;
}

message::Item make_item(
    const Context& context,
    const PersonProfile& reader,
    const store::Review& review,
    Date today,
    std::vector<std::string>& problems
) {
    const message::Habits habits = message::habits_of(reader.language, *context.templates);
    ItemMaker maker{context, reader, habits, today, problems};
    store::Reminder reminder;
    reminder.key.review = review.id;
    reminder.key.step = review::name(review::Step::on_day);
    const RemindedReview one{reminder, review};
    maker.learn({one});
    message::Item item = maker.make(one);
    // A manager may answer for an owner who is there.
    if (!item.away_owner.empty() && !context.people->owner(review.owner).is_away(today)) {
        item.owner = std::exchange(item.away_owner, {});
    }
    return item;
}

message::Digest make_digest(
    const Context& context,
    const store::Delivery& delivery,
    const std::vector<RemindedReview>& reminded,
    TimePoint now,
    std::vector<std::string>& problems
) {
    const PersonProfile& reader = context.people->owner(delivery.person);
    message::Digest digest;
    digest.id = delivery.key;
    digest.recipient = reader.name;
    digest.habits = message::habits_of(reader.language, *context.templates);
    digest.today = reader.today(now);
    ItemMaker maker{context, reader, digest.habits, digest.today, problems};
    maker.learn(reminded);
    std::set<ReviewId> named;
    for (const RemindedReview& one : reminded) {
        named.insert(one.review.id);
        digest.items.push_back(maker.make(one));
    }
    const auto urgency = [&digest](const message::Item& item) {
        return std::tuple{
            item.section,
            agreed_time(item, digest.today),
            -item.score,
            item.due,
            item.account,
            item.review_id};
    };
    std::sort(
        digest.items.begin(),
        digest.items.end(),
        [&](const message::Item& a, const message::Item& b) { return urgency(a) < urgency(b); }
    );
    count_more(context, reader.id, named, digest);
    const bool has_late = !digest.items.empty() && digest.items.front().section <= Section::late;
    if (digest.more_late > 0 && !has_late) {
        // What is soon would be called the first else.
        digest.first_late = name_first_late(context, reader.id, named, digest.today);
    }
    leave_out_most(digest);
    DataAge age = data_age(context, reader, now);
    digest.data_as_of = std::move(age.as_of);
    digest.stale = std::move(age.stale);
    return digest;
}

} // namespace reviewd::service
