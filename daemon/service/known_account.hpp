#pragma once

#include "daemon/service/context.hpp"
#include "daemon/store/account_reader.hpp"
#include "scoring/base/date.hpp"
#include "scoring/engine/facts.hpp"

#include <optional>

namespace reviewd::service {

/// All that is known of an account, and its facts as of a day: read once where a change has it
/// scored, looked at and planned one after the other. It stays true while nobody imports, and no
/// answer and no end of a review is written.
struct KnownAccount {
    store::AccountEntry entry;
    engine::FactRow facts;
};

/// @returns nothing for an account that is not active
[[nodiscard]] std::optional<KnownAccount> read_known(
    const Context& context, AccountId account, Date as_of
);

} // namespace reviewd::service
