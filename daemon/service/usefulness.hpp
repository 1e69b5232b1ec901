#pragma once

#include "daemon/service/context.hpp"

namespace reviewd::service {

/// When a message that is to go out at `when` is given up. Counted from the first moment at which
/// it can be tried: it may be planned late, and nobody is written to in their quiet hours.
[[nodiscard]] TimePoint given_up_at(
    const Context& context, const PersonProfile& person, TimePoint when, TimePoint now
);

/// Time in which the daemon did not run is not the channel's silence: what would be given up before
/// anybody could try it gets its time anew, while it is news. After a start, inside a transaction.
/// @returns how many
int spare_untried(Context& context, TimePoint now);

} // namespace reviewd::service
