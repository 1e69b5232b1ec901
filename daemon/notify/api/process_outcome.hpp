#pragma once

#include "daemon/notify/api/outcome.hpp"
#include "daemon/notify/api/process.hpp"

namespace reviewd::notify {

/// Of a program that did not start. Want of memory, processes or descriptors passes; whatever else
/// kept it from starting has to be mended by somebody.
[[nodiscard]] Outcome not_started(const ProcessResult& result);

} // namespace reviewd::notify
