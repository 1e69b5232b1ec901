#include "daemon/ctl/daemon_link.hpp"

#include "config/node/parse.hpp"
#include "daemon/ctl/offline.hpp"
#include "daemon/runtime/control_client.hpp"
#include "scoring/base/text.hpp"

#include <fmt/format.h>

namespace reviewd::ctl {

namespace {

constexpr const char* usual_socket = "/run/reviewd/control.sock";

/// The socket that the configuration names. It may be unreadable or wrong (that is what `reload`
/// reports), so only this one key is looked at.
std::string configured_socket(const std::string& file) {
    config::Report report;
    const std::optional<std::string> text = config::read_yaml_file(file, report);
    const std::optional<config::Node> root =
        text ? config::parse_yaml_for_checking(file, *text, report) : std::nullopt;
    const config::Node* const socket =
        root && root->is_map() ? root->find("control_socket") : nullptr;
    return socket != nullptr && socket->is_scalar() ? socket->text() : usual_socket;
}

} // namespace

Result<boost::json::value> ask(
    const Invocation& invocation,
    std::string_view command,
    const boost::json::object& arguments,
    const Progress& progress
) {
    if (invocation.options.is_offline) {
        return ask_offline(invocation, command, arguments, progress);
    }
    const std::string& given = invocation.options.socket;
    const std::string path =
        given.empty() ? configured_socket(invocation.options.config_file) : given;
    Result<runtime::ControlClient> client = runtime::ControlClient::connect(path);
    if (!client) {
        return client.error();
    }
    return client->call(command, arguments, progress);
}

} // namespace reviewd::ctl
