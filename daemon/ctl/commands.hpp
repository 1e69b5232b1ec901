#pragma once

#include "daemon/ctl/command_line.hpp"

namespace reviewd::ctl {

/// Each adds the commands of one family to the command line. `invocation` outlives the app.
void add_expression_command(CLI::App& app, Invocation& invocation);

} // namespace reviewd::ctl
