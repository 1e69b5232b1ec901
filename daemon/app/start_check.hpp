#pragma once

#include "config/loader/settings.hpp"
#include "scoring/base/diagnostic.hpp"

namespace reviewd::app {

/// What would keep the daemon from starting with settings that are good in themselves, each at its
/// key: a secret of the links that is missing, open to everybody or too short; links and monitoring
/// at one address. And what would keep a channel from delivering, as warnings: a secret's file that
/// is missing, open to everybody or empty. A secret that only the caller may not read is a warning:
/// the service may. Credentials of the service manager are not looked at.
/// @pre the settings were read from files, so that they know their places
[[nodiscard]] Diagnostics check_start(const config::Settings& settings);

} // namespace reviewd::app
