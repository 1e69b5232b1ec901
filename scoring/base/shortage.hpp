#pragma once

#include <cerrno>

namespace reviewd {

/// Whether a call failed for want of descriptors, memory, processes or threads: nothing is wrong
/// with what it was asked for, and the same call may succeed later.
/// @param error an errno
[[nodiscard]] constexpr bool is_shortage(int error) noexcept {
    return error == EMFILE || error == ENFILE || error == ENOMEM || error == EAGAIN;
}

} // namespace reviewd
