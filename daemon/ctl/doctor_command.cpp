#include "daemon/app/load.hpp"
#include "daemon/ctl/commands.hpp"
#include "daemon/ctl/daemon_link.hpp"
#include "daemon/ctl/doctor_page.hpp"
#include "daemon/ctl/reading.hpp"
#include "daemon/runtime/clock.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <fmt/format.h>

#include <CLI/CLI.hpp>

namespace reviewd::ctl {

namespace {

namespace json = boost::json;
using State = Finding::State;

/// The file that was named, or the running daemon's own: it may have been started with another than
/// the usual one.
std::string config_file(const Invocation& invocation, const Result<json::value>& status) {
    const std::string own = status ? text(member(*status, "daemon"), "config_file") : std::string{};
    return own.empty() || invocation.options.is_config_given ? invocation.options.config_file : own;
}

Findings examine(const Invocation& invocation) {
    Findings findings;
    const Result<json::value> status = ask(invocation, "status", json::object{{"shares", false}});
    const std::string file = config_file(invocation, status);
    const config::LoadedConfiguration loaded = app::load(app::Places{
        .config_file = file,
        .state_directory = invocation.options.state,
        .control_socket = invocation.options.socket,
        .data_directory = invocation.options.data,
        .credentials_directory = {},
    });
    if (loaded.configuration) {
        findings.push_back(Finding{State::good, "configuration", "is good", {}});
        config::Settings settings = *loaded.configuration->settings;
        // A running daemon may have been started with another one; without one nothing says so.
        const std::string own =
            status ? text(member(*status, "daemon"), "state_directory") : std::string{};
        if (!own.empty()) {
            settings.state_directory = own;
        }
        const Findings host = examine_host(settings);
        findings.insert(findings.end(), host.begin(), host.end());
    } else {
        findings.push_back(Finding{
            State::bad,
            "configuration",
            fmt::format("{} is not usable", file),
            fmt::format("`reviewctl check --config {}` shows every mistake", file)});
    }
    if (status) {
        const Findings daemon = examine_daemon(*status, runtime::SystemClock{}.now());
        findings.insert(findings.end(), daemon.begin(), daemon.end());
    } else {
        findings.push_back(Finding{
            State::bad,
            std::string{daemon_check},
            status.error().message,
            "`systemctl start reviewd`; `journalctl -u reviewd` says why it ended"});
    }
    return findings;
}

/// `--json`: the shape `findings` of reviewctl-json(5)
int doctor(const Invocation& invocation) {
    const Findings findings = examine(invocation);
    if (invocation.options.is_json) {
        json::array checks;
        for (const Finding& each : findings) {
            checks.push_back(json::object{
                {"name", each.name},
                {"state", word(each.state)},
                {"found", each.found},
                {"remedy", each.remedy.empty() ? json::value(nullptr) : json::value(each.remedy)}});
        }
        invocation.show_json(json::object{{"checks", std::move(checks)}});
    } else {
        *invocation.terminal.out().stream << findings_page(findings, invocation.terminal.out());
    }
    return exit_code_of(findings);
}

} // namespace

void add_doctor_command(CLI::App& app, Invocation& invocation) {
    CLI::App* const command =
        app.add_subcommand("doctor", "look at the host and the daemon; a remedy for each trouble");
    command->callback([&invocation] {
        invocation.action = [&invocation] {
            return doctor(invocation);
        };
    });
}

} // namespace reviewd::ctl
