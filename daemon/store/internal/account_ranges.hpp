#pragma once

#include "scoring/base/id.hpp"

#include <cstdint>
#include <span>

namespace reviewd::store {

/// Calls `read(first, last)` for ranges of ids that hold all these accounts: for one where the
/// accounts in between are few, else for each account. What is read of others is to be left out.
/// @param accounts ascending
template <class Read>
void read_account_ranges(std::span<const AccountId> accounts, const Read& read) {
    constexpr std::int64_t dense = 2; // beyond it, the accounts in between cost too much
    const auto count = static_cast<std::int64_t>(accounts.size());
    if (count > 0 && accounts.back().value - accounts.front().value < dense * count) {
        read(accounts.front(), accounts.back());
        return;
    }
    for (const AccountId account : accounts) {
        read(account, account);
    }
}

} // namespace reviewd::store
