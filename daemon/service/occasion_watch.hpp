#pragma once

#include "daemon/service/context.hpp"
#include "daemon/service/portfolio_columns.hpp"
#include "daemon/service/rescorer.hpp"
#include "daemon/store/occasions.hpp"
#include "scoring/base/result.hpp"

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

    /// Asks for a pass over all accounts.
    void request();
    [[nodiscard]] bool is_busy() const { return is_busy_; }
    /// Does one batch. @returns whether the pass has ended with it
    [[nodiscard]] Result<bool> step(TimePoint now);

    /// One account, inside a transaction: after somebody was there, or its score changed.
    [[nodiscard]] Result<void> look_at(AccountId account, TimePoint now);
    /// The customer was contacted on `day`: what had happened by then needs no contact any more.
    /// Inside a transaction. @returns how many occasions that answered
    int answer(AccountId account, Date day);
    /// A person chose a day, knowing of them: they pull no more. Inside a transaction.
    void defer(AccountId account);
    /// Undoes `answer`: those answered on `day` are open again. Inside a transaction.
    void reopen(AccountId account, Date day);

private:
    [[nodiscard]] Result<AccountId> look_through(AccountId after, TimePoint now);

    Context& context_;
    Rescorer& rescorer_;
    PortfolioColumns& columns_;
    bool is_busy_ = false;
    AccountId after_;
};

} // namespace reviewd::service
