#pragma once

// daemon/notify/registry: the one visible table of notifier plugins.

#include "daemon/notify/api/plugin.hpp"

#include <span>
#include <string_view>

namespace reviewd::notify {

[[nodiscard]] std::span<const NotifierPlugin> plugins();

/// The plugin of that type, or null.
[[nodiscard]] const NotifierPlugin* find_plugin(std::string_view type);

} // namespace reviewd::notify
