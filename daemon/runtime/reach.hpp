#pragma once

#include "scoring/base/result.hpp"

#include <chrono>
#include <string>

namespace reviewd::runtime {

/// Whether something listens there: resolves the name and opens one connection, which is closed at
/// once. Blocks; for `doctor`.
/// @returns the address that answered
/// @errors `unavailable`: the name is unknown, or nobody listens in time
[[nodiscard]] Result<std::string> reach(
    const std::string& host, int port, std::chrono::milliseconds time
);

/// The addresses of a name. @errors `unavailable`
[[nodiscard]] Result<std::string> resolve(const std::string& host);

} // namespace reviewd::runtime
