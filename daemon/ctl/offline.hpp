#pragma once

#include "daemon/ctl/daemon_link.hpp"

namespace reviewd::ctl {

/// Runs a command on the database itself.
/// @errors see ask(); `usage` for a command that only a daemon can do
[[nodiscard]] Result<boost::json::value> ask_offline(
    const Invocation& invocation,
    std::string_view command,
    const boost::json::object& arguments,
    const Progress& progress
);

} // namespace reviewd::ctl
