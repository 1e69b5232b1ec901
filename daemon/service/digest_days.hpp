#pragma once

#include "daemon/service/context.hpp"

#include <optional>

namespace reviewd::service {

/// The civil day of a person's last digest: there is one a day, and what comes up later waits for
/// the next morning.
[[nodiscard]] std::optional<Date> last_digest_day(Context& context, const PersonProfile& person);
/// Inside a transaction.
void remember_digest_day(Context& context, const PersonProfile& person, Date day);

} // namespace reviewd::service
