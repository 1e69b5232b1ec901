#pragma once

#include <string_view>

namespace reviewd::config {

/// Whether the installed tz database has a zone of this name ("Europe/London"). Reads the file
/// system.
[[nodiscard]] bool is_installed_zone(std::string_view name);

} // namespace reviewd::config
