#include "daemon/store/audit.hpp"

#include "daemon/store/internal/implementation.hpp"

#include <algorithm>

namespace reviewd::store {
namespace {

// One statement for each combination: a parameter in the place of a condition would hide the
// indexes from SQLite.

/// Of reviews. Those of an account are found by its reviews, which are few: without the CROSS JOIN
/// SQLite might rather walk back through all events, for the sake of their order.
std::string select_events(const TrailFilter& filter) {
    std::string sql =
        "SELECT e.review_id, e.at_ms, e.who, e.origin, e.what, e.details, a.name FROM";
    sql += filter.account ? " reviews AS r INDEXED BY reviews_by_account"
                            " CROSS JOIN review_events AS e ON e.review_id = r.id"
                          : " review_events AS e JOIN reviews AS r ON r.id = e.review_id";
    sql += " JOIN accounts AS a ON a.id = r.account_id WHERE 1 = 1";
    sql += filter.account ? " AND r.account_id = ?1" : "";
    sql += filter.review ? " AND e.review_id = ?2" : "";
    sql += filter.who.empty() ? "" : " AND e.who = ?3";
    return sql + " ORDER BY e.id DESC LIMIT ?4";
}

/// Of everything else.
std::string select_others(const TrailFilter& filter) {
    std::string sql = "SELECT 0, at_ms, who, origin, what, details, '' FROM audit";
    sql += filter.who.empty() ? "" : " WHERE who = ?1";
    return sql + " ORDER BY id DESC LIMIT ?2";
}

} // namespace

void Audit::record(const AuditEntry& entry) {
    require_transaction(connection_);
    Query{
        connection_,
        "INSERT INTO audit (at_ms, who, origin, what, details) VALUES (?1, ?2, ?3, ?4, ?5)"}
        .bind(
            entry.at,
            entry.who,
            entry.from,
            entry.what,
            entry.details.empty() ? "{}" : entry.details
        )
        .run();
}

std::vector<AuditEntry> Audit::latest(int limit) {
    std::vector<AuditEntry> entries;
    Query query{
        connection_,
        "SELECT id, at_ms, who, origin, what, details FROM audit ORDER BY id DESC LIMIT ?1"};
    query.bind(limit);
    while (query.step()) {
        entries.push_back(
            {query->integer(0),
             query->time(1),
             query->text(2),
             query->text(3),
             query->text(4),
             query->text(5)}
        );
    }
    return entries;
}

std::vector<TrailEntry> Audit::trail(const TrailFilter& filter) {
    std::vector<TrailEntry> trail;
    Query events{connection_, select_events(filter)};
    events.bind(filter.account, filter.review, filter.who, filter.limit);
    const auto read = [&](Query& query) {
        while (query.step()) {
            trail.push_back(
                {query->time(1),
                 query->text(2),
                 query->text(3),
                 query->text(4),
                 query->text(5),
                 query->id<ReviewId>(0),
                 query->text(6)}
            );
        }
    };
    read(events);
    if (!filter.account && !filter.review) {
        Query others{connection_, select_others(filter)};
        others.bind(filter.who, filter.limit);
        read(others);
    }
    std::stable_sort(trail.begin(), trail.end(), [](const TrailEntry& a, const TrailEntry& b) {
        return a.at > b.at;
    });
    trail.resize(std::min(trail.size(), static_cast<std::size_t>(filter.limit)));
    return trail;
}

std::vector<std::string> Audit::everybody() {
    std::vector<std::string> names;
    Query query{
        connection_, "SELECT who FROM review_events UNION SELECT who FROM audit ORDER BY who"};
    while (query.step()) {
        names.push_back(query->text(0));
    }
    return names;
}

} // namespace reviewd::store
