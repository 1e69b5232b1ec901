// Settings keep values and not where they stood, so the place of a key is looked up in the files.
#include "daemon/app/start_check.hpp"

#include "config/node/parse.hpp"
#include "config/node/reader.hpp"
#include "daemon/links/link_keys.hpp"

#include <fmt/format.h>

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace reviewd::app {

namespace {

namespace fs = std::filesystem;
using config::Node;

/// `section: { key: … }` of the main file, or of the last drop-in that has it.
std::optional<Node> find_key(
    const std::string& main_file, std::string_view section, std::string_view key
) {
    std::vector<fs::path> files;
    std::error_code ignored;
    for (const auto& each :
         fs::directory_iterator{fs::path{main_file}.parent_path() / "conf.d", ignored}) {
        if (each.path().extension() == ".yaml") {
            files.push_back(each.path());
        }
    }
    std::sort(files.begin(), files.end());
    files.insert(files.begin(), main_file);
    std::optional<Node> found;
    for (const fs::path& file : files) {
        config::Report unshown;
        std::optional<std::string> text = config::read_yaml_file(file.string(), unshown);
        const std::optional<Node> root =
            text ? config::parse_yaml(file.string(), std::move(*text), unshown) : std::nullopt;
        const Node* const map = root && root->is_map() ? root->find(section) : nullptr;
        const Node* const value = map != nullptr && map->is_map() ? map->find(key) : nullptr;
        found = value == nullptr ? std::move(found) : std::optional{*value};
    }
    return found;
}

/// A finding about a key, or about the file when the key is nowhere to be found.
void add_finding(
    const config::Settings& settings,
    std::pair<std::string_view, std::string_view> place,
    Diagnostic finding,
    config::Report& report
) {
    const std::optional<Node> node = find_key(settings.file, place.first, place.second);
    if (!node) {
        finding.position.file = std::make_shared<const std::string>(settings.file);
        report.add(std::move(finding));
    } else if (finding.severity == Severity::error) {
        report.error(*node, std::move(finding.message), std::move(finding.hint));
    } else {
        report.warning(*node, std::move(finding.message), std::move(finding.hint));
    }
}

bool is_closed_to_caller(const std::string& file) {
    return ::access(file.c_str(), R_OK) != 0 && errno == EACCES;
}

void check_secret(
    const config::Settings& settings,
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
    Diagnostic finding;
    finding.message = keys.error().message;
    finding.hint = "the daemon does not start without it";
    if (is_closed_to_caller(file)) {
        finding.severity = Severity::warning;
        finding.hint =
            "not looked at: you may not read it, and the service has to; try as its user";
    }
    add_finding(settings, {"links", key}, std::move(finding), report);
}

bool takes_all(const std::string& address) {
    return address == "0.0.0.0" || address == "::";
}

void check_ports(const config::Settings& settings, config::Report& report) {
    if (!settings.links || !settings.monitoring) {
        return;
    }
    const config::LinkSettings& links = *settings.links;
    const bool is_one_place =
        links.port == settings.monitoring->port
        && (links.address == settings.monitoring->address || takes_all(links.address));
    if (is_one_place) {
        Diagnostic finding;
        finding.message = fmt::format("links listen at port {} already", links.port);
        finding.hint = "give each a port of its own";
        add_finding(settings, {"monitoring", "listen"}, std::move(finding), report);
    }
}

} // namespace

Diagnostics check_start(const config::Settings& settings) {
    config::Report report;
    if (settings.links) {
        check_secret(settings, settings.links->secret_file, "secret_file", report);
        check_secret(
            settings, settings.links->previous_secret_file, "previous_secret_file", report
        );
    }
    check_ports(settings, report);
    return report.diagnostics();
}

} // namespace reviewd::app
