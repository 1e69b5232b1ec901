#pragma once

#include "daemon/service/context.hpp"
#include "daemon/service/portfolio_columns.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace reviewd::service {

/// For how many of the accounts a fact is known, or a rule can be judged.
struct KnownShare {
    std::string name;
    std::int64_t known = 0;
};

/// Of all active accounts, in the order of the rules in force.
struct KnownShares {
    std::int64_t accounts = 0;
    std::vector<KnownShare> facts;
    std::vector<KnownShare> rules;
};

/// @pre the columns are current
[[nodiscard]] KnownShares count_known(const Context& context, const PortfolioColumns& columns);

/// The same out of the database: reads every account.
[[nodiscard]] KnownShares read_known(const Context& context, Date today);

} // namespace reviewd::service
