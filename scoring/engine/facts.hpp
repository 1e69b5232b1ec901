#pragma once

// scoring/engine: from records to facts, from facts to a score with its ledger. Pure: no I/O, no
// clock, no threads. Includes scoring/base, scoring/cel and scoring/rules.

#include "scoring/base/currency.hpp"
#include "scoring/base/date.hpp"
#include "scoring/rules/rule_set.hpp"

#include <array>
#include <bitset>
#include <optional>
#include <string>
#include <vector>

namespace reviewd::engine {

/// One imported row, in the terms of its TableSchema.
struct Record {
    std::vector<cel::Value>
        values;      ///< by column; null where the source has nothing; dates as timestamps
    Date recorded{}; ///< the day on which it became known
    std::optional<Date> retired; ///< the day on which it vanished from a full load
};

/// A value that an account's column had before it changed.
struct FormerValue {
    std::size_t column = 0;
    Date until{}; ///< the first day on which it no longer held
    cel::Value value;
};

/// An answer given in a review's outcome.
struct Answer {
    std::string question;
    cel::Value value;
    Date day{};
};

/// All that is known of one account, past and present.
struct AccountRecords {
    Record account;
    std::vector<FormerValue> former_values; ///< latest first
    std::array<std::vector<Record>, rules::table_count>
        rows; ///< by table, of the account; people, products, accounts stay empty
    std::vector<Answer> answers;
    std::vector<Date> reviews_held;
};

/// What is the same for all accounts.
struct PortfolioContext {
    Date as_of{};
    std::bitset<rules::table_count>
        loaded; ///< tables that a source has filled at least once; of others, facts are missing
    std::vector<Record> products; ///< rows of the products table, beside RuleSet::products
};

/// Values by fact slot; a missing one is `cel::Value::unknown(slot)`, one whose expression fails or
/// gives another type an error that names it.
using FactRow = std::vector<cel::Value>;

/// How a fact's value reads, in English: "EUR 42,000", "16 Oct 2026", "2", "yes", "missing",
/// "A3 printer, B2 cutter". Control characters are shown as escapes. It is data: whoever puts it
/// into HTML escapes it.
[[nodiscard]] std::string describe_fact(
    const rules::Fact& fact, const cel::Value& value, const Currency& currency
);

} // namespace reviewd::engine
