#pragma once

#include "daemon/store/connection.hpp"
#include "scoring/base/date.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace reviewd::store {

/// Who did what, from where.
struct AuditEntry {
    std::int64_t id = 0; ///< rises without gaps
    TimePoint at{};
    std::string who;     ///< a local user, a person's key, "reviewd"
    std::string from;    ///< "socket", "schedule", "start", …
    std::string what;    ///< "import.accepted", "reload", "outbox.retry", …
    std::string details; ///< JSON object; "{}" when there is nothing to add
};

/// Everything that people and the daemon changed beside reviews (which have their own events).
/// Entries are never changed or removed.
class Audit {
public:
    explicit Audit(Connection& connection) : connection_(connection) {}

    void record(const AuditEntry& entry);
    /// Newest first.
    [[nodiscard]] std::vector<AuditEntry> latest(int limit);

private:
    Connection& connection_;
};

} // namespace reviewd::store
