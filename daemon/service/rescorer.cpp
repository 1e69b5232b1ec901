// A pass keeps its place in two markers: what it is doing, and after which account it goes on. They
// are written in the same transaction as the batch, so a restart continues where the last commit
// left off; but for a pass that the guard alone let through, which is counted anew.

#include "daemon/service/rescorer.hpp"

#include "daemon/service/idle_overrides.hpp"
#include "daemon/service/level_guard.hpp"
#include "daemon/service/rules_versions.hpp"
#include "daemon/service/score_changes.hpp"
#include "daemon/store/account_reader.hpp"
#include "daemon/store/audit.hpp"
#include "daemon/store/markers.hpp"
#include "daemon/store/overrides.hpp"
#include "daemon/store/reviews.hpp"
#include "daemon/store/rules_versions.hpp"
#include "daemon/store/transaction.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <span>
#include <utility>

namespace reviewd::service {
namespace {

constexpr std::size_t rescored_at_once = 500;
constexpr std::size_t counted_accounts = 5000; // a batch that writes nothing

constexpr std::string_view pass_marker = "rescore.pass";
constexpr std::string_view after_marker = "rescore.after";
constexpr std::string_view cause_marker = "rescore.cause";
constexpr std::string_view rules_marker = "rescore.rules";
/// What was counted where levels are held: "12 24", accounts that would move and all. It is counted
/// anew by the next process, which knows it from here until then.
constexpr std::string_view held_marker = "rescore.held";
/// Of the first marker: a pass that nobody has to let through any more. Any other one counts again
/// after a crash: it was few who moved when it was counted, but facts may have come since.
constexpr std::string_view accepted_pass = "accepted";

constexpr std::array all_causes{
    store::LevelCause::first,
    store::LevelCause::facts,
    store::LevelCause::rules,
    store::LevelCause::day,
    store::LevelCause::person,
    store::LevelCause::overridden};

std::optional<store::LevelCause> find_cause(std::string_view text) {
    for (const store::LevelCause cause : all_causes) {
        if (store::name(cause) == text) {
            return cause;
        }
    }
    return std::nullopt;
}

std::int64_t to_number(std::string_view text) {
    std::int64_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

/// The accounts of at most `count` rows from `first` on.
std::span<const AccountId> accounts_of(
    const PortfolioColumns& columns, std::size_t first, std::size_t count
) {
    const std::span<const AccountId> all{columns.facts().accounts()};
    return all.subspan(first, std::min(count, all.size() - first));
}

} // namespace

Rescorer::Rescorer(Context& context, PortfolioColumns& columns)
    : context_(context), columns_(columns) {}

void Rescorer::request(store::LevelCause cause) {
    if (cause == store::LevelCause::facts) {
        columns_.forget();
    }
    const bool is_day = cause == store::LevelCause::day;
    ask(cause, is_day ? std::optional{std::set<AccountId>{}} : std::nullopt);
}

void Rescorer::request_facts(const std::optional<std::set<AccountId>>& accounts) {
    if (!accounts || columns_.are_too_many(accounts->size())) {
        request(store::LevelCause::facts);
        return;
    }
    for (const AccountId account : *accounts) {
        columns_.touch(account);
    }
    ask(store::LevelCause::facts, accounts);
}

/// @param accounts beside those for which something changed; absent: all
void Rescorer::ask(store::LevelCause cause, std::optional<std::set<AccountId>> accounts) {
    // A new day needs no guard, because time moves levels one by one; and it must neither let in
    // what is held nor call what was confirmed into question again.
    const bool is_day = cause == store::LevelCause::day;
    if (is_day && pass_ != Pass::none) {
        return;
    }
    if (asked_ && accounts) {
        asked_->merge(*accounts);
        if (chosen_) { // what was chosen and is not written yet
            const bool is_writing = pass_ == Pass::writing;
            asked_->insert(
                is_writing ? chosen_->upper_bound(after_) : chosen_->begin(), chosen_->end()
            );
        }
    } else {
        asked_.reset();
    }
    chosen_.reset();
    if (pass_ == Pass::writing && is_accepted_) {
        after_ = {}; // what a person let through is not counted again because more came
        return;
    }
    if (pass_ == Pass::none || cause_ != store::LevelCause::rules) {
        cause_ = cause;
    }
    pass_ = is_day ? Pass::writing : Pass::counting;
    after_ = {};
    accounts_ = 0;
    moving_ = 0;
    version_ = {};
}

bool Rescorer::is_busy() const {
    return pass_ == Pass::counting || pass_ == Pass::writing;
}

Result<bool> Rescorer::step(TimePoint now) {
    const Date today = context_.company_day(now);
    constexpr auto in_use = PortfolioColumns::Need::facts_in_use;
    if (is_busy() && !columns_.are_current(today, in_use)) {
        columns_.load_some(today, in_use);
        return false;
    }
    if (pass_ == Pass::counting) {
        return count_batch(now);
    }
    return pass_ == Pass::writing ? write_batch(now) : Result<bool>{false};
}

void Rescorer::save_state() const {
    store::Markers markers{context_.database};
    if (pass_ == Pass::held) {
        markers.set(held_marker, fmt::format("{} {}", moving_, accounts_));
    } else {
        markers.erase(held_marker);
    }
    if (pass_ == Pass::none) {
        markers.erase(pass_marker);
        markers.erase(after_marker);
        markers.erase(cause_marker);
        markers.erase(rules_marker);
        return;
    }
    markers.set(rules_marker, context_.rules().content_hash);
    markers.set(pass_marker, is_accepted_ ? accepted_pass : "counting");
    markers.set(after_marker, std::to_string(after_.value));
    markers.set(cause_marker, store::name(cause_));
}

void Rescorer::begin_writing(TimePoint now) {
    const rules::RuleSet& rules = context_.rules();
    store::RulesVersions versions{context_.database};
    const std::optional<store::RulesVersion> active = versions.active();
    if (active && active->hash == rules.content_hash) {
        version_ = active->id;
        return;
    }
    version_ = versions.remember(to_version(rules, "reviewd", ""), now);
    if (!active || active->id != version_) {
        versions.activate(version_);
        versions.record({version_, now, "reviewd", store::RulesEventKind::in_force, ""});
        note_rules_in_force(context_, version_);
    }
}

Result<bool> Rescorer::count_batch(TimePoint now) {
    const rules::RuleSet& rules = context_.rules();
    const Date today = context_.company_day(now);
    if (!after_) {
        choose_accounts(today);
        accounts_ = count_others();
        moving_ = 0;
    }
    const std::vector<AccountId> ids = next_accounts(counted_accounts);
    const std::vector<store::AccountScore> kept = store::Scores{context_.database}.find(ids);
    Beside<store::AccountScore> scores{kept};
    const auto overrides = store::Overrides{context_.database}.open();
    for (const AccountId id : ids) {
        const std::optional<std::size_t> row = columns_.find_row(id);
        const store::AccountScore* const score = row ? scores.find(id) : nullptr;
        accounts_ += score == nullptr ? 0 : 1;
        if (score != nullptr && !is_level_set(overrides, id, rules)) {
            const engine::HeldLevel level = engine::decide_level(
                rules, columns_.scores().score(*row), held_level(rules, score), today
            );
            moving_ += rules.levels[level.level].name == score->level ? 0 : 1;
        }
    }
    if (!is_last(ids.empty() ? after_ : ids.back())) {
        after_ = ids.back();
        return false;
    }
    after_ = {};
    if (!are_too_many(context_.settings(), accounts_, moving_)) {
        pass_ = Pass::writing;
        return false;
    }
    pass_ = Pass::held;
    context_.note(
        LogEvent::levels_held,
        fmt::format(
            "{} of {} accounts would change level, more than {:.0f} %: held until confirmed",
            moving_,
            accounts_,
            100 * context_.settings().hold_share
        )
    );
    return store::write(context_.database, [&]() -> Result<bool> {
        save_state();
        return true;
    });
}

Rescorer::Basis Rescorer::basis() const {
    return {columns_.epoch(), context_.people_revision, context_.rules().content_hash};
}

/// When a pass begins to count, and when it begins to write: some accounts do where all were scored
/// with the same rules and people, and it is known for which something changed since.
void Rescorer::choose_accounts(Date today) {
    const auto written = store::Reviews{context_.database}.take_written();
    if (!written || basis_ != basis() || is_accepted_) {
        asked_.reset();
    }
    begun_on_ = today;
    begun_with_ = basis();
    if (!asked_) {
        chosen_.reset();
        return;
    }
    if (!chosen_) {
        chosen_ = asked_;
    }
    chosen_->insert(unsettled_.begin(), unsettled_.end());
    chosen_->insert(written->begin(), written->end());
    chosen_->insert(columns_.changed().begin(), columns_.changed().end());
}

std::vector<AccountId> Rescorer::next_accounts(std::size_t most) const {
    std::vector<AccountId> accounts;
    if (!chosen_) {
        const auto next = accounts_of(columns_, columns_.row_after(after_), most);
        accounts.assign(next.begin(), next.end());
        return accounts;
    }
    for (auto next = chosen_->upper_bound(after_); next != chosen_->end() && accounts.size() < most;
         ++next) {
        accounts.push_back(*next);
    }
    return accounts;
}

/// Whether the pass visits none after this one.
bool Rescorer::is_last(AccountId account) const {
    return chosen_ ? chosen_->upper_bound(account) == chosen_->end()
                   : columns_.row_after(account) == columns_.facts().rows();
}

/// Accounts that a pass over some leaves out: each has a level, and stays there.
std::int64_t Rescorer::count_others() const {
    if (!chosen_) {
        return 0;
    }
    const auto with_row = std::count_if(chosen_->begin(), chosen_->end(), [&](AccountId account) {
        return columns_.find_row(account).has_value();
    });
    return static_cast<std::int64_t>(columns_.facts().rows()) - with_row;
}

/// Once the batch is committed.
void Rescorer::note_scored(
    const std::vector<AccountId>& accounts, const std::vector<AccountId>& unsettled
) {
    for (const AccountId account : accounts) {
        unsettled_.erase(account);
    }
    unsettled_.insert(unsettled.begin(), unsettled.end());
    if (scored_) {
        scored_->insert(accounts.begin(), accounts.end());
    }
    columns_.forget_changed(accounts);
}

/// Where the day or the people changed on the way, those visited before have to be visited again.
void Rescorer::end_pass(Date today) {
    if (!chosen_) {
        basis_ = begun_with_ == basis() ? std::optional{begun_with_} : std::nullopt;
    }
    was_over_all_ = !chosen_;
    chosen_.reset();
    asked_.emplace();
    pass_ = Pass::none;
    is_accepted_ = false;
    if (begun_on_ != today) {
        request(store::LevelCause::day);
    }
}

Result<bool> Rescorer::write_batch(TimePoint now) {
    if (!after_) {
        choose_accounts(context_.company_day(now));
        if (!chosen_) {
            basis_.reset();
            scored_.reset();
        }
    }
    const std::vector<AccountId> ids = next_accounts(rescored_at_once);
    const AccountId last = ids.empty() ? after_ : ids.back();
    const bool is_end = is_last(last);
    std::vector<AccountId> unsettled;
    const auto work = [&]() -> Result<bool> {
        begin_writing(now);
        const ScoreJudge judge{context_, version_, cause_, now};
        ScoreChanges changes = judge_accounts(context_, columns_, judge, ids);
        const Result<void> applied = write_changes(context_, changes, judge.today(), now);
        if (!applied.has_value()) {
            return applied.error();
        }
        unsettled = std::move(changes.unsettled);
        store::Markers markers{context_.database};
        markers.erase(held_marker);
        if (is_end) {
            for (const auto marker : {pass_marker, after_marker, cause_marker, rules_marker}) {
                markers.erase(marker);
            }
        } else {
            markers.set(rules_marker, context_.rules().content_hash);
            markers.set(pass_marker, is_accepted_ ? accepted_pass : "counting");
            // Which accounts were chosen is not written down: after a crash all are visited.
            markers.set(after_marker, std::to_string(chosen_ ? 0 : last.value));
            markers.set(cause_marker, store::name(cause_));
        }
        return is_end;
    };
    const Result<bool> written = store::write(context_.database, work);
    if (written.has_value()) {
        note_scored(ids, unsettled);
        after_ = last;
        if (is_end) {
            end_pass(context_.company_day(now));
        }
    }
    return written;
}

std::optional<std::set<AccountId>> Rescorer::take_scored() {
    return std::exchange(scored_, std::set<AccountId>{});
}

/// Notes that the account is scored. @returns the rules that do it; nothing while none are in force
std::optional<store::RulesVersionId> Rescorer::begin_one(
    AccountId account, store::LevelCause cause
) {
    columns_.touch(account);
    if (scored_) {
        scored_->insert(account);
    }
    store::RulesVersions versions{context_.database};
    const std::optional<store::RulesVersion> active = versions.active();
    const bool is_set = cause == store::LevelCause::overridden;
    if (!active || (pass_ == Pass::held && !is_set)) {
        return std::nullopt; // nothing is in force yet, or what is loaded waits for a person
    }
    return active->id;
}

void Rescorer::score_one(AccountId account, store::LevelCause cause, TimePoint now) {
    if (const auto known = read_known(context_, account, context_.company_day(now))) {
        return score_one(*known, cause, now);
    }
    static_cast<void>(begin_one(account, cause));
}

void Rescorer::score_one(const KnownAccount& known, store::LevelCause cause, TimePoint now) {
    const AccountId account = known.entry.id;
    const auto version = begin_one(account, cause);
    if (!version) {
        return;
    }
    const ScoreJudge judge{context_, *version, cause, now};
    const auto kept = store::Scores{context_.database}.find(account);
    const auto open = store::Reviews{context_.database}.open_of(account);
    ReviewClock clock = read_clock(context_.database, account, judge.today());
    clock.held = days_held(known.entry.records);
    ScoreChanges changes;
    judge.add(
        changes,
        {account,
         engine::evaluate(context_.rules(), known.facts),
         [&] {
             return known.facts;
         }},
        kept ? &*kept : nullptr,
        open ? &*open : nullptr,
        clock
    );
    unsettled_.insert(changes.unsettled.begin(), changes.unsettled.end());
    const Result<void> applied = write_changes(context_, changes, judge.today(), now);
    if (!applied.has_value()) {
        throw Failure(applied.error());
    }
}

std::optional<HeldLevels> Rescorer::held() const {
    if (pass_ != Pass::held) {
        return std::nullopt;
    }
    return HeldLevels{accounts_, moving_, cause_, context_.rules().content_hash};
}

std::optional<HeldLevels> Rescorer::held_before() const {
    store::Markers markers{context_.database};
    const std::string& rules = context_.rules().content_hash;
    const std::string counts = markers.find(held_marker).value_or("");
    const std::size_t space = counts.find(' ');
    if (pass_ != Pass::counting || space == std::string::npos
        || markers.find(rules_marker) != rules) {
        return std::nullopt;
    }
    return HeldLevels{
        to_number(counts.substr(space + 1)), to_number(counts.substr(0, space)), cause_, rules};
}

Result<void> Rescorer::confirm(const Actor& actor, TimePoint now) {
    if (held_before()) {
        return fail(
            ErrorCode::try_later,
            "the accounts that would change level are being counted again; try again in a moment"
        );
    }
    if (pass_ != Pass::held) {
        return fail(ErrorCode::not_found, "no change of levels is held");
    }
    pass_ = Pass::writing;
    is_accepted_ = true;
    after_ = {};
    const Result<void> saved = store::write(context_.database, [&]() -> Result<void> {
        store::Audit{context_.database}.record(
            {0, now, actor.who, actor.from, "levels.confirmed", "{}"}
        );
        save_state();
        return {};
    });
    if (!saved.has_value()) {
        pass_ = Pass::held;
        is_accepted_ = false;
    }
    return saved;
}

void Rescorer::mark_accepted(const std::string& rules_hash) {
    store::Markers markers{context_.database};
    markers.set(rules_marker, rules_hash);
    markers.set(pass_marker, accepted_pass);
    markers.set(after_marker, "0");
    markers.set(cause_marker, store::name(store::LevelCause::rules));
}

void Rescorer::begin_accepted() {
    is_accepted_ = false;
    request(store::LevelCause::rules);
    pass_ = Pass::writing;
    is_accepted_ = true;
}

void Rescorer::resume(TimePoint /*now*/) {
    store::Markers markers{context_.database};
    const std::optional<store::RulesVersion> active =
        store::RulesVersions{context_.database}.active();
    const bool is_new = !active || active->hash != context_.rules().content_hash;
    const std::optional<std::string> pass = markers.find(pass_marker);
    if (!pass) {
        if (is_new) {
            request(store::LevelCause::rules);
        }
        return;
    }
    const auto cause = find_cause(markers.find(cause_marker).value_or(""));
    request(cause.value_or(store::LevelCause::rules));
    // What was accepted goes on with its next batch, unless the rules are others now.
    const bool are_same_rules = markers.find(rules_marker) == context_.rules().content_hash;
    if (*pass == accepted_pass && are_same_rules) {
        pass_ = Pass::writing;
        is_accepted_ = true;
        after_ = AccountId{to_number(markers.find(after_marker).value_or("0"))};
    }
}

} // namespace reviewd::service
