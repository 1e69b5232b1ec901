#pragma once

#include "daemon/ctl/manual/command_shape.hpp"

#include <string>

namespace reviewd::manual {

/// A script that completes the commands and options of `program` in that shell.
[[nodiscard]] std::string bash_completion(const CommandShape& program);
[[nodiscard]] std::string zsh_completion(const CommandShape& program);
[[nodiscard]] std::string fish_completion(const CommandShape& program);

} // namespace reviewd::manual
