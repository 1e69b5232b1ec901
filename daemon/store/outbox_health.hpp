#pragma once

#include "daemon/store/connection.hpp"
#include "daemon/store/outbox.hpp"

#include <map>
#include <string>
#include <vector>

namespace reviewd::store {

/// Numbers of the outbox for the metrics.
struct OutboxHealth {
    std::map<std::string, TimePoint> oldest_due; ///< by channel: since when the oldest one is due
};

/// All deliveries there ever were, by channel and name of state. One statement for each channel, so
/// that none takes long: a tenth of a second for a million.
[[nodiscard]] std::vector<DeliveryCount> count_deliveries(Connection& connection);

[[nodiscard]] OutboxHealth read_outbox_health(Connection& connection, TimePoint now);

/// The moment of the last backup, or nothing.
[[nodiscard]] std::optional<TimePoint> read_last_backup(Connection& connection);

/// How the last restore drill of the newest backup ended.
struct Drill {
    TimePoint ended{};
    std::string problem; ///< empty: the backup would serve
};
/// Nothing when there was none.
[[nodiscard]] std::optional<Drill> read_last_drill(Connection& connection);

/// The moment of the first import: since then there is something to back up. Nothing before it.
[[nodiscard]] std::optional<TimePoint> read_first_import(Connection& connection);

} // namespace reviewd::store
