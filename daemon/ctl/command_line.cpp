#include "daemon/ctl/command_line.hpp"

#include "daemon/ctl/commands.hpp"
#include "daemon/ctl/json_text.hpp"
#include "daemon/store/errors.hpp"
#include "daemon/usage/usage.hpp"
#include "scoring/base/result.hpp"
#include "scoring/base/text.hpp"

#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <exception>
#include <ostream>

namespace reviewd::ctl {

namespace {

constexpr int usage_exit = 64;

void add_global_options(CLI::App& app, Invocation& invocation) {
    GlobalOptions& options = invocation.options;
    app.add_option("--config", options.config_file, "configuration file")
        ->capture_default_str()
        ->each([&options](const std::string&) { options.is_config_given = true; });
    app.add_option("--socket", options.socket, "the daemon's control socket");
    app.add_option("--state", options.state, "state directory, with --offline");
    app.add_option("--data", options.data, "where relative source files start, with --offline");
    app.add_option("--now", options.now, "the day to work on (YYYY-MM-DD), with --offline");
    app.add_flag("--offline", options.is_offline, "work on the database without a daemon");
    app.add_flag("--json", options.is_json, "answer in JSON");
}

/// The help of the last command that was recognised.
std::string help_of(CLI::App& app) {
    CLI::App& command = usage::deepest(app);
    const CLI::App* const parent = command.get_parent();
    return std::string{trim(command.help(parent == nullptr ? "" : usage::full_name(*parent)))};
}

int explain_parse_error(CLI::App& app, const CLI::ParseError& error, const Terminal& terminal) {
    terminal.fail(fail(ErrorCode::usage, usage::explain(app, error)));
    terminal.note(
        fmt::format("`{} --help` says what there is", usage::full_name(usage::deepest(app)))
    );
    return usage_exit;
}

/// What holds for all commands below this one.
void settle_commands(CLI::App& app) {
    for (CLI::App* command : app.get_subcommands([](CLI::App*) { return true; })) {
        command->fallthrough();
        command->footer("`reviewctl --help` tells the exit codes.");
        settle_commands(*command);
    }
}

void set_up(CLI::App& app, Invocation& invocation) {
    app.set_version_flag("--version", "reviewctl " REVIEWD_VERSION);
    app.set_help_flag("-h,--help", "show this help and exit");
    app.require_subcommand(0, 1);
    app.footer(
        "`reviewctl COMMAND --help` explains a command. Exit codes are those of sysexits.h: "
        "64 usage, 65 bad data,\n66 not found, 69 the daemon is not running, 70 a defect, 73 "
        "the database is in use or a file\ncannot be made, 74 reading or writing failed, 75 "
        "try later, 77 not allowed, 78 bad configuration."
    );
    add_global_options(app, invocation);
    add_check_command(app, invocation);
    add_import_command(app, invocation);
    add_account_commands(app, invocation);
    add_planning_commands(app, invocation);
    add_review_commands(app, invocation);
    add_contact_commands(app, invocation);
    add_report_command(app, invocation);
    add_outbox_commands(app, invocation);
    add_notifier_commands(app, invocation);
    add_override_command(app, invocation);
    add_rules_commands(app, invocation);
    add_service_commands(app, invocation);
    add_backup_commands(app, invocation);
    add_doctor_command(app, invocation);
    add_expression_command(app, invocation);
    add_bench_command(app, invocation);
    add_simulate_command(app, invocation);
    add_manual_commands(app, invocation);
    settle_commands(app);
}

int parse_and_run(CLI::App& app, Invocation& invocation, std::vector<std::string> arguments) {
    std::reverse(arguments.begin(), arguments.end()); // as CLI11 wants them
    try {
        app.parse(std::move(arguments));
    } catch (const CLI::CallForHelp&) {
        invocation.terminal.line(help_of(app));
        return 0;
    } catch (const CLI::CallForVersion& version) {
        invocation.terminal.line(version.what());
        return 0;
    } catch (const CLI::ParseError& error) {
        return explain_parse_error(app, error, invocation.terminal);
    }
    if (!invocation.action) {
        // No command at all: a person wants to know what there is, a script made a mistake.
        invocation.terminal.note(help_of(app));
        return usage_exit;
    }
    return invocation.action();
}

} // namespace

int Invocation::failed(const Error& error) const {
    terminal.fail(error);
    return exit_code(error.code);
}

void Invocation::show_json(const boost::json::value& value) const {
    if (terminal.out().is_terminal) {
        *terminal.out().stream << pretty(value);
    } else {
        terminal.line(boost::json::serialize(value));
    }
}

int Invocation::answered(
    const Result<boost::json::value>& answer, const std::function<void()>& show
) const {
    if (!answer) {
        return failed(answer.error());
    }
    if (options.is_json) {
        show_json(*answer);
    } else {
        show();
    }
    return 0;
}

int run_command_line(const std::vector<std::string>& arguments, const Terminal& terminal) {
    Invocation invocation{.options = {}, .terminal = terminal, .action = {}};
    CLI::App app{"reviewctl: account reviews from the command line", "reviewctl"};
    try {
        set_up(app, invocation);
        return parse_and_run(app, invocation, arguments);
    } catch (const Failure& failure) {
        return invocation.failed(failure.error());
    } catch (const store::StorageLost& lost) { // with --offline
        return invocation.failed(fail(ErrorCode::io_failed, lost.what()));
    } catch (const std::exception& exception) {
        return invocation.failed(fail(ErrorCode::internal, exception.what()));
    }
}

} // namespace reviewd::ctl
