#pragma once

#include "daemon/message/digest.hpp"
#include "daemon/message/render.hpp"

namespace reviewd::message {

/// A digest without a word of any customer: how many reviews wait, by section, in the reader's
/// language. For channels whose service is not to know whom the company sells to.
[[nodiscard]] Rendered minimal(const Digest& digest);

} // namespace reviewd::message
