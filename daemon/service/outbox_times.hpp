#pragma once

#include "daemon/store/outbox.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reviewd::service {

/// When the outbox has something to do. Asked after every piece of work of the whole daemon, so
/// what the database said is kept until a delivery is written again.
class OutboxTimes {
public:
    /// @param database outlives this
    explicit OutboxTimes(store::Database& database) : database_(database) {}

    struct Planned {
        std::string channel;
        TimePoint next{};
    };

    // As Outbox has them; all outside a transaction, which may be rolled back.
    [[nodiscard]] std::optional<TimePoint> next_housekeeping();
    /// Channels that have something planned, each with its earliest moment.
    [[nodiscard]] const std::vector<Planned>& planned();
    [[nodiscard]] std::optional<TimePoint> next_due(std::string_view channel);

private:
    void forget_what_changed();

    store::Database& database_;
    std::int64_t changes_ = -1;
    std::optional<std::optional<TimePoint>> housekeeping_;
    std::optional<std::vector<Planned>> planned_;
    std::map<std::string, std::optional<TimePoint>, std::less<>> due_;
};

} // namespace reviewd::service
