#include "daemon/ctl/commands.hpp"
#include "daemon/ctl/daemon_link.hpp"
#include "daemon/ctl/idle_overrides.hpp"
#include "daemon/ctl/reading.hpp"
#include "daemon/ctl/status_page.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

namespace reviewd::ctl {

namespace {

namespace json = boost::json;

struct ReloadOptions {
    bool waits = false;
    bool is_confirmed = false;
};

int status(const Invocation& invocation, KnownFacts which) {
    const Result<json::value> answer =
        ask(invocation, "status", json::object{{"shares", which == KnownFacts::all}});
    return invocation.answered(answer, [&] {
        *invocation.terminal.out().stream << status_page(*answer, invocation.terminal.out(), which);
    });
}

void show_reload(
    const json::value& answer, const ReloadOptions& options, const Terminal& terminal
) {
    *terminal.error().stream << safe_lines(text(answer, "warnings"));
    for (const json::value& each : list(answer, "restart_needed")) {
        terminal.note(fmt::format(
            "the {} changes only with a restart",
            each.is_string() ? safe(std::string{each.get_string()}) : ""
        ));
    }
    terminal.line(options.is_confirmed ? "confirmed" : "reloaded");
    if (const std::string problem = text(answer, "problem"); !problem.empty()) {
        terminal.note(safe("not all of it is in force: " + problem));
    }
    if (const json::value& held = member(answer, "levels_held"); held.is_object()) {
        terminal.note(fmt::format(
            "{} of {} accounts would change their level, so levels stay as they are; `reviewctl "
            "reload --confirm` lets them change",
            number(held, "moving"),
            number(held, "accounts")
        ));
    }
    if (const std::string dropped = text(answer, "rules_dropped"); !dropped.empty()) {
        terminal.note(safe(fmt::format(
            "the rules files are still {}, which was dropped; the rules in force stay until the "
            "files change",
            dropped
        )));
    }
    if (const json::value& waiting = member(answer, "rules_waiting"); waiting.is_object()) {
        terminal.note(safe(fmt::format(
            "rules {} {}; those accepted last stay in force: `reviewctl rules diff current held` "
            "shows what differs, `reviewctl rules confirm` lets it happen",
            text(waiting, "version"),
            text(waiting, "state") == "held"
                ? fmt::format(
                    "are held, because {} of {} accounts would change their level",
                    number(waiting, "moving"),
                    number(waiting, "accounts")
                )
                : "come into force when it is known how many accounts they move"
        )));
    }
    for (const std::string& idle :
         {idle_overrides_in_force(answer),
          idle_overrides_of_waiting(member(answer, "rules_waiting"))}) {
        if (!idle.empty()) {
            terminal.note(safe(idle));
        }
    }
}

int reload(const ReloadOptions& options, const Invocation& invocation) {
    if (invocation.options.is_offline) {
        return invocation.failed(fail(
            ErrorCode::usage, "a reload needs the running daemon; `reviewctl check` checks without"
        ));
    }
    const Result<json::value> answer =
        ask(invocation,
            "reload",
            json::object{{"wait", options.waits}, {"confirm", options.is_confirmed}});
    if (!answer) {
        const int code = invocation.failed(answer.error());
        if (answer.error().code == ErrorCode::bad_config) {
            invocation.terminal.note(
                "nothing was changed: the configuration before it stays in force"
            );
        }
        return code;
    }
    const std::string problem = text(*answer, "problem");
    // What was held before is in nobody's way: the rest of the configuration came into force.
    const int code = !problem.empty()              ? exit_code(ErrorCode::cannot_create)
                     : is_true(*answer, "is_held") ? exit_code(ErrorCode::try_later)
                                                   : 0;
    if (invocation.options.is_json) {
        invocation.show_json(*answer);
        return code;
    }
    show_reload(*answer, options, invocation.terminal);
    return code;
}

} // namespace

void add_service_commands(CLI::App& app, Invocation& invocation) {
    const auto counts_shares = std::make_shared<bool>(false);
    CLI::App* const shown = app.add_subcommand("status", "what is well, what is not, what to do");
    shown->add_flag(
        "--facts",
        *counts_shares,
        "for how many accounts each fact is known, also those known for all of them"
    );
    shown->callback([counts_shares, &invocation] {
        invocation.action = [counts_shares, &invocation] {
            return status(invocation, *counts_shares ? KnownFacts::all : KnownFacts::incomplete);
        };
    });
    const auto options = std::make_shared<ReloadOptions>();
    CLI::App* const again =
        app.add_subcommand("reload", "read the configuration again, or change nothing");
    again->add_flag("--wait", options->waits, "return when scores and plan follow the new rules");
    again->add_flag(
        "--confirm", options->is_confirmed, "let a held change of levels happen; reads nothing"
    );
    again->callback([options, &invocation] {
        invocation.action = [options, &invocation] {
            return reload(*options, invocation);
        };
    });
}

} // namespace reviewd::ctl
