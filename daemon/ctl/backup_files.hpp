#pragma once

#include "scoring/base/date.hpp"
#include "scoring/base/result.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace reviewd::ctl {

/// A published backup: `reviewd-20261120T120000Z.db`.
struct BackupFile {
    std::filesystem::path path;
    TimePoint taken{};
};

/// The name of a backup taken then.
[[nodiscard]] std::string backup_name(TimePoint taken);
/// When a file of that name was taken; nothing when it is not ours.
[[nodiscard]] std::optional<TimePoint> backup_time(std::string_view name);

/// The backups in a directory, newest first.
/// @errors `not_found`, `no_permission`
[[nodiscard]] Result<std::vector<BackupFile>> list_backups(const std::filesystem::path& directory);

/// Those that need not be kept: all but the newest of each of the last 7 days, 5 weeks and 14
/// months that have one, more than a year of reviews back.
/// @param backups newest first
[[nodiscard]] std::vector<BackupFile> superfluous(const std::vector<BackupFile>& backups);

} // namespace reviewd::ctl
