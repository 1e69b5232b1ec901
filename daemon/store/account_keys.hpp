#pragma once

#include "daemon/store/connection.hpp"
#include "scoring/base/id.hpp"

#include <string_view>
#include <vector>

namespace reviewd::store {

/// The active accounts with exactly that key, at most one for each source; where there is none,
/// those that accounts of that key were merged into. One step into an index, unlike
/// Portfolio::find_accounts, which goes on to look at every name.
[[nodiscard]] std::vector<AccountId> accounts_with_key(
    Connection& connection, std::string_view key
);

} // namespace reviewd::store
