#pragma once

#include "config/loader/configuration.hpp"
#include "daemon/notify/api/plugin.hpp"

#include <functional>
#include <string>
#include <string_view>

namespace reviewd::app {

/// Where things are, as the command line and the environment say.
struct Places {
    std::string config_file;
    std::string state_directory;       ///< empty: the configuration's
    std::string control_socket;        ///< empty: the configuration's
    std::string data_directory;        ///< empty: the configuration's
    std::string credentials_directory; ///< systemd's, or empty

    /// Fills what is empty from systemd's environment. Call it before threads are started.
    void complete_from_environment();
};

/// Loads and checks everything, the channels' settings with their plugins included. Connects
/// nowhere. Any thread.
[[nodiscard]] config::LoadedConfiguration load(const Places& places);

/// All findings of a configuration that is wrong, as one error: `bad_config`; `try_later` when a
/// file could not be read for want of descriptors or memory.
[[nodiscard]] Error as_error(const Diagnostics& diagnostics);

} // namespace reviewd::app
