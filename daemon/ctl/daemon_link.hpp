#pragma once

#include "daemon/ctl/command_line.hpp"
#include "scoring/base/result.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace reviewd::ctl {

/// Called for each progress report of a command.
using Progress = std::function<void(const boost::json::value&)>;

/// Asks the daemon, or with `--offline` the same command table over the database that no daemon
/// holds.
/// @param files open files that travel with the command; only with a daemon
/// @errors the command's own; `unavailable` without a daemon; offline: `cannot_create` when a
/// daemon holds the database, `bad_config`
[[nodiscard]] Result<boost::json::value> ask(
    const Invocation& invocation,
    std::string_view command,
    const boost::json::object& arguments,
    const Progress& progress = {},
    std::span<const int> files = {}
);

/// Likewise for a list that may be as long as the portfolio: the daemon is asked for page after
/// page, and does its own work in between. What is not there any more when its page comes is left
/// out.
/// @param name of the member of the answer that has the rows
/// @errors as ask
[[nodiscard]] Result<boost::json::value> ask_for_list(
    const Invocation& invocation,
    std::string_view command,
    boost::json::object arguments,
    std::string_view name
);

/// Likewise for a command about one file: the daemon gets it as an open descriptor, so it need not
/// be able to open it itself. The command finds `files: {path: text}` among its arguments.
/// @errors also `not_found` and `no_permission` for the file
[[nodiscard]] Result<boost::json::value> ask_about_file(
    const Invocation& invocation,
    std::string_view command,
    boost::json::object arguments,
    const std::string& path,
    const Progress& progress = {}
);

} // namespace reviewd::ctl
