#pragma once

#include "daemon/store/connection.hpp"
#include "scoring/base/date.hpp"
#include "scoring/base/id.hpp"

#include <cstdint>
#include <optional>
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

/// A line of both trails: what was done with reviews, and everything else.
struct TrailEntry {
    TimePoint at{};
    std::string who;
    std::string from;
    std::string what;
    std::string details; ///< JSON object
    ReviewId review;     ///< none: not about a review
    std::string account; ///< its name; may be empty
};

struct TrailFilter {
    std::optional<AccountId> account{};
    std::optional<ReviewId> review{};
    std::string who{}; ///< empty: everybody
    int limit = 50;
};

/// Everything that people and the daemon changed beside reviews (which have their own events).
/// Entries are never changed or removed.
class Audit {
public:
    explicit Audit(Connection& connection) : connection_(connection) {}

    void record(const AuditEntry& entry);
    /// Newest first.
    [[nodiscard]] std::vector<AuditEntry> latest(int limit);
    /// Reviews' events and audit entries together, newest first.
    [[nodiscard]] std::vector<TrailEntry> trail(const TrailFilter& filter);
    /// Everybody who did something, each once. Reads both trails as a whole.
    [[nodiscard]] std::vector<std::string> everybody();

private:
    Connection& connection_;
};

} // namespace reviewd::store
