#pragma once

#include "daemon/store/connection.hpp"
#include "daemon/store/delivery.hpp"
#include "scoring/base/date.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace reviewd::store {

/// Numbers for `status`, the metrics and alarms.
struct Health {
    std::int64_t accounts_active = 0;
    std::int64_t accounts_inactive = 0;
    std::int64_t accounts_without_owner = 0;  ///< of the active ones
    std::int64_t accounts_without_score = 0;  ///< likewise
    std::int64_t accounts_not_judged = 0;     ///< likewise
    std::int64_t accounts_without_review = 0; ///< likewise; must be 0 after a tick
    /// Of the active ones, those whose parent is no active account of their source, nor merged into
    /// one, or leads back to them within 16 steps.
    std::int64_t accounts_with_lost_parent = 0;
    std::string lost_parent_of; ///< the key of one of them; empty: there is none
    std::int64_t reviews_open = 0;
    std::int64_t reviews_overdue = 0; ///< open, due before `today`
    std::int64_t reviews_due_today = 0;
    std::vector<DeliveryCount> deliveries;
    std::optional<TimePoint> oldest_waiting; ///< earliest next_at that has passed by `now`
    std::int64_t imports_held = 0;
    std::int64_t database_bytes = 0;
    int schema_version = 0;
    std::map<std::string, std::int64_t> levels; ///< active accounts by the name of their level
};

/// Counts, in pieces: takes up to a second on a million accounts, but none of it holds what it
/// reads for long, unless the caller has a snapshot. What is written meanwhile may be counted or
/// not.
[[nodiscard]] Health read_health(Connection& connection, Date today, TimePoint now);

} // namespace reviewd::store
