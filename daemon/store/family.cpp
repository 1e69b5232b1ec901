#include "daemon/store/family.hpp"

#include "daemon/store/internal/family_sql.hpp"
#include "daemon/store/internal/implementation.hpp"

namespace reviewd::store {

std::optional<ParentAccount> parent_of(Connection& connection, AccountId account) {
    static const std::string sql = fmt::format(
        "SELECT up.key, up.name FROM accounts AS a JOIN accounts AS up ON up.id = {}"
        " WHERE a.id = ?1 AND up.id <> a.id",
        parent_id_of("a")
    );
    Query query{connection, sql};
    query.bind(account);
    return query.step() ? std::optional{ParentAccount{query->text(0), query->text(1)}}
                        : std::nullopt;
}

} // namespace reviewd::store
