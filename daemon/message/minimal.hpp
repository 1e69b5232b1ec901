#pragma once

#include "daemon/message/digest.hpp"
#include "daemon/message/render.hpp"

#include <string>
#include <string_view>

namespace reviewd::message {

/// A digest without a word of any customer: how many reviews wait, by section, in the reader's
/// language. For channels whose service is not to know whom the company sells to.
[[nodiscard]] Rendered minimal(const Digest& digest);

/// The same for a message of another kind ("week", "notice", "invitation", "operator"): that there
/// is one.
/// @param id its permanent key
[[nodiscard]] Rendered minimal(std::string_view kind, const std::string& id, const Habits& habits);

} // namespace reviewd::message
