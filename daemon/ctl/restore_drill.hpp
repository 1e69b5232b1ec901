#pragma once

#include "daemon/ctl/command_line.hpp"
#include "scoring/base/result.hpp"

#include <boost/json/value.hpp>

#include <filesystem>

namespace reviewd::ctl {

/// Whether a drill that ended so says that the backup would not serve, and not only that there was
/// none, or no room or right to try it.
[[nodiscard]] bool is_fault_of_backup(ErrorCode code);

/// Restores a backup into a directory of its own, starts the service over it as the daemon would,
/// compares what it holds, and removes it again.
/// @param backup a file, or a directory whose newest backup is taken
/// @returns `{"backup", "taken", "accounts", "reviews_open", "schema_version"}`
/// @errors `not_found` without a backup; `bad_data` when it would not serve; `bad_config`;
/// `cannot_create` and `try_later` without room for it; `no_permission`
[[nodiscard]] Result<boost::json::value> run_drill(
    const std::filesystem::path& backup, const Invocation& invocation
);

} // namespace reviewd::ctl
