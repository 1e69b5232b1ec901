#pragma once

#include "daemon/store/connection.hpp"
#include "scoring/base/id.hpp"

#include <optional>
#include <string>

namespace reviewd::store {

/// An account that others are part of.
struct ParentAccount {
    std::string key, name;
};

/// The active account that this one's `parent` names in the same source, or that the named one was
/// merged into. Absent: it names none, one that is not there, or itself.
[[nodiscard]] std::optional<ParentAccount> parent_of(Connection& connection, AccountId account);

} // namespace reviewd::store
