#pragma once

#include "config/loader/settings.hpp"

#include <cstdint>

namespace reviewd::service {

/// Whether so many accounts would get another level that a person has to look at it first.
/// @param accounts that have a level now
/// @param moving of them, how many would get another one
[[nodiscard]] inline bool are_too_many(
    const config::Settings& settings, std::int64_t accounts, std::int64_t moving
) {
    // Of so few accounts a fifth is next to nothing.
    constexpr std::int64_t few_accounts = 10;
    return accounts >= few_accounts
           && static_cast<double>(moving) > settings.hold_share * static_cast<double>(accounts);
}

} // namespace reviewd::service
