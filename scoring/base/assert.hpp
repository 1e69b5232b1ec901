#pragma once

// scoring/base: the ground floor. Values that every folder speaks in (dates, periods, money, errors
// with a position) and nothing that does I/O, reads a clock or starts a thread. Includes no other
// folder.

namespace reviewd {

/// Prints the broken promise to standard error and aborts. Called through REVIEWD_ASSERT only.
[[noreturn]] void assertion_failed(const char* condition, const char* file, int line) noexcept;

} // namespace reviewd

/// Stops the process when `condition` is false, in release builds too: a bug must not go on with
/// wrong data.
#define REVIEWD_ASSERT(condition)                                                                  \
    (static_cast<bool>(condition) ? static_cast<void>(0)                                           \
                                  : ::reviewd::assertion_failed(#condition, __FILE__, __LINE__))
