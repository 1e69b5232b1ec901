#include "daemon/app/load.hpp"
#include "daemon/ctl/commands.hpp"
#include "daemon/ctl/daemon_link.hpp"
#include "daemon/ctl/doctor.hpp"
#include "daemon/ctl/reading.hpp"
#include "daemon/ctl/table.hpp"
#include "daemon/runtime/clock.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>

namespace reviewd::ctl {

namespace {

namespace json = boost::json;
using State = Finding::State;

std::string_view word(State state) {
    switch (state) {
    case State::good:
        return "ok";
    case State::warning:
        return "warning";
    case State::bad:
        return "bad";
    }
    return "";
}

Style style_of(State state) {
    switch (state) {
    case State::good:
        return Style::good;
    case State::warning:
        return Style::warning;
    case State::bad:
        return Style::bad;
    }
    return Style::plain;
}

Findings examine(const Invocation& invocation) {
    Findings findings;
    const config::LoadedConfiguration loaded = app::load(app::Places{
        .config_file = invocation.options.config_file,
        .state_directory = invocation.options.state,
        .control_socket = invocation.options.socket,
        .data_directory = invocation.options.data,
        .credentials_directory = {},
    });
    const Result<json::value> status = ask(invocation, "status", json::object{{"shares", false}});
    if (loaded.configuration) {
        findings.push_back(Finding{State::good, "configuration", "is good", {}});
        config::Settings settings = *loaded.configuration->settings;
        if (status) { // it may have been started with another one
            settings.state_directory = text(member(*status, "daemon"), "state_directory");
        }
        const Findings host = examine_host(settings);
        findings.insert(findings.end(), host.begin(), host.end());
    } else {
        findings.push_back(Finding{
            State::bad,
            "configuration",
            fmt::format("{} is not usable", invocation.options.config_file),
            "`reviewctl check` shows every mistake"});
    }
    if (status) {
        const Findings daemon = examine_daemon(*status, runtime::SystemClock{}.now());
        findings.insert(findings.end(), daemon.begin(), daemon.end());
    } else {
        findings.push_back(Finding{
            State::bad,
            "daemon",
            status.error().message,
            "`systemctl start reviewd`; `journalctl -u reviewd` says why it ended"});
    }
    return findings;
}

/// `--json`: the shape `findings` of reviewctl-json(5)
int doctor(const Invocation& invocation) {
    const Findings findings = examine(invocation);
    const bool is_any_bad = std::any_of(findings.begin(), findings.end(), [](const auto& each) {
        return each.state == State::bad;
    });
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
        Table table{
            {{.title = "CHECK"},
             {.title = "STATE"},
             {.title = "FOUND, AND WHAT TO DO", .cut = Table::Column::Cut::never}}};
        for (const Finding& each : findings) {
            table.add(
                {Cell{each.name, Style::strong},
                 Cell{std::string{word(each.state)}, style_of(each.state)},
                 each.remedy.empty() ? each.found : fmt::format("{}: {}", each.found, each.remedy)}
            );
        }
        *invocation.terminal.out().stream << table.render(invocation.terminal.out());
    }
    return is_any_bad ? exit_code(ErrorCode::unavailable) : 0;
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
