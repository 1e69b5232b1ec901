#pragma once

#include "config/loader/configuration.hpp"
#include "daemon/service/context.hpp"
#include "daemon/store/unknown_keys.hpp"
#include "scoring/base/id.hpp"
#include "scoring/base/result.hpp"

#include <map>
#include <string>

namespace reviewd::service {

/// What such a key would stand for.
enum class UnknownThing { account, product };

/// "42 rows name accounts that no source has (such as `K1`, `K2`, `K3`)", in one safe line; empty
/// when there are none.
[[nodiscard]] std::string describe(UnknownThing thing, const store::UnknownKeys& unknown);

/// Behind an import and what was linked after it: keeps how many rows of each source name what no
/// source has, and tells the log where the number is another one than was told last. Rows may come
/// before their account, so nothing is refused.
/// @param accounts as UnlinkedRows found them
[[nodiscard]] Result<void> note_unknown_keys(
    Context& context,
    const config::Settings& settings,
    const std::map<SourceId, store::UnknownKeys>& accounts
);

} // namespace reviewd::service
