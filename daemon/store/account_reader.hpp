#pragma once

#include "daemon/store/connection.hpp"
#include "scoring/base/date.hpp"
#include "scoring/base/id.hpp"
#include "scoring/engine/facts.hpp"
#include "scoring/rules/table.hpp"

#include <bitset>
#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace reviewd::store {

/// An active account with all that facts are derived from.
struct AccountEntry {
    AccountId id;
    PersonId owner; ///< none: nobody owns it
    engine::AccountRecords records;
};

/// Reads accounts in the terms of the engine. Rows of tables are in order of their arrival, former
/// values latest first. Rows that vanished are there, with Record::retired; accounts that vanished
/// are not.
class AccountReader {
public:
    /// For daemon/store itself: the texts of the statements that read the accounts and their
    /// tables, each made when it is first needed.
    using Statements = std::array<std::string, rules::table_count>;

    /// @param schema outlives the reader; values have its columns, custom ones too
    /// @param minor_digits decimal places of the reporting currency
    /// @param tables which of the accounts' tables are read; the others stay empty
    /// @param present_after accounts that vanished after that day are there too; absent: none
    AccountReader(
        Connection& connection,
        const rules::Schema& schema,
        int minor_digits,
        std::bitset<rules::table_count> tables = std::bitset<rules::table_count>{}.set(),
        std::optional<Date> present_after = std::nullopt
    )
        : connection_(connection),
          schema_(schema),
          minor_digits_(minor_digits),
          tables_(tables),
          present_after_(present_after.value_or(last_date)) {}

    /// Everything is asked for as of this day or a later one: rows that had vanished by then, and
    /// values that the account had before, are left out.
    void leave_out_past(Date as_of) { as_of_ = as_of; }
    /// From now on without what only facts are derived of: former values and answers.
    void leave_out_past_values() { reads_all_ = false; }

    /// The next at most `limit` active accounts with ids above `after`, in id order; fewer only at
    /// the end. A walk over the portfolio starts with AccountId{} and goes on with the last id.
    [[nodiscard]] std::vector<AccountEntry> read_after(AccountId after, std::size_t limit);

    /// These accounts, in id order; those that do not exist or are not active are left out.
    [[nodiscard]] std::vector<AccountEntry> read(std::span<const AccountId> ids);

    /// What is the same for all accounts: the tables ever loaded, and the products.
    [[nodiscard]] engine::PortfolioContext read_context(Date as_of);

private:
    void read_range(
        AccountId after, AccountId last, std::size_t limit, std::vector<AccountEntry>& entries
    );

    /// The tables that some source has ever filled, as of the first question: others have no rows
    /// to read.
    [[nodiscard]] const std::bitset<rules::table_count>& loaded();

    Connection& connection_;
    const rules::Schema& schema_;
    int minor_digits_;
    Statements statements_;
    std::optional<std::bitset<rules::table_count>> loaded_;
    std::bitset<rules::table_count> tables_;
    Date present_after_;
    Date as_of_ = first_date - std::chrono::days{1};
    bool reads_all_ = true;
};

} // namespace reviewd::store
