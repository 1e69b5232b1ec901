// A pass keeps its place in two markers: what it is doing, and after which account it goes on. They
// are written in the same transaction as the batch, so a restart continues where the last commit
// left off.

#include "daemon/service/rescorer.hpp"

#include "daemon/service/judge_account.hpp"
#include "daemon/store/account_reader.hpp"
#include "daemon/store/audit.hpp"
#include "daemon/store/markers.hpp"
#include "daemon/store/reviews.hpp"
#include "daemon/store/rules_versions.hpp"
#include "daemon/store/transaction.hpp"
#include "scoring/engine/fact_deriver.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <functional>
#include <span>

namespace reviewd::service {
namespace {

constexpr std::size_t batch_accounts = 500;
constexpr std::size_t counted_accounts = 5000; // a batch that writes nothing

/// So few accounts are moved without asking: a fifth of them is next to nothing.
constexpr std::int64_t guard_accounts = 10;

constexpr std::string_view pass_marker = "rescore.pass";
constexpr std::string_view after_marker = "rescore.after";
constexpr std::string_view cause_marker = "rescore.cause";
constexpr std::string_view rules_marker = "rescore.rules";

constexpr std::array all_causes{
    store::LevelCause::first,
    store::LevelCause::facts,
    store::LevelCause::rules,
    store::LevelCause::day,
    store::LevelCause::person};

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

/// Walks two lists that are both in order of their accounts.
template <class Row>
class Beside {
public:
    explicit Beside(const std::vector<Row>& rows) : rows_(rows) {}

    [[nodiscard]] const Row* find(AccountId account) {
        while (at_ < rows_.size() && rows_[at_].account < account) {
            ++at_;
        }
        return at_ < rows_.size() && rows_[at_].account == account ? &rows_[at_] : nullptr;
    }

private:
    const std::vector<Row>& rows_;
    std::size_t at_ = 0;
};

/// What one account's new score changes in the database.
struct Changes {
    std::vector<store::AccountScore> scores;
    std::vector<store::LevelChange> levels;
    std::vector<store::Review> reviews;
};

struct AccountToJudge {
    AccountId id;
    engine::Score score;
    std::function<engine::FactRow()> facts;
};

/// Says what a score changes.
class Judge {
public:
    Judge(Context& context, store::RulesVersionId version, store::LevelCause cause, TimePoint now)
        : context_(context), version_(version), cause_(cause), today_(context.company_day(now)) {}

    [[nodiscard]] Date today() const { return today_; }

    /// @param facts asked for only if the cadence depends on them
    /// @param kept the score in force, or null
    /// @param open the open review, or null
    /// @param held days on which reviews were held, ascending
    void add(
        Changes& changes,
        const AccountToJudge& account,
        const store::AccountScore* kept,
        const store::Review* open,
        const std::vector<Date>& held
    ) const {
        const rules::RuleSet& rules = context_.rules();
        Judged judged;
        judged.score = account.score;
        judged.level = engine::decide_level(rules, judged.score, held_level(rules, kept), today_);
        const store::AccountScore score = to_kept(rules, account.id, judged, version_, today_);
        if (kept == nullptr || kept->level != score.level) {
            changes.levels.push_back(
                {account.id,
                 today_,
                 kept == nullptr ? std::string{} : kept->level,
                 score.level,
                 score.points,
                 version_,
                 kept == nullptr ? store::LevelCause::first : cause_,
                 {}}
            );
        }
        if (open != nullptr) {
            judged.cadence = engine::cadence_for(
                rules,
                judged.level.level,
                rules.cadences.empty() ? engine::FactRow{} : account.facts()
            );
            add_window(changes, judged, held, score.level, *open);
        }
        changes.scores.push_back(score);
    }

private:
    void add_window(
        Changes& changes,
        const Judged& judged,
        const std::vector<Date>& held,
        const std::string& level,
        const store::Review& open
    ) const {
        const PersonProfile& owner = context_.people->owner(open.owner);
        const review::Window window =
            adjusted_window(open, held, to_cadence(judged.cadence), owner);
        const review::Window before{open.earliest, open.target, open.latest};
        if (window == before && open.level == level && open.cadence == judged.cadence.name) {
            return;
        }
        store::Review review = open;
        review.earliest = window.earliest;
        review.target = window.target;
        review.latest = window.latest;
        review.level = level;
        review.cadence = judged.cadence.name;
        changes.reviews.push_back(std::move(review));
    }

    Context& context_;
    store::RulesVersionId version_;
    store::LevelCause cause_;
    Date today_;
};

/// Judges rows of the columns, in their order, and collects what is to be written.
Changes judge_rows(
    Context& context, const PortfolioColumns& columns, const Judge& judge, std::size_t first
) {
    const std::span<const AccountId> ids = accounts_of(columns, first, batch_accounts);
    const std::vector<store::AccountScore> kept = store::Scores{context.database}.find(ids);
    store::Reviews all_reviews{context.database};
    const std::vector<store::Review> open = all_reviews.open_of(ids);
    const std::vector<store::DaysHeld> held = all_reviews.days_held(ids);
    Beside<store::AccountScore> scores{kept};
    Beside<store::Review> reviews{open};
    Beside<store::DaysHeld> days{held};
    Changes changes;
    for (std::size_t i = 0; i < ids.size(); ++i) {
        const std::size_t row = first + i;
        const AccountToJudge account{ids[i], columns.scores().score(row), [&, row] {
                                         return columns.facts().facts(row);
                                     }};
        const store::DaysHeld* const held_days = days.find(ids[i]);
        judge.add(
            changes,
            account,
            scores.find(ids[i]),
            reviews.find(ids[i]),
            held_days == nullptr ? std::vector<Date>{} : held_days->days
        );
    }
    return changes;
}

Result<void> apply(Context& context, const Changes& changes) {
    store::Scores scores{context.database};
    scores.save(changes.scores);
    scores.record(changes.levels);
    store::Reviews reviews{context.database};
    for (const store::Review& review : changes.reviews) {
        const Result<void> updated = reviews.update(review);
        if (!updated.has_value()) {
            return updated;
        }
    }
    return {};
}

} // namespace

Rescorer::Rescorer(Context& context, PortfolioColumns& columns)
    : context_(context), columns_(columns) {}

void Rescorer::request(store::LevelCause cause) {
    // A new day needs no guard, because time moves levels one by one; and it must neither let in
    // what is held nor call what was confirmed into question again.
    if (cause == store::LevelCause::facts) {
        columns_.forget();
    }
    const bool is_day = cause == store::LevelCause::day;
    if (is_day && pass_ != Pass::none) {
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
    if (is_busy() && !columns_.are_current(today)) {
        columns_.load_some(today);
        return false;
    }
    if (pass_ == Pass::counting) {
        return count_batch(now);
    }
    return pass_ == Pass::writing ? write_batch(now) : Result<bool>{false};
}

void Rescorer::save_state() const {
    store::Markers markers{context_.database};
    if (pass_ == Pass::none) {
        markers.erase(pass_marker);
        markers.erase(after_marker);
        markers.erase(cause_marker);
        markers.erase(rules_marker);
        return;
    }
    markers.set(rules_marker, context_.rules().content_hash);
    markers.set(pass_marker, pass_ == Pass::writing ? "writing" : "counting");
    markers.set(after_marker, std::to_string(after_.value));
    markers.set(cause_marker, store::name(cause_));
}

void Rescorer::begin_writing(TimePoint now) {
    const rules::RuleSet& rules = context_.rules();
    store::RulesVersions versions{context_.database};
    const std::optional<store::RulesVersion> active = versions.active();
    version_ = versions.remember(rules.content_hash, rules.content, now, "reviewd", "");
    if (!active || active->id != version_) {
        versions.activate(version_);
        context_.note(
            Notice::Severity::information,
            "rules.activated",
            fmt::format("rules v{} are in force", version_.value)
        );
    }
}

Result<bool> Rescorer::count_batch(TimePoint now) {
    const rules::RuleSet& rules = context_.rules();
    const Date today = context_.company_day(now);
    const std::size_t first = columns_.row_after(after_);
    const std::span<const AccountId> ids = accounts_of(columns_, first, counted_accounts);
    const std::vector<store::AccountScore> kept = store::Scores{context_.database}.find(ids);
    Beside<store::AccountScore> scores{kept};
    for (std::size_t i = 0; i < ids.size(); ++i) {
        if (const store::AccountScore* score = scores.find(ids[i])) {
            const engine::HeldLevel level = engine::decide_level(
                rules, columns_.scores().score(first + i), held_level(rules, score), today
            );
            ++accounts_;
            moving_ += rules.levels[level.level].name == score->level ? 0 : 1;
        }
    }
    if (first + ids.size() < columns_.facts().rows()) {
        after_ = ids.back();
        return false;
    }
    after_ = {};
    const double share =
        accounts_ == 0 ? 0 : static_cast<double>(moving_) / static_cast<double>(accounts_);
    const bool is_too_much = accounts_ >= guard_accounts && share > context_.settings().hold_share;
    if (!is_too_much) {
        pass_ = Pass::writing;
        return false;
    }
    pass_ = Pass::held;
    context_.note(
        Notice::Severity::warning,
        "levels.held",
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

Result<bool> Rescorer::write_batch(TimePoint now) {
    bool is_end = false;
    AccountId last = after_;
    const auto work = [&]() -> Result<bool> {
        begin_writing(now);
        const Judge judge{context_, version_, cause_, now};
        const std::size_t first = columns_.row_after(after_);
        const Result<void> applied = apply(context_, judge_rows(context_, columns_, judge, first));
        if (!applied.has_value()) {
            return applied.error();
        }
        const std::span<const AccountId> ids = accounts_of(columns_, first, batch_accounts);
        is_end = first + ids.size() == columns_.facts().rows();
        last = ids.empty() ? after_ : ids.back();
        store::Markers markers{context_.database};
        if (is_end) {
            for (const auto marker : {pass_marker, after_marker, cause_marker, rules_marker}) {
                markers.erase(marker);
            }
        } else {
            markers.set(rules_marker, context_.rules().content_hash);
            markers.set(pass_marker, "writing");
            markers.set(after_marker, std::to_string(last.value));
            markers.set(cause_marker, store::name(cause_));
        }
        return is_end;
    };
    const Result<bool> written = store::write(context_.database, work);
    if (written.has_value()) {
        after_ = last;
        pass_ = is_end ? Pass::none : Pass::writing;
    }
    return written;
}

void Rescorer::score_one(AccountId account, store::LevelCause cause, TimePoint now) {
    columns_.touch(account);
    store::RulesVersions versions{context_.database};
    const std::optional<store::RulesVersion> active = versions.active();
    if (!active || pass_ == Pass::held) {
        return; // nothing is in force yet, or what is loaded waits for a person
    }
    const Judge judge{context_, active->id, cause, now};
    const rules::RuleSet& rules = context_.rules();
    store::AccountReader reader{
        context_.database, rules.schema, context_.settings().company.minor_digits};
    const engine::PortfolioContext portfolio = reader.read_context(judge.today());
    const engine::FactDeriver deriver{rules, portfolio};
    const std::array ids{account};
    Changes changes;
    for (const store::AccountEntry& entry : reader.read(ids)) {
        const engine::FactRow facts = deriver.derive(entry.records);
        const auto kept = store::Scores{context_.database}.find(account);
        const auto open = store::Reviews{context_.database}.open_of(account);
        judge.add(
            changes,
            {account,
             engine::evaluate(rules, facts),
             [&] {
                 return facts;
             }},
            kept ? &*kept : nullptr,
            open ? &*open : nullptr,
            days_held(entry.records)
        );
    }
    const Result<void> applied = apply(context_, changes);
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

Result<void> Rescorer::confirm(const Actor& actor, TimePoint now) {
    if (pass_ != Pass::held) {
        return fail(ErrorCode::not_found, "no change of levels is held");
    }
    pass_ = Pass::writing;
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
    }
    return saved;
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
    const bool is_accepted = markers.find(rules_marker) == context_.rules().content_hash;
    if (*pass == "writing" && is_accepted) {
        pass_ = Pass::writing;
        after_ = AccountId{to_number(markers.find(after_marker).value_or("0"))};
    }
}

} // namespace reviewd::service
