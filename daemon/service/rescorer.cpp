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

namespace reviewd::service {
namespace {

constexpr std::size_t batch_accounts = 500;

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

std::vector<AccountId> ids_of(const std::vector<store::AccountEntry>& entries) {
    std::vector<AccountId> ids;
    ids.reserve(entries.size());
    for (const store::AccountEntry& entry : entries) {
        ids.push_back(entry.id);
    }
    return ids;
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

class Judge {
public:
    Judge(Context& context, store::RulesVersionId version, store::LevelCause cause, TimePoint now)
        : context_(context),
          version_(version),
          cause_(cause),
          today_(context.company_day(now)),
          reader_(
              context.database, context.rules().schema, context.settings().company.minor_digits
          ),
          portfolio_(reader_.read_context(today_)),
          deriver_(context.rules(), portfolio_) {}

    [[nodiscard]] store::AccountReader& reader() { return reader_; }

    /// @param kept the score in force, or null
    [[nodiscard]] Judged judge(const store::AccountEntry& entry, const store::AccountScore* kept)
        const {
        const auto held = kept == nullptr ? std::nullopt : std::optional{*kept};
        return judge_account(context_.rules(), deriver_.derive(entry.records), held, today_);
    }

    void add(
        Changes& changes,
        const store::AccountEntry& entry,
        const store::AccountScore* kept,
        const store::Review* open
    ) const {
        const Judged judged = judge(entry, kept);
        const store::AccountScore score =
            to_kept(context_.rules(), entry.id, judged, version_, today_);
        if (kept == nullptr || kept->level != score.level) {
            changes.levels.push_back(
                {entry.id,
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
            add_window(changes, entry, judged, score.level, *open);
        }
        changes.scores.push_back(score);
    }

private:
    void add_window(
        Changes& changes,
        const store::AccountEntry& entry,
        const Judged& judged,
        const std::string& level,
        const store::Review& open
    ) const {
        const PersonProfile& owner = context_.people->owner(open.owner);
        const review::Window window =
            adjusted_window(open, days_held(entry.records), to_cadence(judged.cadence), owner);
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
    store::AccountReader reader_;
    engine::PortfolioContext portfolio_;
    engine::FactDeriver deriver_;
};

/// Judges a batch of accounts, in their order, and collects what is to be written.
Changes judge_all(
    Context& context, const Judge& judge, const std::vector<store::AccountEntry>& entries
) {
    const std::vector<AccountId> ids = ids_of(entries);
    const std::vector<store::AccountScore> kept = store::Scores{context.database}.find(ids);
    const std::vector<store::Review> open = store::Reviews{context.database}.open_of(ids);
    Beside<store::AccountScore> scores{kept};
    Beside<store::Review> reviews{open};
    Changes changes;
    for (const store::AccountEntry& entry : entries) {
        judge.add(changes, entry, scores.find(entry.id), reviews.find(entry.id));
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

Rescorer::Rescorer(Context& context) : context_(context) {}

void Rescorer::request(store::LevelCause cause) {
    // A new day needs no guard, because time moves levels one by one; and it must neither let in
    // what is held nor call what was confirmed into question again.
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
    Judge judge{context_, version_, cause_, now};
    const auto entries = judge.reader().read_after(after_, batch_accounts);
    const std::vector<AccountId> ids = ids_of(entries);
    const std::vector<store::AccountScore> kept = store::Scores{context_.database}.find(ids);
    Beside<store::AccountScore> scores{kept};
    for (const store::AccountEntry& entry : entries) {
        if (const store::AccountScore* score = scores.find(entry.id)) {
            const Judged judged = judge.judge(entry, score);
            ++accounts_;
            moving_ += context_.rules().levels[judged.level.level].name == score->level ? 0 : 1;
        }
    }
    if (entries.size() == batch_accounts) {
        after_ = entries.back().id;
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
        Judge judge{context_, version_, cause_, now};
        const auto entries = judge.reader().read_after(after_, batch_accounts);
        const Result<void> applied = apply(context_, judge_all(context_, judge, entries));
        if (!applied.has_value()) {
            return applied.error();
        }
        is_end = entries.size() < batch_accounts;
        last = entries.empty() ? after_ : entries.back().id;
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
    store::RulesVersions versions{context_.database};
    const std::optional<store::RulesVersion> active = versions.active();
    if (!active || pass_ == Pass::held) {
        return; // nothing is in force yet, or what is loaded waits for a person
    }
    Judge judge{context_, active->id, cause, now};
    const std::array ids{account};
    const auto entries = judge.reader().read(ids);
    const Result<void> applied = apply(context_, judge_all(context_, judge, entries));
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
