#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace reviewd::config {

/// Whether the installed tz database has a zone of this name ("Europe/London"). Reads the file
/// system.
[[nodiscard]] bool is_installed_zone(std::string_view name);

/// Names of all zones of the installed tz database, for hints; empty when it cannot be read. Reads
/// the file system: some hundred entries.
[[nodiscard]] std::vector<std::string> installed_zones();

} // namespace reviewd::config
