#pragma once

#include "scoring/base/id.hpp"

#include <cstddef>
#include <optional>
#include <set>
#include <utility>

namespace reviewd::store {

/// Accounts whose rows changed; all of them when they are too many, and until somebody took them
/// for the first time.
class ChangedAccounts {
public:
    void add(AccountId account) {
        if (are_all_) {
            return;
        }
        accounts_.insert(account);
        if (accounts_.size() > most_accounts) {
            add_all();
        }
    }
    void add_all() {
        are_all_ = true;
        accounts_.clear();
    }
    [[nodiscard]] bool are_all() const { return are_all_; }

    /// @returns nothing: all of them
    [[nodiscard]] std::optional<std::set<AccountId>> take() {
        std::set<AccountId> taken = std::exchange(accounts_, {});
        return std::exchange(are_all_, false) ? std::nullopt : std::optional{std::move(taken)};
    }

    /// More take too long to pass on within one tick.
    static constexpr std::size_t most_accounts = 50'000;

private:
    std::set<AccountId> accounts_;
    bool are_all_ = true;
};

} // namespace reviewd::store
