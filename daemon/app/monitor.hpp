#pragma once

#include "daemon/app/metrics.hpp"
#include "daemon/app/store_door.hpp"
#include "daemon/runtime/health_listener.hpp"
#include "daemon/runtime/store_thread.hpp"
#include "scoring/base/clock.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <memory>
#include <optional>
#include <string>

namespace reviewd::app {

/// What monitoring sees: /metrics, /healthz and /readyz. Reads the database over a connection of
/// its own, on a thread of its own, at most every ten seconds. Everything but that belongs to the
/// loop.
class Monitor {
public:
    /// @param store, clock outlive this
    Monitor(boost::asio::any_io_executor executor, StoreDoor& store, const Clock& clock);

    /// Begins to listen where the settings say, or ends it. The listener that is open stays when
    /// the new place cannot be had.
    /// @errors `cannot_create`
    [[nodiscard]] Result<void> use(const config::Settings& settings);

    void loaded(TimePoint now) {
        daemon_.config_loaded = now;
        daemon_.is_reload_good = true;
    }
    void reload_failed() { daemon_.is_reload_good = false; }
    void ready() { is_ready_ = true; }
    void stopping() { is_ready_ = false; }
    /// Listens no more.
    void close() { listener_.reset(); }

    /// After each pass that did its work or was held on purpose.
    void ticked(TimePoint now);
    /// The pass could not be done.
    void tick_failed(std::string reason) { problem_ = std::move(reason); }
    /// Why the outbox could not be written last; empty: it could.
    void sent(std::string problem) { sending_problem_ = std::move(problem); }
    /// Why the last pass, or what it had to send, could not be done; empty: it could.
    [[nodiscard]] const std::string& problem() const {
        return problem_.empty() ? sending_problem_ : problem_;
    }
    void suspect_clock() { daemon_.is_clock_suspect = true; }
    void trust_clock() { daemon_.is_clock_suspect = false; }
    void attempted(const AttemptEnd& end) { metrics_.attempted(end); }

    /// Counts beside the work, as of the company's day; on a million accounts that takes seconds,
    /// and is good for ten times as long. None of its reads may take more than two seconds, since
    /// the write-ahead log grows meanwhile: then what was counted last is good for longer.
    /// @errors those of opening the database a second time, `io_failed`; `try_later` when a read
    /// took too long and nothing was counted before
    [[nodiscard]] boost::asio::awaitable<Result<store::Health>> count();

    /// The port listened on; 0: none.
    [[nodiscard]] int port() const { return listener_ ? listener_->port() : 0; }

private:
    [[nodiscard]] boost::asio::awaitable<runtime::HealthAnswer> answer(std::string path);
    [[nodiscard]] boost::asio::awaitable<runtime::HealthAnswer> show_metrics();
    [[nodiscard]] boost::asio::awaitable<runtime::HealthAnswer> show_health();
    /// Reads what the database says, or takes what was read a moment ago.
    [[nodiscard]] boost::asio::awaitable<Result<MetricsFacts>> facts();

    boost::asio::any_io_executor executor_;
    StoreDoor& store_;
    const Clock& clock_;
    Metrics metrics_;
    DaemonFacts daemon_;
    std::string state_directory_;
    std::string zone_; ///< the company's
    std::pair<std::string, int> place_;
    std::chrono::milliseconds ticked_at_{}; ///< since boot
    std::string problem_;                   ///< of the last pass
    std::string sending_problem_;           ///< of the outbox
    bool is_ready_ = false;
    std::optional<MetricsFacts> known_;
    std::chrono::milliseconds known_at_{};
    std::optional<store::Health> counted_;
    std::chrono::milliseconds counted_until_{}; ///< good until then, since boot
    std::unique_ptr<runtime::HealthListener> listener_;
    runtime::StoreThread thread_;
};

} // namespace reviewd::app
