#include "daemon/service/occasion_watch.hpp"

#include "daemon/service/crm_events.hpp"
#include "daemon/service/occasion_follower.hpp"
#include "daemon/service/occasion_words.hpp"
#include "daemon/service/review_changes.hpp"
#include "daemon/service/sightings.hpp"
#include "daemon/service/standing_in.hpp"
#include "daemon/store/account_reader.hpp"
#include "daemon/store/outbox.hpp"
#include "daemon/store/scores.hpp"
#include "daemon/store/transaction.hpp"
#include "scoring/engine/fact_deriver.hpp"
#include "scoring/engine/timeline.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bitset>

namespace reviewd::service {
namespace {

using store::Occasion;
using store::OccasionState;

constexpr std::size_t watched_at_once = 500;

/// The last day on which somebody talked with the account, by reviews and interactions.
std::optional<Date> last_contact(
    const rules::RuleSet& rules, const engine::AccountRecords& records, Date today
) {
    std::optional<Date> last;
    const auto consider = [&](Date day) {
        if (day <= today) {
            last = std::max(last.value_or(day), day);
        }
    };
    for (const Date held : records.reviews_held) {
        consider(held);
    }
    constexpr auto index = static_cast<std::size_t>(rules::Table::interactions);
    const engine::TableAsOf interactions{rules.schema[rules::Table::interactions], today};
    for (const engine::Record& row : records.rows[index]) {
        if (interactions.has(row)) {
            consider(interactions.day_of(row));
        }
    }
    return last;
}

/// Whether a trigger watches how scores move.
bool reads_scores(const rules::RuleSet& rules) {
    return std::any_of(rules.triggers.begin(), rules.triggers.end(), [](const auto& each) {
        return each.score.has_value();
    });
}

/// Tells it from the account's other ones, as the history of a review names it.
std::string name_of(const Occasion& occasion) {
    return occasion.trigger + " " + occasion.event;
}

bool is_named(const Occasion& occasion, const std::vector<std::string>& names) {
    return std::find(names.begin(), names.end(), name_of(occasion)) != names.end();
}

/// Looks at accounts as of one day.
class Look {
public:
    /// @param columns their facts spare deriving all again; null: derive them
    Look(Context& context, const PortfolioColumns* columns, TimePoint now)
        : context_(context),
          columns_(columns),
          today_(context.company_day(now)),
          reader_(
              context.database,
              context.rules().schema,
              context.settings().company.minor_digits,
              tables(context.rules(), columns)
          ),
          has_facts_(reads_facts(context.rules())),
          has_scores_(reads_scores(context.rules())) {
        reader_.leave_out_past(today_);
        if (!derives(context.rules(), columns)) {
            reader_.leave_out_past_values();
        }
    }

    [[nodiscard]] store::AccountReader& reader() { return reader_; }

    /// The account that was looked at last has to be looked at again then, whatever happens.
    [[nodiscard]] Date next_look() const { return next_look_; }

    /// @returns whether anything of the account's occasions changed
    [[nodiscard]] bool look_at(const store::AccountEntry& entry, std::vector<Occasion> live) {
        return look_at(entry, has_facts_ ? facts_of(entry) : engine::FactRow{}, std::move(live));
    }

    /// @returns whether anything of the account's occasions changed
    [[nodiscard]] bool look_at(
        const store::AccountEntry& entry, const engine::FactRow& facts, std::vector<Occasion> live
    ) {
        const rules::RuleSet& rules = context_.rules();
        Watched watched;
        watched.account = entry.id;
        watched.live = std::move(live);
        watched.sightings = find_sightings(rules, entry.records, facts, today_);
        watched.last_contact = last_contact(rules, entry.records, today_);
        store::Occasions occasions{context_.database};
        const auto score =
            has_scores_ ? store::Scores{context_.database}.find(entry.id) : std::nullopt;
        if (score) {
            watched.points = score->points;
            watched.rules_version = score->rules_version;
            watched.mark = occasions.mark(entry.id);
        }
        const FindOccasion find = [&](const std::string& trigger, const std::string& event) {
            return occasions.find(entry.id, trigger, event);
        };
        const review::Calendar& calendar = context_.people->owner(entry.owner).calendar;
        const Followed followed = follow(rules, watched, find, calendar, today_);
        next_look_ = std::min(
            followed.next_look,
            sightings_stand_until(rules, entry.records, today_) + std::chrono::days{1}
        );
        for (const Occasion& added : followed.added) {
            static_cast<void>(occasions.insert(added));
        }
        for (const Occasion& changed : followed.changed) {
            occasions.update(changed);
        }
        if (followed.mark) {
            occasions.set_mark(*followed.mark);
        }
        return !followed.added.empty() || !followed.changed.empty();
    }

private:
    [[nodiscard]] static bool derives(
        const rules::RuleSet& rules, const PortfolioColumns* columns
    ) {
        return columns == nullptr && reads_facts(rules);
    }

    [[nodiscard]] static std::bitset<rules::table_count> tables(
        const rules::RuleSet& rules, const PortfolioColumns* columns
    ) {
        return derives(rules, columns) ? std::bitset<rules::table_count>{}.set()
                                       : tables_of_triggers(rules);
    }

    [[nodiscard]] engine::FactRow facts_of(const store::AccountEntry& entry) {
        if (const auto row = columns_ == nullptr ? std::nullopt : columns_->find_row(entry.id)) {
            return columns_->facts().facts(*row);
        }
        if (!deriver_) {
            portfolio_ = reader_.read_context(today_);
            deriver_.emplace(context_.rules(), portfolio_);
        }
        return deriver_->derive(entry.records);
    }

    Context& context_;
    const PortfolioColumns* columns_;
    Date today_;
    store::AccountReader reader_;
    engine::PortfolioContext portfolio_;
    std::optional<engine::FactDeriver> deriver_; ///< of `portfolio_`, once it is needed
    bool has_facts_;
    bool has_scores_;
    Date next_look_ = last_date;
};

/// A day that a person chose gives way to what they did not know of, for as long as that stands; an
/// appointment does not.
Result<void> pull_chosen(Context& context, AccountId account, TimePoint now) {
    store::Reviews reviews{context.database};
    std::optional<store::Review> review = reviews.open_of(account);
    if (!review || !review->is_chosen || review->state == store::ReviewState::appointment) {
        return {};
    }
    const rules::RuleSet& rules = context.rules();
    const std::vector<Occasion> live = store::Occasions{context.database}.live(account);
    const PersonProfile& owner = context.people->owner(review->owner);
    const Date wanted = review->pulled_from.value_or(review->due);
    const review::Window chosen{wanted, wanted, wanted};
    const review::Window nearer = pulled_by(rules, live, chosen, *context.people, owner);
    // The limit may be a day of whoever stands in, on which the owner does not work.
    const Date limit = std::max(
        owner.calendar.previous_working(nearer.latest),
        owner.calendar.next_working(owner.today(now))
    );
    const bool is_free = nearer.latest >= wanted;
    const Date due = is_free ? wanted : std::min(limit, wanted);
    // Later again only when less is asked for: a day that is over is over, and an invitation is
    // somebody's work.
    const bool is_loosened = review->due >= owner.today(now) && nearer.latest > review->due;
    const bool may_go_back = review->pulled_from && review->state == store::ReviewState::planned
                             && (is_free || is_loosened);
    if (due == review->due || (due > review->due && !may_go_back)) {
        return {};
    }
    const Details details{{"from", to_string(review->due)}, {"to", to_string(due)}};
    if (begins_anew(context, *review, due, owner.today(now))) {
        ++review->occurrence;
    }
    review->due = due;
    review->pulled_from = due == wanted ? std::nullopt : std::optional{wanted};
    store::Outbox{context.database}.cancel_review(
        review->id, store::Outbox::Ending::superseded, "another day", now
    );
    set_next_step(context, *review, now);
    record_event(context, review->id, {}, "moved", details, now);
    tell_planned(context, *review, now);
    return reviews.update(*review);
}

/// The history says which reasons came and which ended.
void record_reasons(
    Context& context, const store::Review& review, const std::string& reasons, TimePoint now
) {
    const ReasonsChange change = compare_reasons(review.reasons, reasons);
    Details details{{"reasons", reasons}};
    if (!change.ended.empty()) {
        details.emplace_back("ended", fmt::format("{}", fmt::join(change.ended, "; ")));
    }
    if (!change.come.empty() || !change.ended.empty()) {
        const char* const what = change.come.empty() ? "reasons ended" : "triggered";
        record_event(context, review.id, {}, what, details, now);
    }
}

/// The review's window and reasons follow, and its next step: what happened is said at once.
Result<void> refresh_review(Context& context, AccountId account, TimePoint now) {
    store::Reviews reviews{context.database};
    std::optional<store::Review> review = reviews.open_of(account);
    if (!review) {
        return {};
    }
    const std::string reasons =
        reasons_json(context, store::Occasions{context.database}.live(account), review->owner);
    const store::Review before = *review;
    if (reasons != review->reasons) {
        record_reasons(context, *review, reasons, now);
        review->reasons = reasons;
    }
    set_next_step(context, *review, now);
    const bool is_same = review->reasons == before.reasons && review->next_step == before.next_step;
    const Result<void> updated = is_same ? Result<void>{} : reviews.update(*review);
    return updated.has_value() ? pull_chosen(context, account, now) : updated;
}

Result<void> refresh(Context& context, Rescorer& rescorer, AccountId account, TimePoint now) {
    rescorer.score_one(account, store::LevelCause::facts, now);
    return refresh_review(context, account, now);
}

} // namespace

void OccasionWatch::request() {
    is_busy_ = true;
    is_begun_ = false;
}

void OccasionWatch::note_changed(const std::optional<std::set<AccountId>>& accounts) {
    if (accounts) {
        changed_.insert(accounts->begin(), accounts->end());
    } else {
        basis_.reset();
    }
}

Result<bool> OccasionWatch::step(TimePoint now) {
    if (!is_busy_) {
        return false;
    }
    const bool has_work =
        !context_.rules().triggers.empty() || store::Occasions{context_.database}.has_live();
    if (!has_work) { // whatever brings some has all accounts looked at
        is_busy_ = false;
        basis_.reset();
        next_looks_.clear();
        changed_.clear();
        static_cast<void>(rescorer_.take_scored());
        return true;
    }
    if (!is_begun_) {
        begin(context_.company_day(now));
    }
    const Result<bool> ended = waiting_ ? look_through_some(now) : look_through_all(now);
    if (ended.has_value() && *ended) {
        is_busy_ = false;
    }
    return ended;
}

void OccasionWatch::begin(Date today) {
    is_begun_ = true;
    after_ = {};
    std::optional<std::set<AccountId>> scored = rescorer_.take_scored();
    const Basis now{columns_.epoch(), context_.people_revision, context_.rules().content_hash};
    if (!scored || basis_ != now) {
        waiting_.reset();
        basis_.reset();
        next_looks_.clear();
        changed_.clear();
        return;
    }
    // What rows set off does not depend on scores, and whoever changes rows says so.
    if (!reads_scores(context_.rules()) && !reads_facts(context_.rules())) {
        scored->clear();
    }
    scored->merge(changed_);
    changed_.clear();
    if (waiting_) {
        scored->merge(*waiting_);
    }
    waiting_ = std::move(scored);
    while (!next_looks_.empty() && next_looks_.begin()->first <= today) {
        waiting_->insert(next_looks_.begin()->second);
        next_looks_.erase(next_looks_.begin());
    }
}

Result<bool> OccasionWatch::look_through_all(TimePoint now) {
    const Result<AccountId> last = store::write(context_.database, [&]() -> Result<AccountId> {
        return look_after(after_, now);
    });
    if (!last.has_value()) {
        return last.error();
    }
    after_ = *last;
    if (!after_) {
        basis_ = Basis{columns_.epoch(), context_.people_revision, context_.rules().content_hash};
    }
    return !after_;
}

Result<bool> OccasionWatch::look_through_some(TimePoint now) {
    std::vector<AccountId> batch;
    for (const AccountId account : *waiting_) {
        if (batch.size() == watched_at_once) {
            break;
        }
        batch.push_back(account);
    }
    if (batch.empty()) {
        return true;
    }
    const Result<void> looked = store::write(context_.database, [&]() -> Result<void> {
        constexpr auto in_use = PortfolioColumns::Need::facts_in_use;
        const bool has_columns = columns_.are_current(context_.company_day(now), in_use);
        Look look{context_, has_columns ? &columns_ : nullptr, now};
        for (const store::AccountEntry& entry : look.reader().read(batch)) {
            const bool is_changed =
                look.look_at(entry, store::Occasions{context_.database}.live(entry.id));
            note_next_look(entry.id, look.next_look());
            if (!is_changed) {
                continue;
            }
            changed_.insert(entry.id);
            const Result<void> refreshed = refresh(context_, rescorer_, entry.id, now);
            if (!refreshed.has_value()) {
                return refreshed;
            }
        }
        return {};
    });
    if (!looked.has_value()) {
        return looked.error();
    }
    for (const AccountId account : batch) {
        waiting_->erase(account);
    }
    return waiting_->empty();
}

Result<AccountId> OccasionWatch::look_after(AccountId after, TimePoint now) {
    constexpr auto in_use = PortfolioColumns::Need::facts_in_use;
    const bool has_columns = columns_.are_current(context_.company_day(now), in_use);
    Look look{context_, has_columns ? &columns_ : nullptr, now};
    const auto entries = look.reader().read_after(after, watched_at_once);
    if (entries.empty()) {
        return AccountId{};
    }
    std::vector<Occasion> live =
        store::Occasions{context_.database}.live(entries.front().id, entries.back().id);
    auto at = live.begin();
    for (const store::AccountEntry& entry : entries) {
        at = std::find_if(at, live.end(), [&](const Occasion& each) {
            return each.account >= entry.id;
        });
        const auto end = std::find_if(at, live.end(), [&](const Occasion& each) {
            return each.account != entry.id;
        });
        const bool is_changed = look.look_at(entry, {at, end});
        note_next_look(entry.id, look.next_look());
        if (is_changed) {
            changed_.insert(entry.id);
            const Result<void> refreshed = refresh(context_, rescorer_, entry.id, now);
            if (!refreshed.has_value()) {
                return refreshed.error();
            }
        }
        at = end;
    }
    return entries.size() < watched_at_once ? AccountId{} : entries.back().id;
}

void OccasionWatch::note_next_look(AccountId account, Date day) {
    if (day < last_date) {
        next_looks_.emplace(day, account);
    }
}

/// A look may follow from what the last one wrote, or somebody did: a score that moved is answered
/// by a contact on the next.
Result<void> OccasionWatch::look_at(AccountId account, TimePoint now) {
    const auto known = read_known(context_, account, context_.company_day(now));
    return known ? look_at(*known, now) : refresh(context_, rescorer_, account, now);
}

Result<void> OccasionWatch::look_at(const KnownAccount& known, TimePoint now) {
    const AccountId account = known.entry.id;
    changed_.insert(account);
    if (!context_.rules().triggers.empty()) {
        Look look{context_, nullptr, now};
        std::vector<Occasion> live = store::Occasions{context_.database}.live(account);
        static_cast<void>(look.look_at(known.entry, known.facts, std::move(live)));
        note_next_look(account, look.next_look());
    }
    rescorer_.score_one(known, store::LevelCause::facts, now);
    return refresh_review(context_, account, now);
}

int OccasionWatch::answer(AccountId account, Date day) {
    changed_.insert(account);
    store::Occasions occasions{context_.database};
    int answered = 0;
    for (Occasion& occasion : occasions.live(account)) {
        const rules::Trigger* trigger = find_trigger(context_.rules(), occasion.trigger);
        // A look ahead, or a check-in after a while, waits for its own time.
        const review::Calendar calendar;
        const Date from =
            trigger != nullptr && (trigger->before || trigger->after)
                ? review::answered_from(times_of(*trigger), days_of(*trigger, occasion), calendar)
                : occasion.happened;
        if (is_pending(occasion.state) && day >= from) {
            occasion.state = OccasionState::answered;
            occasion.ended = day;
            occasions.update(occasion);
            ++answered;
        }
    }
    return answered;
}

std::vector<std::string> OccasionWatch::defer(AccountId account) {
    changed_.insert(account);
    store::Occasions occasions{context_.database};
    std::vector<std::string> deferred;
    for (Occasion& occasion : occasions.live(account)) {
        if (occasion.state == OccasionState::open) {
            occasion.state = OccasionState::deferred;
            occasions.update(occasion);
            deferred.push_back(name_of(occasion));
        }
    }
    return deferred;
}

std::vector<std::string> OccasionWatch::deferred(AccountId account) {
    std::vector<std::string> names;
    for (const Occasion& occasion : store::Occasions{context_.database}.live(account)) {
        if (occasion.state == OccasionState::deferred) {
            names.push_back(name_of(occasion));
        }
    }
    return names;
}

void OccasionWatch::reopen(AccountId account, Date day, const std::vector<std::string>& deferred) {
    changed_.insert(account);
    store::Occasions occasions{context_.database};
    for (Occasion& occasion : occasions.history(account)) {
        if (occasion.state == OccasionState::answered && occasion.ended == day) {
            occasion.state =
                is_named(occasion, deferred) ? OccasionState::deferred : OccasionState::open;
            occasion.stands = true; // as before the contact, until it is looked at again
            occasion.ended.reset();
            occasions.update(occasion);
        }
    }
}

void OccasionWatch::pull_again(AccountId account, const std::vector<std::string>& deferred) {
    changed_.insert(account);
    store::Occasions occasions{context_.database};
    for (Occasion& occasion : occasions.live(account)) {
        if (occasion.state == OccasionState::deferred && is_named(occasion, deferred)) {
            occasion.state = OccasionState::open;
            occasions.update(occasion);
        }
    }
}

} // namespace reviewd::service
