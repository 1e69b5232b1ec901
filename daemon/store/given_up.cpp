#include "daemon/store/given_up.hpp"

#include "daemon/store/internal/delivery_rows.hpp"
#include "daemon/store/internal/implementation.hpp"
#include "daemon/store/internal/statement.hpp"

namespace reviewd::store {
namespace {

/// Channel by channel: the index then leads to the few that failed, past all that was accepted.
/// The reply is that of the row with the smallest id, as SQLite promises beside a single min().
const std::string& given_up_sql() {
    static const std::string sql =
        std::string{every_channel}
        + " SELECT d.channel, CASE WHEN d.state = 'failed' THEN d.reason"
          " WHEN d.reason LIKE 'no address%' THEN 'no_address'"
          " ELSE coalesce(nullif(a.reason, ''), 'not_tried') END AS why, d.state = 'expired' AS over,"
          " count(*), sum(d.kind = 'operator'), count(DISTINCT nullif(d.person_id, 0)), min(d.id),"
          " coalesce(a.reply, '')"
          " FROM channels CROSS JOIN deliveries AS d INDEXED BY deliveries_by_channel"
          " LEFT JOIN delivery_attempts AS a ON a.delivery_id = d.id AND a.number = d.last_attempt"
          " WHERE d.channel = channels.name AND d.state IN ('failed', 'expired')"
          " AND d.changed_ms >= ?1 AND d.changed_ms < ?2"
          " AND NOT EXISTS (SELECT 1 FROM deliveries AS again WHERE again.requeued_from = d.id)"
          " GROUP BY d.channel, over, why ORDER BY 4 DESC, 1, 3, 2 LIMIT ?3";
    return sql;
}

} // namespace

std::vector<GivenUpGroup> read_given_up(
    Connection& connection, TimePoint from, TimePoint until, int limit
) {
    Query query{connection, given_up_sql()};
    query.bind(from, until, limit);
    std::vector<GivenUpGroup> groups;
    while (query.step()) {
        GivenUpGroup group;
        group.channel = query->text(0);
        group.reason = query->text(1);
        group.is_expired = query->boolean(2);
        group.deliveries = query->integer(3);
        group.of_operators = query->integer(4);
        group.people = query->integer(5);
        group.first = query->id<DeliveryId>(6);
        group.reply = query->text(7);
        groups.push_back(std::move(group));
    }
    return groups;
}

} // namespace reviewd::store
