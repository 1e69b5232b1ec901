#pragma once

#include "scoring/engine/facts.hpp"

#include <optional>

namespace reviewd::engine {

/// The value of an aggregate over one account's rows, or nothing where it is missing; the rules for
/// that stand at FactDeriver::derive.
[[nodiscard]] std::optional<cel::Value> aggregate(
    const rules::AggregateFact& fact,
    const rules::RuleSet& rules,
    const AccountRecords& records,
    const PortfolioContext& context
);

} // namespace reviewd::engine
