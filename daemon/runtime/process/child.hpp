#pragma once

#include "daemon/notify/api/process.hpp"
#include "daemon/runtime/process/program_file.hpp"
#include "scoring/base/result.hpp"

#include <sys/types.h>

namespace reviewd::runtime {

/// Our ends of a started program. Descriptors are ours to close; -1: none.
struct Child {
    pid_t process = -1;
    int end = -1;    ///< becomes readable when it has ended
    int input = -1;  ///< its standard input, non-blocking
    int output = -1; ///< both of its streams, non-blocking
};

/// Starts the program, or returns the errno that kept it from starting.
[[nodiscard]] int start_child(
    const ProgramFile& program, const notify::ProcessRequest& request, Child& child
);

} // namespace reviewd::runtime
