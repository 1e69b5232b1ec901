#include "scoring/base/log_event.hpp"

#include <array>
#include <cstddef>

namespace reviewd {
namespace {

constexpr std::array facts{
    LogEventFacts{LogEvent::backup_failed, "backup.failed", LogSeverity::error},
    LogEventFacts{LogEvent::backup_made, "backup.made", LogSeverity::information},
    LogEventFacts{LogEvent::backup_not_recorded, "backup.not_recorded", LogSeverity::warning},
    LogEventFacts{LogEvent::channel_lost, "channel.lost", LogSeverity::warning},
    LogEventFacts{LogEvent::channel_misconfigured, "channel.misconfigured", LogSeverity::warning},
    LogEventFacts{LogEvent::channel_no_fallback, "channel.no_fallback", LogSeverity::warning},
    LogEventFacts{LogEvent::clock_confirmed, "clock.confirmed", LogSeverity::information},
    LogEventFacts{LogEvent::clock_set, "clock.set", LogSeverity::warning},
    LogEventFacts{LogEvent::clock_suspect, "clock.suspect", LogSeverity::error},
    LogEventFacts{LogEvent::clock_trusted, "clock.trusted", LogSeverity::information},
    LogEventFacts{LogEvent::control_accept_failed, "control.accept_failed", LogSeverity::warning},
    LogEventFacts{LogEvent::control_refused, "control.refused", LogSeverity::warning},
    LogEventFacts{LogEvent::daemon_failed, "daemon.failed", LogSeverity::error},
    LogEventFacts{LogEvent::daemon_gave_up_waiting, "daemon.gave_up_waiting", LogSeverity::warning},
    LogEventFacts{LogEvent::daemon_left_thread, "daemon.left_thread", LogSeverity::warning},
    LogEventFacts{LogEvent::daemon_not_started, "daemon.not_started", LogSeverity::error},
    LogEventFacts{LogEvent::daemon_ready, "daemon.ready", LogSeverity::information},
    LogEventFacts{LogEvent::daemon_stopped, "daemon.stopped", LogSeverity::information},
    LogEventFacts{LogEvent::daemon_stopping, "daemon.stopping", LogSeverity::information},
    LogEventFacts{LogEvent::delivery_accepted, "delivery.accepted", LogSeverity::information},
    LogEventFacts{LogEvent::delivery_deferred, "delivery.deferred", LogSeverity::warning},
    LogEventFacts{LogEvent::delivery_expired, "delivery.expired", LogSeverity::warning},
    LogEventFacts{LogEvent::delivery_held, "delivery.held", LogSeverity::warning},
    LogEventFacts{LogEvent::delivery_limit, "delivery.limit", LogSeverity::warning},
    LogEventFacts{LogEvent::delivery_no_address, "delivery.no_address", LogSeverity::warning},
    LogEventFacts{LogEvent::delivery_not_recorded, "delivery.not_recorded", LogSeverity::error},
    LogEventFacts{LogEvent::delivery_rejected, "delivery.rejected", LogSeverity::warning},
    LogEventFacts{LogEvent::delivery_uncertain, "delivery.uncertain", LogSeverity::warning},
    LogEventFacts{LogEvent::drill_failed, "drill.failed", LogSeverity::error},
    LogEventFacts{LogEvent::import_accepted, "import.accepted", LogSeverity::information},
    LogEventFacts{LogEvent::import_bad_rows, "import.bad_rows", LogSeverity::warning},
    LogEventFacts{LogEvent::import_failed, "import.failed", LogSeverity::warning},
    LogEventFacts{LogEvent::import_held, "import.held", LogSeverity::warning},
    LogEventFacts{LogEvent::import_unknown_keys, "import.unknown_keys", LogSeverity::warning},
    LogEventFacts{LogEvent::levels_held, "levels.held", LogSeverity::warning},
    LogEventFacts{LogEvent::links_accept_failed, "links.accept_failed", LogSeverity::warning},
    LogEventFacts{LogEvent::links_failed, "links.failed", LogSeverity::error},
    LogEventFacts{LogEvent::links_not_changed, "links.not_changed", LogSeverity::warning},
    LogEventFacts{LogEvent::log_dropped, "log.dropped", LogSeverity::warning},
    LogEventFacts{LogEvent::message_template, "message.template", LogSeverity::warning},
    LogEventFacts{
        LogEvent::monitoring_not_listening, "monitoring.not_listening", LogSeverity::error},
    LogEventFacts{LogEvent::outbox_claim_failed, "outbox.claim_failed", LogSeverity::warning},
    LogEventFacts{LogEvent::outbox_restored, "outbox.restored", LogSeverity::warning},
    LogEventFacts{LogEvent::override_idle, "override.idle", LogSeverity::warning},
    LogEventFacts{LogEvent::people_zone_lost, "people.zone_lost", LogSeverity::warning},
    LogEventFacts{
        LogEvent::people_zones_read_again, "people.zones_read_again", LogSeverity::information},
    LogEventFacts{LogEvent::reload_done, "reload.done", LogSeverity::information},
    LogEventFacts{LogEvent::reload_failed, "reload.failed", LogSeverity::error},
    LogEventFacts{LogEvent::reminder_unreachable, "reminder.unreachable", LogSeverity::warning},
    LogEventFacts{LogEvent::rules_activated, "rules.activated", LogSeverity::information},
    LogEventFacts{LogEvent::rules_held, "rules.held", LogSeverity::warning},
    LogEventFacts{LogEvent::rules_unreadable, "rules.unreadable", LogSeverity::error},
    LogEventFacts{LogEvent::state_created, "state.created", LogSeverity::warning},
    LogEventFacts{LogEvent::storage_lost, "storage.lost", LogSeverity::error},
    LogEventFacts{LogEvent::tick_failed, "tick.failed", LogSeverity::warning},
};

constexpr bool is_in_order() {
    for (std::size_t i = 0; i < facts.size(); ++i) {
        if (static_cast<std::size_t>(facts[i].event) != i) {
            return false;
        }
    }
    return static_cast<std::size_t>(LogEvent::tick_failed) + 1 == facts.size();
}
static_assert(is_in_order());

} // namespace

std::span<const LogEventFacts> log_events() noexcept {
    return facts;
}

std::string_view name(LogEvent event) noexcept {
    return facts[static_cast<std::size_t>(event)].name;
}

LogSeverity severity(LogEvent event) noexcept {
    return facts[static_cast<std::size_t>(event)].severity;
}

} // namespace reviewd
