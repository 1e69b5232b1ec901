#pragma once

#include "daemon/store/database.hpp"
#include "scoring/engine/columnar/fact_columns.hpp"
#include "scoring/rules/rule_set.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace reviewd::service {

/// A walk over all active accounts that derives their facts, in pieces. What changes behind it
/// while it is under way is the caller's to know.
class PortfolioReading {
public:
    PortfolioReading(std::shared_ptr<const rules::RuleSet> rules, int minor_digits, Date day);

    /// Whether it reads these facts on this day.
    [[nodiscard]] bool is_for(
        const std::shared_ptr<const rules::RuleSet>& rules, int minor_digits, Date day
    ) const;

    /// Reads the next few accounts. @returns whether all have been read
    bool read_some(store::Database& database);
    [[nodiscard]] std::size_t accounts_read() const { return owners_.size(); }

    /// Once all have been read; the reading is of no use afterwards.
    [[nodiscard]] engine::columnar::FactColumns take_facts() { return builder_.finish(); }
    /// By row.
    [[nodiscard]] const std::vector<PersonId>& owners() const { return owners_; }
    /// By row: how long the facts that the rules read stand, see FactHorizon; numbers of days.
    [[nodiscard]] std::vector<std::int32_t> take_horizons() { return std::move(stand_until_); }

private:
    std::shared_ptr<const rules::RuleSet> rules_;
    int minor_digits_;
    Date day_;
    engine::columnar::FactColumnsBuilder builder_;
    std::vector<PersonId> owners_;
    std::vector<std::int32_t> stand_until_;
    AccountId last_;
};

} // namespace reviewd::service
