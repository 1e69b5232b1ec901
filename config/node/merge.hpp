#pragma once

#include "config/node/reader.hpp"

#include <optional>
#include <span>

namespace reviewd::config {

/// `over` laid on `base`: maps merge by key, anything else is replaced. Values keep their places.
[[nodiscard]] Node merged(const Node& base, const Node& over);

/// Drop-ins laid together. A key that two of them set is an error that names both.
/// @returns nothing when there are none
[[nodiscard]] std::optional<Node> merged_drop_ins(std::span<const Node> files, Report& report);

} // namespace reviewd::config
