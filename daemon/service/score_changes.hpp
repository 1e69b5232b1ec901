#pragma once

#include "daemon/service/context.hpp"
#include "daemon/service/judge_account.hpp"
#include "daemon/service/portfolio_columns.hpp"
#include "daemon/store/overrides.hpp"
#include "daemon/store/reviews.hpp"
#include "daemon/store/scores.hpp"
#include "scoring/base/result.hpp"

#include <cstddef>
#include <functional>
#include <map>
#include <span>
#include <vector>

namespace reviewd::service {

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

/// What new scores change in the database.
struct ScoreChanges {
    std::vector<store::AccountScore> scores;
    std::vector<store::ScoreChange> history;
    std::vector<store::Review> reviews;
    std::vector<AccountId> expired;   ///< overrides that hold no longer
    std::vector<AccountId> unsettled; ///< another day may change them although their facts stay
};

struct AccountToJudge {
    AccountId id;
    engine::Score score;
    std::function<engine::FactRow()> facts;
};

/// Says what a score changes, on one day and for one cause.
class ScoreJudge {
public:
    ScoreJudge(
        Context& context, store::RulesVersionId version, store::LevelCause cause, TimePoint now
    );

    [[nodiscard]] Date today() const { return today_; }

    /// @param facts asked for only if something depends on them
    /// @param kept the score in force, or null
    /// @param open the open review, or null
    /// @param clock what else moves the open review
    void add(
        ScoreChanges& changes,
        const AccountToJudge& account,
        const store::AccountScore* kept,
        const store::Review* open,
        const ReviewClock& clock
    ) const;

private:
    /// The level in force, and why it is another one if it is.
    struct Setting {
        engine::HeldLevel level;
        store::LevelCause cause;
    };

    [[nodiscard]] Setting level_of(
        const AccountToJudge& account, const store::AccountScore* kept, ScoreChanges& changes
    ) const;
    /// The level after a score. The days of keep_level hold back facts that flap; where people
    /// changed the rules, only its margin counts.
    [[nodiscard]] engine::HeldLevel after(
        const engine::Score& score, const store::AccountScore* kept
    ) const;
    [[nodiscard]] store::ScoreChange change_of(
        const store::AccountScore* kept, const store::AccountScore& score, store::LevelCause cause
    ) const;
    /// A level that flaps must not move a review again and again: one that facts and days bring
    /// waits until a week after the last time.
    [[nodiscard]] bool has_to_wait(const store::AccountScore& score, store::LevelCause cause) const;
    void add_window(
        ScoreChanges& changes,
        const Judged& judged,
        const ReviewClock& clock,
        store::AccountScore& score,
        store::LevelCause cause,
        const store::Review& open
    ) const;

    Context& context_;
    store::RulesVersionId version_;
    store::LevelCause cause_;
    Date today_;
    std::map<AccountId, store::Override> overrides_;
};

/// Judges accounts of the columns and collects what is to be written.
/// @param ids ascending; those that are not active are passed over
[[nodiscard]] ScoreChanges judge_accounts(
    Context& context,
    const PortfolioColumns& columns,
    const ScoreJudge& judge,
    std::span<const AccountId> ids
);

/// Writes what a judge collected; inside a transaction.
[[nodiscard]] Result<void> write_changes(
    Context& context, const ScoreChanges& changes, Date today, TimePoint now
);

} // namespace reviewd::service
