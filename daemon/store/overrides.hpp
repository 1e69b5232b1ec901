#pragma once

#include "daemon/store/connection.hpp"
#include "scoring/base/date.hpp"
#include "scoring/base/id.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reviewd::store {

/// A level that a person has set for a while, with the reason.
struct Override {
    AccountId account;
    std::string level;
    Date since{};
    Date until{}; ///< the last day on which it holds
    std::string because;
    std::string who;
    std::optional<Date> ended; ///< the first day on which it no longer held; absent: not ended yet
    std::string ended_by;      ///< "reviewd": it expired
};

class Overrides {
public:
    explicit Overrides(Connection& connection) : connection_(connection) {}

    /// Those that nobody has ended yet; they may have expired.
    [[nodiscard]] std::map<AccountId, Override> open();
    [[nodiscard]] std::optional<Override> open_of(AccountId account);
    /// All of an account, the latest first.
    [[nodiscard]] std::vector<Override> history(AccountId account);

    /// @pre the account has no open one
    void insert(const Override& one);
    /// @returns whether there was an open one
    bool end(AccountId account, Date day, std::string_view who);

private:
    Connection& connection_;
};

} // namespace reviewd::store
