#pragma once

#include "daemon/app/backup_desk.hpp"
#include "daemon/app/channels.hpp"
#include "daemon/app/link_listener.hpp"
#include "daemon/app/load.hpp"
#include "daemon/app/monitor.hpp"
#include "daemon/app/once_summary.hpp"
#include "daemon/app/sender.hpp"
#include "daemon/app/store_door.hpp"
#include "daemon/runtime/alarm.hpp"
#include "daemon/runtime/clock_change_watch.hpp"
#include "daemon/runtime/clock_guard.hpp"
#include "daemon/runtime/control_server.hpp"
#include "daemon/runtime/log.hpp"
#include "daemon/runtime/outbound/curl_outbound.hpp"
#include "daemon/runtime/process/process_host.hpp"
#include "daemon/runtime/service_manager.hpp"
#include "daemon/runtime/signals.hpp"
#include "scoring/base/clock.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/static_thread_pool.hpp>
#include <boost/json/object.hpp>

#include <atomic>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace reviewd::app {

struct DaemonOptions {
    Places places;
    enum class Mode {
        stay, ///< until a signal or stop()
        once, ///< everything that can be done now, then the end; no control socket
    } mode = Mode::stay;
    /// Prints what the journal's channel delivers; empty under a service manager.
    std::function<void(std::string_view)> terminal_line;
    /// Told the latest moment that the database has seen before the time is first used; for a clock
    /// that `--now` set. May be empty.
    std::function<void(TimePoint)> resume_clock{};
    /// Whether and when the clock is doubted; see ClockGuard.
    runtime::ClockGuard::Facts guard{};
    /// Tells that somebody set the clock.
    runtime::ClockChangeWatch::Timer clock_timer = runtime::ClockChangeWatch::timer_of_kernel();
};

/// The daemon: reads the time, lets the service do a bounded piece, sends what is due, sleeps until
/// the next moment or until something happens; answers the control socket. Everything but stop()
/// belongs to the thread that calls run().
class Daemon {
public:
    /// @param configuration the one to begin with, loaded from options.places
    /// Clock and log outlive the daemon.
    Daemon(
        const Clock& clock,
        const runtime::Log& log,
        DaemonOptions options,
        config::Configuration configuration
    );
    ~Daemon();
    Daemon(const Daemon&) = delete;
    Daemon& operator=(const Daemon&) = delete;

    /// Runs until the end. @returns an exit code of <sysexits.h>: 0; 73 when another daemon holds
    /// the database; 74 when the disk failed under it; `once`: 75 when something is to be tried
    /// again
    [[nodiscard]] int run();

    /// Ends as SIGTERM does: claims nothing more and finishes what is under way. Any thread.
    void stop();

    /// What `once` did; for the terminal.
    [[nodiscard]] const std::optional<OnceSummary>& summary() const { return summary_; }

private:
    friend class ControlDesk;

    /// What one pass leaves to the loop.
    struct Pass {
        std::chrono::milliseconds rest{}; ///< until the next pass; 0: more work is waiting
        bool has_claimable = false;
        bool has_failed = false; ///< the database took nothing, and it is to be tried again
    };

    [[nodiscard]] boost::asio::awaitable<void> live();
    [[nodiscard]] boost::asio::awaitable<bool> start();
    /// Says why; ends after a while where a service manager would at once try again in vain.
    [[nodiscard]] boost::asio::awaitable<void> not_started(Error error);
    [[nodiscard]] boost::asio::awaitable<Pass> pass();
    [[nodiscard]] boost::asio::awaitable<Result<void>> open_store();
    /// A new database where people expect their old one is noticed now, or when they are told
    /// again.
    [[nodiscard]] boost::asio::awaitable<void> tell_if_new();
    [[nodiscard]] boost::asio::awaitable<void> keep_starting();
    /// Looks at the clock; true: it is not to be believed, and nothing is done.
    [[nodiscard]] bool is_clock_suspect();
    [[nodiscard]] boost::asio::awaitable<void> work_once();
    [[nodiscard]] boost::asio::awaitable<void> wind_down();
    /// Until nothing is under way any more; while it is stopping no longer than it may take.
    [[nodiscard]] boost::asio::awaitable<void> finish();
    [[nodiscard]] boost::asio::awaitable<void> rest();
    [[nodiscard]] boost::asio::awaitable<void> show_status();
    void rest_from_work();
    /// A reload that put the new configuration in force.
    struct Reloaded {
        Diagnostics findings; ///< of loading; none is an error
        std::vector<std::string> restart_needed;
        std::optional<std::string> problem; ///< what of it is not in force
    };
    [[nodiscard]] boost::asio::awaitable<Result<Reloaded>> reload(const service::Actor& actor);
    /// The work of a reload; what is around it tells the service manager.
    [[nodiscard]] boost::asio::awaitable<Result<Reloaded>> read_again(const service::Actor& actor);
    [[nodiscard]] Result<void> open_control_socket();
    [[nodiscard]] std::shared_ptr<const Channels> make_channels(const config::Settings& settings);
    void received(int signal);
    void reload_when_ready();
    void happened(Sender::Event event);
    void watch(const config::Settings& settings);
    void lost(const std::string& reason);
    void failed(const std::exception_ptr& thrown);
    void end(int code);

    const runtime::Log& log_;
    DaemonOptions options_;
    runtime::ClockGuard clock_;
    config::Configuration configuration_; ///< in force
    boost::asio::io_context loop_{1};
    /// For what may wait for a disk or a reader; two, so that the one is not stuck behind the
    /// other.
    boost::asio::static_thread_pool blocking_{2};
    runtime::CurlOutbound outbound_;
    runtime::ProcessHost processes_;
    std::atomic<std::shared_ptr<const Channels>> channels_; ///< the store's thread reads it too
    LinkListener links_; ///< the store's thread signs with it, so it ends after that
    StoreDoor store_;
    BackupDesk backups_;
    runtime::Alarm alarm_;
    Monitor monitor_;
    Sender sender_;
    runtime::ServiceManager manager_;
    std::unique_ptr<runtime::SignalWatch> signals_;
    std::unique_ptr<runtime::ClockChangeWatch> clock_changes_;
    std::unique_ptr<runtime::ControlServer> control_;
    std::set<runtime::Alarm*> pass_watchers_; ///< rung after each pass
    TimePoint started_{};
    TimePoint loaded_{};                        ///< when the configuration in force was loaded
    std::optional<std::string> reload_problem_; ///< of the last reload, if any
    std::chrono::milliseconds stop_by_{};       ///< since boot; while it is stopping
    std::optional<TimePoint> status_shown_;
    std::optional<OnceSummary> summary_;
    std::optional<std::chrono::milliseconds> memory_given_back_; ///< since boot
    bool has_worked_ = true;   ///< since memory was given back; the start is work too
    bool has_settled_ = false; ///< since the last look at the clock
    bool is_reloading_ = false;
    bool is_reload_wanted_ = false; ///< by a signal
    bool is_ready_ = false;
    bool is_started_ = false;
    bool was_suspect_ = false;
    bool is_stopping_ = false;
    int exit_code_ = 0;
};

} // namespace reviewd::app
