#include "daemon/store/family.hpp"

#include "daemon/store/internal/implementation.hpp"

namespace reviewd::store {

std::optional<ParentAccount> parent_of(Connection& connection, AccountId account) {
    Query query{
        connection,
        "SELECT up.key, up.name FROM accounts AS a JOIN accounts AS up ON up.key = a.parent"
        " AND up.source_id = a.source_id JOIN sources AS s ON s.id = up.source_id"
        " AND up.generation <= s.generation"
        " WHERE a.id = ?1 AND up.retired IS NULL AND up.id <> a.id"};
    query.bind(account);
    return query.step() ? std::optional{ParentAccount{query->text(0), query->text(1)}}
                        : std::nullopt;
}

} // namespace reviewd::store
