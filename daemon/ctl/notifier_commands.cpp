#include "daemon/ctl/commands.hpp"
#include "daemon/ctl/daemon_link.hpp"
#include "daemon/ctl/reading.hpp"
#include "daemon/ctl/table.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

namespace reviewd::ctl {

namespace {

namespace json = boost::json;

struct NotifierOptions {
    std::string name;
    std::string to;
};

int list_channels(const Invocation& invocation) {
    const Result<json::value> answer = ask(invocation, "notifier.list", {});
    if (!answer) {
        return invocation.failed(answer.error());
    }
    if (invocation.options.is_json) {
        invocation.show_json(*answer);
        return 0;
    }
    Table table{
        {{.title = "CHANNEL"}, {.title = "TYPE"}, {.title = "PAUSED"}, {.title = "UNTIL (UTC)"}}};
    for (const json::value& each : list(*answer, "channels")) {
        table.add(
            {Cell{text(each, "name"), Style::strong},
             text(each, "type"),
             Cell{text(each, "paused"), Style::bad},
             moment(each, "until")}
        );
    }
    const Terminal& terminal = invocation.terminal;
    *terminal.out().stream << (table.is_empty() ? "no channels\n" : table.render(terminal.out()));
    return 0;
}

int test(const NotifierOptions& options, const Invocation& invocation) {
    const Terminal& terminal = invocation.terminal;
    json::object arguments{{"name", options.name}};
    if (!options.to.empty()) {
        arguments["to"] = options.to;
    }
    const auto progress = [&](const json::value& value) {
        if (!invocation.options.is_json) {
            terminal.line(styled(safe(text(value, "line")), Style::faint, terminal.out().colour));
        }
    };
    const Result<json::value> answer = ask(invocation, "notifier.test", arguments, progress);
    if (!answer) {
        return invocation.failed(answer.error());
    }
    const std::string verdict = text(*answer, "verdict");
    const bool is_accepted = verdict == "accepted";
    if (invocation.options.is_json) {
        invocation.show_json(*answer);
    } else {
        terminal.line(fmt::format(
            "{}: {} for {}{}{}",
            safe(text(*answer, "channel")),
            styled(safe(verdict), is_accepted ? Style::good : Style::bad, terminal.out().colour),
            safe(text(*answer, "to")),
            is_accepted ? "" : ", " + safe(text(*answer, "reason")),
            text(*answer, "reply").empty() ? "" : ": " + safe(text(*answer, "reply"))
        ));
    }
    if (is_accepted) {
        return 0;
    }
    return exit_code(verdict == "temporary" ? ErrorCode::try_later : ErrorCode::unavailable);
}

int resume(const NotifierOptions& options, const Invocation& invocation) {
    const Result<json::value> answer =
        ask(invocation, "notifier.resume", json::object{{"channel", options.name}});
    if (!answer) {
        return invocation.failed(answer.error());
    }
    if (invocation.options.is_json) {
        invocation.show_json(*answer);
    } else {
        invocation.terminal.line(fmt::format("{} goes on", safe(text(*answer, "channel"))));
    }
    return 0;
}

} // namespace

void add_notifier_commands(CLI::App& app, Invocation& invocation) {
    CLI::App* const family = app.add_subcommand("notifier", "the channels that reminders go over");
    family->require_subcommand(0, 1);
    CLI::App* const all = family->add_subcommand("list", "channels, and which are paused");
    all->callback([&invocation] {
        invocation.action = [&invocation] {
            return list_channels(invocation);
        };
    });
    const auto testing = std::make_shared<NotifierOptions>();
    CLI::App* const try_out =
        family->add_subcommand("test", "send a test message now and show the dialogue");
    try_out->add_option("NAME", testing->name, "the channel")->required();
    try_out->add_option("--to", testing->to, "where to: a mail address, for instance");
    try_out->callback([testing, &invocation] {
        invocation.action = [testing, &invocation] {
            return test(*testing, invocation);
        };
    });
    const auto resuming = std::make_shared<NotifierOptions>();
    CLI::App* const go_on = family->add_subcommand("resume", "let a paused channel go on at once");
    go_on->add_option("NAME", resuming->name, "the channel")->required();
    go_on->callback([resuming, &invocation] {
        invocation.action = [resuming, &invocation] {
            return resume(*resuming, invocation);
        };
    });
}

} // namespace reviewd::ctl
