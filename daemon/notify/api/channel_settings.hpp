#pragma once

#include "config/node/reader.hpp"

#include <cstddef>

namespace reviewd::notify {

/// Reads `concurrency` of a channel's map; what is wrong is reported.
/// @param most of this type of channel, at most deliveries_at_once_max
/// @returns 1 without the key, and when it is wrong
[[nodiscard]] int read_concurrency(config::MapReader& settings, int most);

/// Errors among the findings so far; a reader compares before and after.
[[nodiscard]] std::ptrdiff_t count_errors(const config::Report& report);

} // namespace reviewd::notify
