#pragma once

#include "scoring/base/result.hpp"

#include <string>

namespace reviewd::runtime {

/// Binds and listens on a Unix socket at `path` with mode 0660, non-blocking and close-on-exec.
/// Makes the last folder of the path (0750) when it is missing; refuses a folder that others may
/// write to, a path that is taken by anything but a socket nobody listens on.
/// @returns the listening descriptor, owned by the caller
/// @errors `cannot_create`; `try_later` for want of descriptors or memory
[[nodiscard]] Result<int> listen_at(const std::string& path);

} // namespace reviewd::runtime
