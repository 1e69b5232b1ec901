#include "daemon/store/audit.hpp"

#include "daemon/store/internal/implementation.hpp"

namespace reviewd::store {

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

} // namespace reviewd::store
