#pragma once

#include "daemon/service/context.hpp"
#include "daemon/service/known_account.hpp"
#include "daemon/service/portfolio_columns.hpp"
#include "daemon/store/scores.hpp"
#include "scoring/base/result.hpp"

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace reviewd::service {

/// A change of levels that waits for a person, because it would move too many accounts.
struct HeldLevels {
    std::int64_t accounts = 0; ///< that have a level now
    std::int64_t moving = 0;   ///< of them, how many would get another one
    store::LevelCause cause = store::LevelCause::facts;
    std::string rules_hash; ///< of the rules that move them
};

/// Scores the portfolio in batches of bounded size; each batch is one transaction together with
/// the mark of how far it got, so a crash costs one batch. The scores of all accounts come from the
/// columns, which are made current first; one account's come from the interpreter.
///
/// Once all were scored by the same rules and people, a pass visits only accounts for which
/// something can have changed: rows that an import changed, facts that change with the day, a level
/// that is not the score's own, a review that was written since.
///
/// When rules or facts changed, a first pass only counts how many accounts would change level; more
/// than `hold_share` of them, and nothing is written until a person confirms.
class Rescorer {
public:
    /// Both outlive this.
    Rescorer(Context& context, PortfolioColumns& columns);

    /// Asks for a pass over all accounts; one that is under way begins anew. `facts`: all of them
    /// may have changed, and are read again.
    void request(store::LevelCause cause);
    /// Facts of these accounts may have changed: asks for a pass over them, and whatever else needs
    /// one, which does what one over all would. One that is under way begins anew, over these, too.
    /// @param accounts nothing: those of all may have
    void request_facts(const std::optional<std::set<AccountId>>& accounts);
    [[nodiscard]] bool is_busy() const;
    /// Does one batch. @returns whether the pass has ended with it
    [[nodiscard]] Result<bool> step(TimePoint now);

    /// Scores one account and writes what changed, with its window; inside a transaction.
    void score_one(AccountId account, store::LevelCause cause, TimePoint now);
    void score_one(const KnownAccount& known, store::LevelCause cause, TimePoint now);

    /// Whether the pass that ended last was one over all accounts.
    [[nodiscard]] bool was_over_all() const { return was_over_all_; }
    /// Accounts that were scored since the last call; nothing: all may have been.
    [[nodiscard]] std::optional<std::set<AccountId>> take_scored();

    [[nodiscard]] std::optional<HeldLevels> held() const;
    /// What was held, by an earlier process perhaps, while it is counted again.
    [[nodiscard]] std::optional<HeldLevels> held_before() const;
    /// Lets the held pass write.
    /// @errors `not_found` when nothing is held; `try_later` while that is being counted again
    [[nodiscard]] Result<void> confirm(const Actor& actor, TimePoint now);

    /// Notes that the scores have to follow rules whose effect a person, or the guard, has
    /// accepted; inside the transaction that puts them in force. Once it is committed, and the
    /// context has the rules, `begin_accepted` begins.
    void mark_accepted(const std::string& rules_hash);
    void begin_accepted();

    /// At start: goes on with a pass that a crash interrupted; rules that are new ask for one.
    void resume(TimePoint now);

private:
    enum class Pass { none, counting, writing, held };

    /// What accounts that were all scored once were scored by: with the same, a new day changes
    /// few.
    struct Basis {
        std::uint64_t columns_epoch = 0;
        std::uint64_t people_revision = 0;
        std::string rules_hash;
        friend bool operator==(const Basis&, const Basis&) = default;
    };

    [[nodiscard]] Basis basis() const;
    void ask(store::LevelCause cause, std::optional<std::set<AccountId>> accounts);
    void choose_accounts(Date today);
    [[nodiscard]] std::vector<AccountId> next_accounts(std::size_t most) const;
    [[nodiscard]] bool is_last(AccountId account) const;
    [[nodiscard]] std::int64_t count_others() const;
    void note_scored(
        const std::vector<AccountId>& accounts, const std::vector<AccountId>& unsettled
    );
    void end_pass(Date today);
    void save_state() const;
    void begin_writing(TimePoint now);
    [[nodiscard]] std::optional<store::RulesVersionId> begin_one(
        AccountId account, store::LevelCause cause
    );
    [[nodiscard]] Result<bool> count_batch(TimePoint now);
    [[nodiscard]] Result<bool> write_batch(TimePoint now);

    Context& context_;
    PortfolioColumns& columns_;
    Pass pass_ = Pass::none;
    bool is_accepted_ = false; ///< writing: nothing is counted any more
    store::LevelCause cause_ = store::LevelCause::facts;
    AccountId after_;
    std::int64_t accounts_ = 0;
    std::int64_t moving_ = 0;
    store::RulesVersionId version_;
    std::optional<Basis> basis_; ///< of the last pass over all
    /// Accounts whose level or review a day may change although their facts stay.
    std::set<AccountId> unsettled_;
    /// What was asked for and is not done; absent: all accounts.
    std::optional<std::set<AccountId>> asked_ = std::set<AccountId>{};
    std::optional<std::set<AccountId>> chosen_; ///< of a pass over some; absent: over all
    Date begun_on_{};                           ///< the day on which the pass chose
    Basis begun_with_;
    std::optional<std::set<AccountId>> scored_;
    bool was_over_all_ = true;
};

} // namespace reviewd::service
