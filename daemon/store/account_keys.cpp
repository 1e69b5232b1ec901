#include "daemon/store/account_keys.hpp"

#include "daemon/store/internal/implementation.hpp"

namespace reviewd::store {

std::vector<AccountId> accounts_with_key(Connection& connection, std::string_view key) {
    std::vector<AccountId> active;
    std::vector<AccountId> merged;
    Query query{
        connection,
        "SELECT a.id, a.merged_into, a.retired IS NULL FROM accounts AS a JOIN sources AS s"
        " ON s.id = a.source_id AND a.generation <= s.generation WHERE a.key = ?1"};
    query.bind(key);
    while (query.step()) {
        if (query->boolean(2)) {
            active.push_back(query->id<AccountId>(0));
        } else if (!query->is_null(1)) {
            merged.push_back(query->id<AccountId>(1));
        }
    }
    return active.empty() ? merged : active;
}

} // namespace reviewd::store
