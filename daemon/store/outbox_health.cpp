#include "daemon/store/outbox_health.hpp"

#include "daemon/store/backup.hpp"
#include "daemon/store/internal/implementation.hpp"
#include "daemon/store/markers.hpp"

#include <charconv>

namespace reviewd::store {

std::vector<DeliveryCount> count_deliveries(Connection& connection) {
    std::vector<DeliveryCount> counts;
    std::string channel; // none has an empty name
    while (true) {
        {
            Query next{connection, "SELECT min(channel) FROM deliveries WHERE channel > ?1"};
            next.bind(channel);
            if (!next.step() || next->is_null(0)) {
                return counts;
            }
            channel = next->text(0);
        }
        Query states{
            connection,
            "SELECT state, count(*) FROM deliveries INDEXED BY deliveries_by_channel"
            " WHERE channel = ?1 GROUP BY state"};
        states.bind(channel);
        while (states.step()) {
            counts.push_back(
                {channel, find_delivery_state(states->text_view(0)).value(), states->integer(1)}
            );
        }
    }
}

OutboxHealth read_outbox_health(Connection& connection, TimePoint now) {
    OutboxHealth health;
    // What waits for another try is late since it was due, not since that try is. What is ready,
    // perhaps a million of them, is read from the index alone.
    Query oldest{
        connection,
        "SELECT channel, min(due_ms) FROM ("
        "SELECT channel, min(next_at_ms) AS due_ms FROM deliveries INDEXED BY deliveries_due"
        " WHERE state IN ('ready', 'wait') AND state = 'ready' AND next_at_ms <= ?1"
        " GROUP BY channel"
        " UNION ALL SELECT channel, min(not_before_ms) FROM deliveries INDEXED BY deliveries_due"
        " WHERE state IN ('ready', 'wait') AND state = 'wait' GROUP BY channel)"
        " GROUP BY channel"};
    oldest.bind(now);
    while (oldest.step()) {
        health.oldest_due[oldest->text(0)] = oldest->time(1);
    }
    return health;
}

namespace {

std::optional<TimePoint> read_moment(Connection& connection, std::string_view name) {
    const std::optional<std::string> marker = Markers{connection}.find(name);
    std::int64_t milliseconds = 0;
    if (!marker
        || std::from_chars(marker->data(), marker->data() + marker->size(), milliseconds).ec
               != std::errc{}) {
        return std::nullopt;
    }
    return TimePoint{std::chrono::milliseconds{milliseconds}};
}

} // namespace

std::optional<TimePoint> read_last_backup(Connection& connection) {
    return read_moment(connection, backup_marker);
}

std::optional<Drill> read_last_drill(Connection& connection) {
    const std::optional<TimePoint> ended = read_moment(connection, drill_marker);
    if (!ended) {
        return std::nullopt;
    }
    return Drill{*ended, Markers{connection}.find(drill_problem_marker).value_or("")};
}

std::optional<TimePoint> read_first_import(Connection& connection) {
    const Query query{
        connection, "SELECT finished_ms FROM imports WHERE state = 'done' ORDER BY id LIMIT 1"};
    return query->step() ? query->optional_time(0) : std::nullopt;
}

} // namespace reviewd::store
