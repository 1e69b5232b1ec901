#include "daemon/store/waiting.hpp"

#include "daemon/store/internal/delivery_rows.hpp"
#include "daemon/store/internal/implementation.hpp"
#include "daemon/store/internal/statement.hpp"

namespace reviewd::store {
namespace {

/// Channel by channel: the index then leads to the few that are held, past all that was accepted.
const std::string& held_sql() {
    static const std::string sql =
        std::string{every_channel}
        + " SELECT d.channel, EXISTS (SELECT 1 FROM delivery_attempts AS a WHERE a.delivery_id = d.id"
          " AND a.phase = 'commit' AND a.outcome IN ('uncertain', 'interrupted')) AS is_uncertain,"
          " count(*), count(DISTINCT nullif(d.person_id, 0)), min(d.id), min(d.changed_ms),"
          " max(CASE WHEN d.kind <> 'operator' THEN d.changed_ms END)"
          " FROM channels CROSS JOIN deliveries AS d INDEXED BY deliveries_by_channel"
          " WHERE d.channel = channels.name AND d.state = 'held' AND d.held_until_ms IS NULL"
          " GROUP BY d.channel, is_uncertain ORDER BY 1, 2";
    return sql;
}

constexpr std::string_view waiting_sql =
    "SELECT ?1, 0, count(*), count(DISTINCT nullif(person_id, 0)), min(id), min(not_before_ms),"
    " max(CASE WHEN kind <> 'operator' THEN not_before_ms END)"
    " FROM deliveries INDEXED BY deliveries_by_channel"
    " WHERE channel = ?1 AND state IN ('planned', 'ready', 'wait') AND not_before_ms <= ?2";

WaitingGroup group_in(const Query& query) {
    WaitingGroup group;
    group.channel = query->text(0);
    group.is_uncertain = query->boolean(1);
    group.deliveries = query->integer(2);
    group.people = query->integer(3);
    group.first = query->id<DeliveryId>(4);
    group.since = query->time(5);
    group.newest = query->optional_time(6);
    return group;
}

} // namespace

std::vector<WaitingGroup> read_held(Connection& connection) {
    Query query{connection, held_sql()};
    std::vector<WaitingGroup> groups;
    while (query.step()) {
        groups.push_back(group_in(query));
    }
    return groups;
}

std::optional<WaitingGroup> read_waiting_on(
    Connection& connection, std::string_view channel, TimePoint now
) {
    Query query{connection, waiting_sql};
    query.bind(channel, now);
    const bool has_some = query.step() && query->integer(2) > 0;
    return has_some ? std::optional{group_in(query)} : std::nullopt;
}

} // namespace reviewd::store
