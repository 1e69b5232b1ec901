#include "daemon/ctl/daemon_link.hpp"

#include "config/node/parse.hpp"
#include "daemon/control/command.hpp"
#include "daemon/ctl/offline.hpp"
#include "daemon/ctl/reading.hpp"
#include "daemon/runtime/control_client.hpp"
#include "daemon/runtime/open_file.hpp"
#include "scoring/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

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

Result<runtime::ControlClient> connect(const Invocation& invocation) {
    if (!invocation.options.now.empty()) {
        return fail(ErrorCode::usage, "--now goes with --offline: a daemon works on its own day");
    }
    const std::string& given = invocation.options.socket;
    return runtime::ControlClient::connect(
        given.empty() ? configured_socket(invocation.options.config_file) : given
    );
}

} // namespace

Result<boost::json::value> ask(
    const Invocation& invocation,
    std::string_view command,
    const boost::json::object& arguments,
    const Progress& progress,
    std::span<const int> files
) {
    if (invocation.options.is_offline) {
        return ask_offline(invocation, command, arguments, progress);
    }
    Result<runtime::ControlClient> client = connect(invocation);
    if (!client) {
        return client.error();
    }
    return client->call(command, arguments, progress, files);
}

Result<boost::json::value> ask_for_list(
    const Invocation& invocation,
    std::string_view command,
    boost::json::object arguments,
    std::string_view name
) {
    if (invocation.options.is_offline) {
        return ask(invocation, command, arguments); // there is nobody to wait for it
    }
    arguments["pages"] = true;
    Result<boost::json::value> answer = ask(invocation, command, arguments);
    boost::json::object* const whole = answer ? answer->if_object() : nullptr;
    if (whole == nullptr || !whole->contains("rows")) {
        return answer;
    }
    const boost::json::array numbers = list(*answer, "rows");
    whole->erase("rows");
    boost::json::array rows;
    for (std::size_t at = 0; at < numbers.size(); at += control::page_rows) {
        const std::size_t end = std::min(numbers.size(), at + control::page_rows);
        arguments["rows"] = boost::json::array(numbers.begin() + at, numbers.begin() + end);
        const Result<boost::json::value> page = ask(invocation, command, arguments);
        if (!page) {
            return page.error();
        }
        const boost::json::array& more = list(*page, name);
        rows.insert(rows.end(), more.begin(), more.end());
    }
    (*whole)[name] = std::move(rows);
    return answer;
}

Result<boost::json::value> ask_about_file(
    const Invocation& invocation,
    std::string_view command,
    boost::json::object arguments,
    const std::string& path,
    const Progress& progress
) {
    const Result<runtime::FileDescriptor> file = runtime::open_file(path);
    if (!file) {
        return file.error();
    }
    constexpr std::size_t limit_bytes = 8UL * 1024 * 1024;
    const Result<std::string> text = runtime::read_open_file(*file, path, limit_bytes);
    if (!text) {
        return text.error();
    }
    if (invocation.options.is_offline) {
        arguments["files"] = boost::json::object{{path, *text}};
        return ask_offline(invocation, command, arguments, progress);
    }
    Result<runtime::ControlClient> client = connect(invocation);
    if (!client) {
        return client.error();
    }
    arguments["files"] = boost::json::object{{path, nullptr}};
    const std::array descriptors{file->get()};
    return client->call(command, arguments, progress, descriptors);
}

} // namespace reviewd::ctl
