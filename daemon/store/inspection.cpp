#include "daemon/store/inspection.hpp"

#include "daemon/store/internal/statement.hpp"

#include <array>
#include <span>
#include <string_view>

namespace reviewd::store {
namespace {

/// A query that describes the first row that breaks a promise.
struct TableRule {
    std::string_view what;
    std::string_view counterexample;
};

// Deliveries that wait are found by the indexes that have just these.
constexpr std::array open_promises{
    TableRule{
        "a message of reminders that waits carries at least one that stands",
        "SELECT 'delivery ' || d.id || ', ' || d.state FROM"
        " (SELECT id, state, kind FROM deliveries INDEXED BY deliveries_planned"
        " WHERE state = 'planned' UNION ALL SELECT id, state, kind FROM deliveries"
        " INDEXED BY deliveries_due WHERE state IN ('ready', 'wait')) AS d"
        " WHERE d.kind IN ('digest', 'now') AND NOT EXISTS"
        " (SELECT 1 FROM reminders AS r WHERE r.delivery_id = d.id AND r.is_cancelled = 0)"
        " LIMIT 1"},
    TableRule{
        "no message waits that reminds of a closed review",
        "SELECT 'delivery ' || d.id || ', review ' || v.id || ', ' || v.state FROM"
        " (SELECT id, state FROM deliveries INDEXED BY deliveries_planned"
        " WHERE state = 'planned' UNION ALL SELECT id, state FROM deliveries"
        " INDEXED BY deliveries_due WHERE state IN ('ready', 'wait')) AS d"
        " CROSS JOIN reminders AS r ON r.delivery_id = d.id"
        " CROSS JOIN reviews AS v ON v.id = r.review_id"
        " WHERE r.is_cancelled = 0"
        " AND v.state NOT IN ('planned', 'invited', 'appointment') LIMIT 1"},
    TableRule{
        "a message under way has exactly one attempt without an end",
        "SELECT 'delivery ' || d.id FROM deliveries AS d INDEXED BY deliveries_under_way"
        " WHERE d.state = 'sending' AND d.state IN ('sending', 'uncertain') AND 1 <>"
        " (SELECT count(*) FROM delivery_attempts AS a"
        " WHERE a.delivery_id = d.id AND a.ended_ms IS NULL) LIMIT 1"},
    TableRule{
        "none of the latest lines of the history of reviews is missing",
        "SELECT last || ' is the last of ' || lines FROM (SELECT max(id) AS last, count(*) AS lines"
        " FROM review_events WHERE id > (SELECT max(id) FROM review_events) - 1000)"
        " WHERE lines <> min(last, 1000)"},
    TableRule{
        "none of the latest lines of the audit is missing",
        "SELECT last || ' is the last of ' || lines FROM (SELECT max(id) AS last, count(*) AS lines"
        " FROM audit WHERE id > (SELECT max(id) FROM audit) - 1000)"
        " WHERE lines <> min(last, 1000)"},
};

constexpr std::array all_promises{
    TableRule{
        "no line of the history of reviews is missing",
        "SELECT max(id) || ' is the last of ' || count(*) FROM review_events"
        " HAVING max(id) <> count(*)"},
    TableRule{
        "no line of the audit is missing",
        "SELECT max(id) || ' is the last of ' || count(*) FROM audit HAVING max(id) <> count(*)"},
    TableRule{
        "every review begins with one event `planned`",
        "SELECT 'review ' || v.id FROM reviews AS v WHERE 1 <>"
        " (SELECT count(*) FROM review_events AS e"
        " WHERE e.review_id = v.id AND e.what = 'planned') LIMIT 1"},
    TableRule{
        "every closed review has the event of its state",
        "SELECT 'review ' || v.id || ', ' || v.state FROM reviews AS v"
        " WHERE v.state NOT IN ('planned', 'invited', 'appointment') AND NOT EXISTS"
        " (SELECT 1 FROM review_events AS e WHERE e.review_id = v.id AND e.what = v.state)"
        " LIMIT 1"},
    TableRule{
        "an attempt that is not under way has ended",
        "SELECT 'delivery ' || a.delivery_id || ', attempt ' || a.number"
        " FROM delivery_attempts AS a JOIN deliveries AS d ON d.id = a.delivery_id"
        " WHERE a.ended_ms IS NULL AND d.state <> 'sending' LIMIT 1"},
    TableRule{
        "a person is reminded of a review once a day on a channel",
        "SELECT 'reminders ' || a.key || ' and ' || b.key FROM reminders AS a"
        " JOIN reminders AS b ON b.review_id = a.review_id AND b.id > a.id"
        " AND b.person_id = a.person_id AND b.channel = a.channel AND b.day = a.day"
        " AND b.occurrence = a.occurrence"
        " WHERE a.is_cancelled = 0 AND b.is_cancelled = 0 LIMIT 1"},
    TableRule{
        "no two messages share a Message-ID, unless one stands in for the other",
        "SELECT message_id FROM messages JOIN deliveries ON id = delivery_id"
        " WHERE requeued_from IS NULL GROUP BY message_id HAVING count(*) > 1 LIMIT 1"},
    TableRule{
        "a score is about an account's level",
        "SELECT 'account ' || s.account_id || ': ' || s.level FROM account_scores AS s"
        " JOIN score_changes AS c ON c.id ="
        " (SELECT max(id) FROM score_changes WHERE account_id = s.account_id)"
        " WHERE c.to_level <> s.level LIMIT 1"},
};

void look(
    Connection& connection, std::span<const TableRule> promises, std::vector<Inconsistency>& found
) {
    for (const TableRule& promise : promises) {
        Query query{connection, promise.counterexample};
        if (query.step()) {
            found.push_back({std::string{promise.what}, query->text(0)});
        }
    }
}

} // namespace

std::vector<Inconsistency> inspect(Connection& connection, InspectionDepth depth) {
    std::vector<Inconsistency> found;
    look(connection, open_promises, found);
    if (depth == InspectionDepth::all) {
        look(connection, all_promises, found);
    }
    return found;
}

} // namespace reviewd::store
