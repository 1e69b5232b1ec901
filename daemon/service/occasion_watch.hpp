#pragma once

#include "daemon/service/context.hpp"
#include "daemon/service/portfolio_columns.hpp"
#include "daemon/service/rescorer.hpp"
#include "daemon/store/occasions.hpp"
#include "scoring/base/result.hpp"

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace reviewd::service {

/// Looks through the portfolio for what sets off triggers, after scores and before the plan: an
/// event is kept (once, for ever), and the account's review gets it as a reason and is pulled
/// nearer. In batches; a batch is one transaction, and a pass that broke off begins anew and finds
/// the same.
class OccasionWatch {
public:
    /// All outlive this.
    OccasionWatch(Context& context, Rescorer& rescorer, PortfolioColumns& columns)
        : context_(context), rescorer_(rescorer), columns_(columns) {}

    /// Asks for a pass over all accounts; or, where they were all looked at before with the same
    /// rules and people, over those that were scored since and those whose day has come.
    void request();
    /// Rows of these accounts changed: the next pass looks at them, whatever became of their
    /// scores.
    /// @param accounts nothing: those of all may have
    void note_changed(const std::optional<std::set<AccountId>>& accounts);
    [[nodiscard]] bool is_busy() const { return is_busy_; }
    /// Does one batch. @returns whether the pass has ended with it
    [[nodiscard]] Result<bool> step(TimePoint now);

    /// One account, inside a transaction: after somebody was there, or its score changed.
    [[nodiscard]] Result<void> look_at(AccountId account, TimePoint now);
    [[nodiscard]] Result<void> look_at(const KnownAccount& known, TimePoint now);
    /// The customer was contacted on `day`: what had happened by then needs no contact any more.
    /// Inside a transaction. @returns how many occasions that answered
    int answer(AccountId account, Date day);
    /// A person chose a day, knowing of them: they pull no more. Inside a transaction.
    /// @returns the names of those that did until then
    std::vector<std::string> defer(AccountId account);
    /// The names of those that are deferred.
    [[nodiscard]] std::vector<std::string> deferred(AccountId account);
    /// Undoes `answer`: those answered on `day` are open again, or deferred where they are named.
    /// Inside a transaction.
    void reopen(AccountId account, Date day, const std::vector<std::string>& deferred);
    /// Undoes `defer`: the named ones pull again. Inside a transaction.
    void pull_again(AccountId account, const std::vector<std::string>& deferred);

private:
    /// What all accounts were looked at with.
    struct Basis {
        std::uint64_t columns_epoch = 0;
        std::uint64_t people_revision = 0;
        std::string rules_hash;
        friend bool operator==(const Basis&, const Basis&) = default;
    };

    void begin(Date today);
    [[nodiscard]] Result<bool> look_through_all(TimePoint now);
    [[nodiscard]] Result<bool> look_through_some(TimePoint now);
    [[nodiscard]] Result<AccountId> look_after(AccountId after, TimePoint now);
    void note_next_look(AccountId account, Date day);

    Context& context_;
    Rescorer& rescorer_;
    PortfolioColumns& columns_;
    bool is_busy_ = false;
    bool is_begun_ = false;
    AccountId after_;
    std::optional<Basis> basis_; ///< of the last pass over all
    std::set<std::pair<Date, AccountId>> next_looks_;
    std::set<AccountId> changed_;                ///< for the next pass
    std::optional<std::set<AccountId>> waiting_; ///< of a pass over some; absent: over all
};

} // namespace reviewd::service
