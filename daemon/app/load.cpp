#include "daemon/app/load.hpp"

#include "daemon/app/channels.hpp"
#include "daemon/runtime/host.hpp"
#include "daemon/runtime/outbound/curl_outbound.hpp"
#include "daemon/runtime/process/process_host.hpp"

#include <boost/asio/io_context.hpp>

namespace reviewd::app {

void Places::complete_from_environment() {
    const auto fill = [](std::string& place, const char* name, const char* below) {
        const std::string value = runtime::environment(name);
        // systemd lists several directories with colons; the first one is ours.
        if (place.empty() && !value.empty()) {
            place = value.substr(0, value.find(':')) + below;
        }
    };
    fill(state_directory, "STATE_DIRECTORY", "");
    fill(control_socket, "RUNTIME_DIRECTORY", "/control.sock");
    fill(credentials_directory, "CREDENTIALS_DIRECTORY", "");
}

config::LoadedConfiguration load(const Places& places) {
    // Plugins want a network to be made with; nothing runs this loop, so nothing can use it.
    boost::asio::io_context idle;
    runtime::CurlOutbound outbound{idle.get_executor()};
    runtime::ProcessHost processes{idle.get_executor()};
    config::LoadOptions options;
    options.state_directory = places.state_directory;
    options.control_socket = places.control_socket;
    options.data_directory = places.data_directory;
    options.check_channel = channel_check(notify::PluginContext{
        .outbound = outbound,
        .processes = processes,
        .base_directory = places.state_directory,
        .credentials_directory = places.credentials_directory,
        .terminal_line = {},
    });
    return config::load_configuration(places.config_file, options);
}

Error as_error(const Diagnostics& diagnostics) {
    return fail(
        is_temporary(diagnostics) ? ErrorCode::try_later : ErrorCode::bad_config,
        render(diagnostics)
    );
}

} // namespace reviewd::app
