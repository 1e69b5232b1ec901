#pragma once

#include "daemon/service/context.hpp"
#include "daemon/store/delivery.hpp"

namespace reviewd::service {

/// Puts links that work into a message that is about to reach its reader. The database keeps only
/// places for them, so that nobody who reads it can answer for somebody else. Where nobody can sign
/// (without the daemon, or without a key) the plain text says so in their place.
void sign_links(const Context& context, store::FrozenMessage& message);

} // namespace reviewd::service
