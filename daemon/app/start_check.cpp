#include "daemon/app/start_check.hpp"

#include "config/node/reader.hpp"
#include "daemon/links/link_keys.hpp"
#include "daemon/notify/api/secret.hpp"

#include <fmt/format.h>

#include <unistd.h>

#include <cerrno>
#include <string>
#include <string_view>

namespace reviewd::app {

namespace {

bool is_closed_to_caller(const std::string& file) {
    return ::access(file.c_str(), R_OK) != 0 && errno == EACCES;
}

constexpr const char* only_for_the_service =
    "not looked at: you may not read it, and the service has to; try as its user";

void check_secret(
    const config::LinkSettings& links,
    const std::string& file,
    std::string_view key,
    config::Report& report
) {
    if (file.empty()) {
        return;
    }
    config::LinkSettings only;
    only.secret_file = file;
    const auto keys = links::read_link_keys(only, {});
    if (keys.has_value()) {
        return;
    }
    const config::Node& place = config::place_of(links.node.value(), key);
    if (is_closed_to_caller(file)) {
        report.warning(place, keys.error().message, only_for_the_service);
    } else {
        report.error(place, keys.error().message, "the daemon does not start without it");
    }
}

/// A channel reads its secrets at every delivery: without one the daemon starts, and the channel
/// waits.
void check_channel_secrets(
    const config::ChannelSettings& channel,
    const std::string& base_directory,
    config::Report& report
) {
    for (const std::string_view name : notify::secret_names) {
        const config::Node* const file =
            channel.node.is_map() ? channel.node.find(fmt::format("{}_file", name)) : nullptr;
        if (file == nullptr || !file->is_scalar()) {
            continue;
        }
        const notify::SecretSource source{notify::resolve_path(base_directory, file->text())};
        const auto secret = source.read();
        if (!secret.has_value()) {
            report.warning(
                *file,
                secret.error().message,
                is_closed_to_caller(source.path())
                    ? only_for_the_service
                    : "the channel delivers nothing until it is mended; no restart is needed"
            );
        }
    }
}

bool takes_all(const std::string& address) {
    return address == "0.0.0.0" || address == "::";
}

void check_ports(
    const config::LinkSettings& links,
    const config::MonitoringSettings& monitoring,
    config::Report& report
) {
    const bool is_one_place = links.port == monitoring.port
                              && (links.address == monitoring.address || takes_all(links.address));
    if (is_one_place) {
        report.error(
            config::place_of(monitoring.node.value(), "listen"),
            fmt::format("links listen at port {} already", links.port),
            "give each a port of its own"
        );
    }
}

} // namespace

Diagnostics check_start(const config::Settings& settings) {
    config::Report report;
    for (const config::ChannelSettings& channel : settings.channels) {
        check_channel_secrets(channel, settings.state_directory, report);
    }
    if (settings.links) {
        const config::LinkSettings& links = *settings.links;
        check_secret(links, links.secret_file, "secret_file", report);
        check_secret(links, links.previous_secret_file, "previous_secret_file", report);
        if (settings.monitoring) {
            check_ports(links, *settings.monitoring, report);
        }
    }
    return report.diagnostics();
}

} // namespace reviewd::app
