#pragma once

#include "config/loader/settings.hpp"
#include "daemon/notify/api/outcome.hpp"
#include "daemon/runtime/memory.hpp"
#include "daemon/store/health.hpp"
#include "daemon/store/outbox_health.hpp"
#include "daemon/store/sources.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reviewd::app {

/// What is read from the database for the metrics, at one moment.
struct MetricsFacts {
    store::Health health;
    store::OutboxHealth outbox;
    std::vector<store::Source> sources;
    std::optional<TimePoint> last_backup;
    std::optional<store::Drill> last_drill;
    std::optional<TimePoint> first_import; ///< since when there is something to back up
    std::uint64_t disk_free_bytes = 0;     ///< where the database is
    std::uint64_t log_bytes = 0;           ///< of the database's write-ahead log
    runtime::ProcessUse process;
};

/// What the loop itself knows.
struct DaemonFacts {
    TimePoint now{};
    TimePoint last_tick{};
    TimePoint config_loaded{};
    bool is_reload_good = true;
    bool is_clock_suspect = false;
    bool is_restored = false;
    std::vector<std::string> paused; ///< channels whose circuit is open
};

/// The end of one attempt at a delivery.
struct AttemptEnd {
    std::string channel;
    notify::Verdict verdict = notify::Verdict::accepted;
    notify::Reason reason = notify::Reason::none;
    std::chrono::milliseconds duration{};
    std::chrono::milliseconds lateness{}; ///< from when it was due
};

/// The numbers of /metrics. Belongs to the loop.
class Metrics {
public:
    Metrics();
    ~Metrics();
    Metrics(const Metrics&) = delete;
    Metrics& operator=(const Metrics&) = delete;

    /// Makes every series of the configured channels and sources, at zero.
    void prepare(const config::Settings& settings);
    void attempted(const AttemptEnd& end);
    /// The text that Prometheus reads.
    [[nodiscard]] std::string render(const MetricsFacts& facts, const DaemonFacts& daemon);

private:
    struct Families;
    std::unique_ptr<Families> families_;
};

} // namespace reviewd::app
