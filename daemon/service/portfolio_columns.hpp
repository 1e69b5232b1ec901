#pragma once

#include "daemon/service/context.hpp"
#include "daemon/service/portfolio_reading.hpp"
#include "scoring/engine/columnar/program.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <unordered_map>
#include <vector>

namespace reviewd::service {

/// The facts of the whole portfolio on one day, in memory, and the scores that follow from them by
/// the rules in force. They are read from the database in pieces, and follow it: an outcome
/// reads the one account again, an import those whose rows it changed, which may be new or gone.
/// What rules alone change reads nothing. To score a new day, only accounts are read again of which
/// a fact that the rules read changes with the day; the other facts are those of an earlier day
/// then, and whoever wants them has all read again.
///
/// A cache: the database has the truth, and nothing is lost with it. Belongs to the thread that
/// owns the database.
class PortfolioColumns {
public:
    /// @param context outlives this
    explicit PortfolioColumns(Context& context);
    PortfolioColumns(const PortfolioColumns&) = delete;
    PortfolioColumns& operator=(const PortfolioColumns&) = delete;

    /// Facts of any account may have changed.
    void forget();
    /// Facts of this account may have changed, or will if the transaction under way commits.
    void touch(AccountId account);
    /// Whether reading so many accounts again takes longer than reading all.
    [[nodiscard]] bool are_too_many(std::size_t accounts) const;

    /// What has to be of the day.
    enum class Need {
        all_facts,
        facts_in_use, ///< by the rules in force; and the scores
    };
    /// Whether facts and scores are those of the day, by the rules in force.
    [[nodiscard]] bool are_current(Date day, Need need = Need::all_facts) const;
    /// Does a bounded piece of the work towards that. @returns whether they are current now
    bool load_some(Date day, Need need = Need::all_facts);

    /// A number that stays while the scores follow by `changed` alone.
    [[nodiscard]] std::uint64_t epoch() const { return epoch_; }
    /// Accounts that were read again in this epoch, and that `forget_changed` did not name since.
    [[nodiscard]] const std::set<AccountId>& changed() const { return changed_; }
    /// @param accounts that were taken note of
    void forget_changed(std::span<const AccountId> accounts);

    /// How many accounts have been read of a pass that has not ended; absent: all.
    [[nodiscard]] std::optional<std::size_t> accounts_read() const;
    /// How many were read in all, each as often as it was.
    [[nodiscard]] std::size_t accounts_read_ever() const { return read_ever_; }

    /// The rest needs are_current(): active accounts, ascending.
    [[nodiscard]] const engine::columnar::FactColumns& facts() const { return facts_; }
    [[nodiscard]] const engine::columnar::ScoreColumns& scores() const { return scores_; }
    [[nodiscard]] const engine::columnar::Program& program() const { return *program_; }
    /// What the rules add up to by row and group, from which a change of one rule is scored; made
    /// when it is asked for, and kept.
    [[nodiscard]] const engine::columnar::SumColumns& sums();
    /// The first row of an account after this one: where a walk goes on.
    [[nodiscard]] std::size_t row_after(AccountId account) const;
    [[nodiscard]] std::optional<std::size_t> find_row(AccountId account) const;
    /// Who owns the account of the row; none: nobody.
    [[nodiscard]] PersonId owner(std::size_t row) const;

    /// Memory that grows with the accounts: ids, owners, facts, scores and sums.
    [[nodiscard]] std::size_t bytes() const;

private:
    /// Accounts that had no row, ascending, with what becomes of them.
    struct NewRows {
        std::vector<AccountId> accounts;
        std::vector<engine::FactRow> facts;
        std::vector<std::int32_t> stand_until;
        std::vector<PersonId> owners;
    };

    [[nodiscard]] bool is_loaded(Date day, Need need) const;
    void drop();
    void adopt_rules();
    [[nodiscard]] bool follow(Date day);
    void load_batch(Date day);
    void read_touched(Date day);
    void add_rows(const NewRows& added);
    void remove_gone();
    void move_rows(const engine::columnar::RowMoves& moves, const NewRows& added);
    void score_all();
    void score_again(std::span<const AccountId> accounts);
    [[nodiscard]] std::uint32_t owner_number(PersonId owner);

    Context& context_;
    std::optional<Date> day_;                     ///< of the facts in use; absent: there are none
    std::optional<Date> all_day_;                 ///< of all facts
    std::shared_ptr<const rules::RuleSet> rules_; ///< that define the facts
    int minor_digits_ = 0;
    engine::columnar::FactColumns facts_;
    std::vector<std::int32_t>
        stand_until_; ///< by row, day numbers: the facts in use; empty: not known
    std::vector<std::uint32_t> owner_numbers_; ///< by row
    std::vector<PersonId> owners_;             ///< by number
    std::unordered_map<PersonId, std::uint32_t> numbers_of_owners_;
    std::optional<engine::columnar::Program> program_;
    std::shared_ptr<const rules::RuleSet> scored_by_; ///< null: scores are to be made anew
    engine::columnar::ScoreColumns scores_;
    std::set<AccountId> touched_;
    std::set<AccountId> gone_; ///< not active any more; their rows leave when all touched are read
    std::set<AccountId> changed_;
    std::uint64_t epoch_ = 1;
    std::size_t read_ever_ = 0;
    std::optional<PortfolioReading> reading_; ///< a pass that has not ended
    engine::columnar::SumColumns sums_;
    bool are_sums_made_ = false;
};

} // namespace reviewd::service
