#pragma once

#include "scoring/base/error.hpp"

#include <span>

namespace reviewd::app {

/// One way for the daemon to end other than well.
struct ExitStatus {
    /// Whether the same daemon may do better when it is started again, with nothing mended.
    enum class Restart { is_of_no_use, may_help };

    int code; ///< of <sysexits.h>
    Restart restart;
};

/// Each of them once, by code. The unit names those after which a restart is of no use, and
/// reviewd(8) explains them all; a test compares.
[[nodiscard]] std::span<const ExitStatus> exit_statuses() noexcept;

/// The code with which the daemon ends for an error: one of the table. What no start can come to
/// counts as a defect of the program.
[[nodiscard]] int exit_status(ErrorCode code) noexcept;

} // namespace reviewd::app
