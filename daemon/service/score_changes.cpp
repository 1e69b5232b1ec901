#include "daemon/service/score_changes.hpp"

#include "daemon/service/crm_events.hpp"
#include "daemon/service/review_changes.hpp"
#include "daemon/service/score_cause.hpp"
#include "daemon/store/occasions.hpp"
#include "daemon/store/outcomes.hpp"

#include <utility>

namespace reviewd::service {
namespace {

/// What people and triggers said about a batch of accounts; reviews are planned by it.
class Happenings {
public:
    /// @param accounts ascending
    Happenings(store::Connection& connection, std::span<const AccountId> accounts, Date today) {
        if (accounts.empty()) {
            return;
        }
        const AccountId first = accounts.front();
        const AccountId last = accounts.back();
        constexpr std::int64_t dense = 4; // beyond it, the accounts in between cost too much
        if (last.value - first.value > dense * static_cast<std::int64_t>(accounts.size())) {
            for (const AccountId account : accounts) {
                clocks_.emplace(account, read_clock(connection, account, today));
            }
            return;
        }
        for (store::Occasion& occasion : store::Occasions{connection}.live(first, last)) {
            clocks_[occasion.account].live.push_back(std::move(occasion));
        }
        store::Outcomes outcomes{connection};
        for (const auto& contact : outcomes.contact_days(first, last)) {
            clocks_[contact.account].note(contact.day, contact.recorded);
        }
        for (const auto& interactions : outcomes.interactions(first, last, today)) {
            ReviewClock& clock = clocks_[interactions.account];
            clock.interaction = interactions.last;
            clock.is_more_to_come = interactions.is_more_to_come;
        }
    }

    /// Without the days held.
    [[nodiscard]] ReviewClock clock(AccountId account) const {
        const auto found = clocks_.find(account);
        return found == clocks_.end() ? ReviewClock{} : found->second;
    }

private:
    std::map<AccountId, ReviewClock> clocks_;
};

bool is_same_score(const store::AccountScore& kept, const store::AccountScore& score) {
    return kept.points == score.points && kept.level == score.level
           && kept.level_since == score.level_since && kept.raw_level == score.raw_level
           && kept.is_judged == score.is_judged && kept.rules_version == score.rules_version;
}

} // namespace

ScoreJudge::ScoreJudge(
    Context& context, store::RulesVersionId version, store::LevelCause cause, TimePoint now
)
    : context_(context),
      version_(version),
      cause_(cause),
      today_(context.company_day(now)),
      overrides_(store::Overrides{context.database}.open()) {}

void ScoreJudge::add(
    ScoreChanges& changes,
    const AccountToJudge& account,
    const store::AccountScore* kept,
    const store::Review* open,
    const ReviewClock& clock
) const {
    const rules::RuleSet& rules = context_.rules();
    Judged judged;
    judged.score = account.score;
    const Setting setting = level_of(account, kept, changes);
    judged.level = setting.level;
    store::AccountScore score = to_kept(rules, account.id, judged, version_, today_);
    score.replanned = kept == nullptr ? std::nullopt : kept->replanned;
    const bool is_same = kept != nullptr && is_same_score(*kept, score);
    score.made_of = is_same ? kept->made_of
                            : made_of(rules, account.facts(), context_.settings().company.money());
    if (kept == nullptr || kept->level != score.level || kept->points != score.points) {
        changes.history.push_back(change_of(kept, score, setting.cause));
    }
    if (open != nullptr) {
        judged.cadence = engine::cadence_for(
            rules, judged.level.level, rules.cadences.empty() ? engine::FactRow{} : account.facts()
        );
        add_window(changes, judged, clock, score, setting.cause, *open);
    }
    const bool is_settled = !overrides_.contains(account.id) && score.level == score.raw_level
                            && !clock.is_more_to_come;
    if (!is_settled) {
        changes.unsettled.push_back(account.id);
    }
    if (kept == nullptr || !is_same || kept->replanned != score.replanned) {
        changes.scores.push_back(std::move(score));
    }
}

ScoreJudge::Setting ScoreJudge::level_of(
    const AccountToJudge& account, const store::AccountScore* kept, ScoreChanges& changes
) const {
    const rules::RuleSet& rules = context_.rules();
    const auto found = overrides_.find(account.id);
    if (found == overrides_.end()) {
        // Where an override was taken back, only the bands say what was before.
        const bool is_released = cause_ == store::LevelCause::overridden;
        return {after(account.score, is_released ? nullptr : kept), cause_};
    }
    const store::Override& one = found->second;
    if (one.until < today_) {
        changes.expired.push_back(account.id);
        return {after(account.score, nullptr), store::LevelCause::overridden};
    }
    const std::optional<std::size_t> level = find_level(rules, one.level);
    if (!level) { // the rules no longer know it: it waits for rules that do
        return {after(account.score, kept), cause_};
    }
    const bool is_held = kept != nullptr && kept->level == one.level;
    return {{*level, is_held ? kept->level_since : today_}, cause_};
}

engine::HeldLevel ScoreJudge::after(const engine::Score& score, const store::AccountScore* kept)
    const {
    const std::optional<engine::HeldLevel> held = held_level(context_.rules(), kept);
    const bool are_other_rules = held && kept->rules_version != version_;
    if (!are_other_rules) {
        return engine::decide_level(context_.rules(), score, held, today_);
    }
    const engine::HeldLevel for_long{held->level, Date{}};
    const auto decided = engine::decide_level(context_.rules(), score, for_long, today_);
    return decided.level == held->level ? *held : decided;
}

store::ScoreChange ScoreJudge::change_of(
    const store::AccountScore* kept, const store::AccountScore& score, store::LevelCause cause
) const {
    store::ScoreChange change;
    change.account = score.account;
    change.day = today_;
    change.to = score.level;
    change.points = score.points;
    change.rules_version = version_;
    change.cause = kept == nullptr ? store::LevelCause::first : cause;
    if (kept != nullptr) {
        change.from = kept->level;
        change.from_points = kept->points;
        change.detail = describe_change(context_.rules(), kept->made_of, score.made_of);
    }
    return change;
}

bool ScoreJudge::has_to_wait(const store::AccountScore& score, store::LevelCause cause) const {
    constexpr std::chrono::days shortest{7};
    const bool is_by_itself = cause == store::LevelCause::facts || cause == store::LevelCause::day;
    return is_by_itself && score.replanned && today_ < *score.replanned + shortest;
}

void ScoreJudge::add_window(
    ScoreChanges& changes,
    const Judged& judged,
    const ReviewClock& clock,
    store::AccountScore& score,
    store::LevelCause cause,
    const store::Review& open
) const {
    const rules::RuleSet& rules = context_.rules();
    const bool is_other = open.level != score.level || open.cadence != judged.cadence.name;
    // What happened and what people did takes effect at once, by the cadence the review has.
    const bool is_waiting = is_other && has_to_wait(score, cause);
    if (is_waiting) {
        changes.unsettled.push_back(open.account);
    }
    const engine::CadenceInForce cadence = is_waiting ? cadence_of(rules, open) : judged.cadence;
    if (is_other && !is_waiting) {
        score.replanned = today_;
    }
    const CadenceNow now{to_cadence(cadence), score.replanned, today_};
    const ReviewDays days = adjusted_days(rules, open, clock, now, *context_.people);
    if (days == days_of(open) && (!is_other || is_waiting)) {
        return;
    }
    store::Review review = open;
    set_days(review, days);
    if (is_other && !is_waiting) {
        review.level = score.level;
        review.cadence = judged.cadence.name;
    }
    changes.reviews.push_back(std::move(review));
}

ScoreChanges judge_accounts(
    Context& context,
    const PortfolioColumns& columns,
    const ScoreJudge& judge,
    std::span<const AccountId> ids
) {
    const std::vector<store::AccountScore> kept = store::Scores{context.database}.find(ids);
    store::Reviews all_reviews{context.database};
    const std::vector<store::Review> open = all_reviews.open_of(ids);
    const std::vector<store::DaysHeld> held = all_reviews.days_held(ids);
    Beside<store::AccountScore> scores{kept};
    Beside<store::Review> reviews{open};
    Beside<store::DaysHeld> held_rows{held};
    const Happenings happenings{context.database, ids, judge.today()};
    ScoreChanges changes;
    for (const AccountId id : ids) {
        const std::optional<std::size_t> row = columns.find_row(id);
        if (!row) {
            continue; // not active any more
        }
        const AccountToJudge account{id, columns.scores().score(*row), [&, row] {
                                         return columns.facts().facts(*row);
                                     }};
        const store::DaysHeld* const held_days = held_rows.find(id);
        ReviewClock clock = happenings.clock(id);
        clock.held = held_days == nullptr ? std::vector<Date>{} : held_days->days;
        judge.add(changes, account, scores.find(id), reviews.find(id), clock);
    }
    return changes;
}

Result<void> write_changes(
    Context& context, const ScoreChanges& changes, Date today, TimePoint now
) {
    store::Scores scores{context.database};
    scores.save(changes.scores);
    for (const store::ScoreChange& change : changes.history) {
        tell_level(context, change, scores.record(change), now);
    }
    for (const AccountId account : changes.expired) {
        static_cast<void>(store::Overrides{context.database}.end(account, today, "reviewd"));
    }
    store::Reviews reviews{context.database};
    for (store::Review review : changes.reviews) {
        touch_plan(context, review.id);
        if (review.quiet_until) { // a nearer latest day has ended the silence earlier
            renew_next_step(context, review, now);
        }
        const Result<void> updated = reviews.update(review);
        if (!updated.has_value()) {
            return updated;
        }
    }
    return {};
}

} // namespace reviewd::service
