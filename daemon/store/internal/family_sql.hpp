#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

namespace reviewd::store {

/// SQL for the id of the active account that the account named `alias` in a query is part of: the
/// one of its source that `parent` names, or the one that this was merged into. NULL: there is
/// none. It may be the account itself.
inline std::string parent_id_of(std::string_view alias) {
    return fmt::format(
        "(SELECT iif(pa.retired IS NULL, pa.id, pm.id) FROM accounts AS pa JOIN sources AS ps"
        " ON ps.id = pa.source_id AND pa.generation <= ps.generation LEFT JOIN accounts AS pm"
        " ON pm.id = pa.merged_into AND pm.retired IS NULL"
        " WHERE pa.key = {0}.parent AND pa.source_id = {0}.source_id)",
        alias
    );
}

} // namespace reviewd::store
