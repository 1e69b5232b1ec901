#pragma once

#include "daemon/service/context.hpp"
#include "scoring/base/result.hpp"

namespace reviewd::service {

/// What becomes of messages that were due while deliveries were held after a restore.
enum class Backlog {
    send, ///< they go out; some may have gone out before the restore
    drop, ///< they are cancelled; what falls due from now on is sent
};

/// Ends the hold that a restored backup begins (Context::restored).
/// @returns how many deliveries were cancelled
/// @errors `not_found` when nothing is held; `try_later`
[[nodiscard]] Result<int> resume_after_restore(
    Context& context, Backlog backlog, const Actor& actor, TimePoint now
);

} // namespace reviewd::service
