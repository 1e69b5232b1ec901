#pragma once

#include "daemon/service/context.hpp"
#include "daemon/store/delivery.hpp"
#include "scoring/base/result.hpp"

namespace reviewd::service {

/// Whether what a delivery carries is still to be said; what does not stand any more is taken out
/// of the outbox, and its review looked at again. Inside a transaction.
[[nodiscard]] Result<bool> still_stands(
    Context& context, const store::Delivery& delivery, TimePoint now
);

} // namespace reviewd::service
