#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace reviewd {

/// Everything that the log tells. Each has a stable name and one severity; whoever watches the log
/// relies on both. Every warning and error has a row in README.md's table of events, from which
/// reviewd-events(7) is made; a test compares the two.
enum class LogEvent : std::uint8_t {
    backup_failed,
    backup_made,
    backup_not_recorded,
    channel_lost,
    channel_misconfigured,
    channel_no_fallback,
    clock_confirmed,
    clock_set,
    clock_suspect,
    clock_trusted,
    control_accept_failed,
    control_refused,
    daemon_failed,
    daemon_gave_up_waiting,
    daemon_left_thread,
    daemon_not_started,
    daemon_ready,
    daemon_stopped,
    daemon_stopping,
    delivery_accepted,
    delivery_deferred,
    delivery_expired,
    delivery_held,
    delivery_limit,
    delivery_no_address,
    delivery_not_recorded,
    delivery_rejected,
    delivery_uncertain,
    drill_failed,
    import_accepted,
    import_bad_rows,
    import_failed,
    import_held,
    import_unknown_keys,
    levels_held,
    links_accept_failed,
    links_failed,
    links_not_changed,
    log_dropped,
    message_template,
    monitoring_not_listening,
    outbox_claim_failed,
    outbox_restored,
    override_idle,
    people_zone_lost,
    people_zones_read_again,
    reload_done,
    reload_failed,
    reminder_unreachable,
    rules_activated,
    rules_held,
    rules_unreadable,
    state_created,
    storage_lost,
    tick_failed,
};

enum class LogSeverity : std::uint8_t {
    information, ///< what a person would tell a colleague
    warning,     ///< needs attention some day
    error,       ///< needs attention now
};

struct LogEventFacts {
    LogEvent event{};
    std::string_view name; ///< stable, for instance "import.accepted"
    LogSeverity severity = LogSeverity::information;
};

/// All of them, in the order of the enumeration.
[[nodiscard]] std::span<const LogEventFacts> log_events() noexcept;

[[nodiscard]] std::string_view name(LogEvent event) noexcept;
[[nodiscard]] LogSeverity severity(LogEvent event) noexcept;

} // namespace reviewd
