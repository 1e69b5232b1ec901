#include "daemon/control/limits.hpp"
#include "daemon/ctl/backtest_page.hpp"
#include "daemon/ctl/commands.hpp"
#include "daemon/ctl/daemon_link.hpp"
#include "daemon/ctl/idle_overrides.hpp"
#include "daemon/ctl/reading.hpp"
#include "daemon/ctl/rules_files.hpp"
#include "daemon/ctl/table.hpp"

#include <boost/json/array.hpp>
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <functional>
#include <memory>

namespace reviewd::ctl {

namespace {

namespace json = boost::json;
namespace fs = std::filesystem;

struct PublishOptions {
    std::vector<std::string> files;
    std::string note;
};

struct RollbackOptions {
    std::string version;
    std::string note;
};

struct DiffOptions {
    std::string a;
    std::string b;
    bool is_text = false;
};

struct ExportOptions {
    std::string version;
    std::string to;
};

/// Asks, and shows the answer in JSON or with `show`.
int ask_and_show(
    const Invocation& invocation,
    std::string_view command,
    const json::object& arguments,
    const std::function<void(const json::value&)>& show
) {
    const Result<json::value> answer = ask(invocation, command, arguments);
    return invocation.answered(answer, [&] { show(*answer); });
}

std::string moves_text(const json::value& waiting) {
    std::string moves;
    for (const json::value& move : list(waiting, "moves")) {
        moves += fmt::format(
            "{}{} from {} to {}",
            moves.empty() ? "" : ", ",
            number(move, "accounts"),
            text(move, "from"),
            text(move, "to")
        );
    }
    return moves;
}

void note_if_any(const std::string& problem, const Terminal& terminal) {
    if (!problem.empty()) {
        terminal.note(safe(problem));
    }
}

void show_outcome(const json::value& answer, const Terminal& terminal) {
    for (const json::value& draft : list(answer, "placed")) {
        const std::string place = text(draft, "place");
        if (!place.empty() && place != text(draft, "file")) {
            terminal.line(
                fmt::format("{} takes the place of {}", safe(text(draft, "file")), safe(place))
            );
        }
    }
    const json::value& waiting = member(answer, "waiting");
    if (!waiting.is_object()) {
        terminal.line(fmt::format("rules {} are in force", safe(text(answer, "in_force"))));
        note_if_any(idle_overrides_in_force(answer), terminal);
        return;
    }
    terminal.line(safe(fmt::format(
        "rules {} are held: {} of {} accounts would change their level ({})",
        text(waiting, "version"),
        number(waiting, "moving"),
        number(waiting, "accounts"),
        moves_text(waiting)
    )));
    terminal.line(safe(fmt::format(
        "rules {0} stay in force; `reviewctl rules diff {0} held` shows what differs, `reviewctl "
        "rules confirm` lets it happen, `reviewctl rules drop` gives it up",
        text(answer, "in_force")
    )));
    note_if_any(idle_overrides_of_waiting(waiting), terminal);
}

void show_history(const json::value& answer, const Terminal& terminal) {
    Table table{
        {{.title = "RULES"},
         {.title = "STATE"},
         {.title = "KEPT (UTC)"},
         {.title = "BY", .cut = Table::Column::Cut::if_needed},
         {.title = "LAST (UTC)"},
         {.title = "WHAT", .cut = Table::Column::Cut::below},
         {.title = "NOTE", .cut = Table::Column::Cut::below}}};
    for (const json::value& version : list(answer, "versions")) {
        const std::string state = text(version, "state");
        const json::array& events = list(version, "events");
        const json::value last = events.empty() ? json::value{} : events.back();
        std::string what = text(last, "what");
        std::replace(what.begin(), what.end(), '_', ' ');
        const std::string note = text(version, "note");
        table.add(
            {Cell{text(version, "version"), Style::strong},
             Cell{
                 state == "in_force" ? "in force" : state,
                 state == "in_force" ? Style::good : Style::warning},
             moment(version, "loaded_at"),
             text(version, "who"),
             moment(last, "at"),
             what.empty() ? "" : fmt::format("{} by {}", what, text(last, "who")),
             note.empty() ? text(last, "note") : note}
        );
    }
    if (table.is_empty()) {
        terminal.line("no rules were ever in force");
        return;
    }
    *terminal.out().stream << table.render(terminal.out());
}

void show_diff(const json::value& answer, const Terminal& terminal) {
    const json::value& changes = member(answer, "changes");
    const std::string lines = text(answer, "text");
    if (!changes.is_array()) {
        *terminal.out().stream << (lines.empty() ? "nothing differs\n" : safe_lines(lines));
        return;
    }
    Table table{
        {{.title = "WHAT"},
         {.title = safe(text(answer, "a")), .cut = Table::Column::Cut::if_needed},
         {.title = safe(text(answer, "b")), .cut = Table::Column::Cut::if_needed}}};
    for (const json::value& change : changes.get_array()) {
        const bool is_new = member(change, "before").is_null();
        const bool is_gone = member(change, "after").is_null();
        table.add(
            {Cell{text(change, "place"), Style::strong},
             Cell{is_new ? "-" : text(change, "before"), Style::bad},
             Cell{is_gone ? "-" : text(change, "after"), Style::good}}
        );
    }
    if (!table.is_empty()) {
        *terminal.out().stream << table.render(terminal.out());
    } else {
        terminal.line(
            lines.empty() ? "nothing differs"
                          : "both say the same; the texts differ, `--text` shows where"
        );
    }
}

/// Rules that are held are not in force, and a script has to know.
int change_rules(
    const Invocation& invocation, const std::string& command, const json::object& arguments
) {
    const Result<json::value> answer = ask(invocation, command, arguments);
    const int code =
        invocation.answered(answer, [&] { show_outcome(*answer, invocation.terminal); });
    const bool is_held = answer && member(*answer, "waiting").is_object();
    return code == 0 && is_held ? exit_code(ErrorCode::try_later) : code;
}

int publish(const PublishOptions& options, const Invocation& invocation) {
    const Result<json::object> files = read_rules_files(options.files);
    if (!files) {
        return invocation.failed(files.error());
    }
    return change_rules(
        invocation, "rules.publish", json::object{{"files", *files}, {"note", options.note}}
    );
}

int export_rules(const ExportOptions& options, const Invocation& invocation) {
    const Result<json::value> answer =
        ask(invocation, "rules.export", json::object{{"version", options.version}});
    if (!answer) {
        return invocation.failed(answer.error());
    }
    const bool is_json = invocation.options.is_json;
    if (is_json && options.to.empty()) { // for programs that want the texts
        invocation.show_json(*answer);
        return 0;
    }
    const std::string folder = options.to.empty() ? text(*answer, "directory") : options.to;
    const Result<WrittenRules> written = write_rules_files(list(*answer, "files"), folder);
    if (!written) {
        return invocation.failed(written.error());
    }
    if (is_json) {
        json::object with_files = answer->as_object();
        with_files["written"] = json::array(written->written.begin(), written->written.end());
        with_files["set_aside"] = json::array(written->set_aside.begin(), written->set_aside.end());
        invocation.show_json(with_files);
        return 0;
    }
    const Terminal& terminal = invocation.terminal;
    for (const std::string& name : written->set_aside) {
        terminal.note(fmt::format("set aside {}", safe(name)));
    }
    for (const std::string& name : written->written) {
        terminal.line(fmt::format("wrote {}", safe(name)));
    }
    if (written->written.empty()) {
        terminal.line(
            fmt::format("{} holds rules {} already", safe(folder), safe(text(*answer, "version")))
        );
    }
    return 0;
}

void add_versions(CLI::App& rules, Invocation& invocation) {
    const auto limit = std::make_shared<std::int64_t>(0);
    CLI::App* const history =
        rules.add_subcommand("history", "all versions, who brought them and why, newest first");
    history->add_option("--limit", *limit, "at most so many, the newest ones")
        ->default_str(fmt::format("{}", control::version_rows.usual))
        ->check(CLI::Range(std::int64_t{1}, control::version_rows.largest));
    history->callback([limit, &invocation] {
        invocation.action = [limit, &invocation] {
            json::object arguments;
            if (*limit > 0) {
                arguments["limit"] = *limit;
            }
            const auto show = [&](const json::value& answer) {
                show_history(answer, invocation.terminal);
                note_if_cut(answer, "versions", invocation.terminal);
            };
            return ask_and_show(invocation, "rules.history", arguments, show);
        };
    });
    const auto options = std::make_shared<DiffOptions>();
    CLI::App* const diff = rules.add_subcommand("diff", "what two versions say differently");
    diff->add_option("A", options->a, "v3 or 3, `current`, `held` or `files`")->required();
    diff->add_option("B", options->b, "likewise; left out: `current`");
    diff->add_flag("--text", options->is_text, "line by line, comments too");
    diff->callback([options, &invocation] {
        invocation.action = [options, &invocation] {
            const json::object arguments{
                {"a", options->a}, {"b", options->b}, {"text", options->is_text}};
            const auto show = [&](const json::value& answer) {
                show_diff(answer, invocation.terminal);
            };
            return ask_and_show(invocation, "rules.diff", arguments, show);
        };
    });
}

void add_publishing(CLI::App& rules, Invocation& invocation) {
    const auto published = std::make_shared<PublishOptions>();
    CLI::App* const publish_command = rules.add_subcommand(
        "publish",
        "put drafts in force; each replaces the file of its name, else the one it defines again"
    );
    publish_command->add_option("FILE", published->files, "rules files, NAME.yaml")->required();
    publish_command->add_option("--note", published->note, "what the change is to achieve")
        ->required();
    publish_command->callback([published, &invocation] {
        invocation.action = [published, &invocation] {
            return publish(*published, invocation);
        };
    });
    const auto rolled = std::make_shared<RollbackOptions>();
    CLI::App* const rollback =
        rules.add_subcommand("rollback", "put an earlier version in force again");
    rollback->add_option("VERSION", rolled->version, "v3 or 3")->required();
    rollback->add_option("--note", rolled->note, "why");
    rollback->callback([rolled, &invocation] {
        invocation.action = [rolled, &invocation] {
            const json::object arguments{{"version", rolled->version}, {"note", rolled->note}};
            return change_rules(invocation, "rules.rollback", arguments);
        };
    });
    const auto exported = std::make_shared<ExportOptions>();
    CLI::App* const out = rules.add_subcommand(
        "export",
        "write a version back to the folder of rules; what differs there is set aside. With --json "
        "and without --to the texts are shown, and nothing is written"
    );
    out->add_option("--version", exported->version, "v3 or 3; left out: the one in force");
    out->add_option("--to", exported->to, "another folder");
    out->callback([exported, &invocation] {
        invocation.action = [exported, &invocation] {
            return export_rules(*exported, invocation);
        };
    });
}

struct BacktestOptions {
    std::string as_of;
    std::string horizon = "180d";
    std::vector<std::string> files;
    std::string outcome;
    std::int64_t bands = 0;
};

int backtest(const BacktestOptions& options, const Invocation& invocation) {
    const Result<json::object> files = read_rules_files(options.files);
    if (!files) {
        return invocation.failed(files.error());
    }
    json::object arguments{{"as_of", options.as_of}, {"horizon", options.horizon}};
    if (!files->empty()) {
        arguments["files"] = *files;
    }
    if (!options.outcome.empty()) {
        arguments["outcome"] = options.outcome;
    }
    if (options.bands > 0) {
        arguments["bands"] = options.bands;
    }
    const Screen& out = invocation.terminal.out();
    return ask_and_show(invocation, "rules.backtest", arguments, [&](const json::value& answer) {
        *out.stream << backtest_page(answer, out);
    });
}

void add_backtest(CLI::App& rules, Invocation& invocation) {
    const auto options = std::make_shared<BacktestOptions>();
    CLI::App* const command = rules.add_subcommand(
        "backtest", "scores as of a past day, against what happened afterwards; changes nothing"
    );
    command->add_option("--as-of", options->as_of, "the day (YYYY-MM-DD)")
        ->required()
        ->check(day_problem);
    command->add_option("--horizon", options->horizon, "how long after it counts: 180d, 6m")
        ->capture_default_str();
    command->add_option(
        "--file", options->files, "try this file instead of the one in force, as preview does"
    );
    command->add_option(
        "--outcome",
        options->outcome,
        "what counts, as an expression over a purchase and `is_new`; left out: is_new"
    );
    command->add_option("--bands", options->bands, "so many bands of scores")
        ->check(CLI::Range(1, 100));
    command->callback([options, &invocation] {
        invocation.action = [options, &invocation] {
            return backtest(*options, invocation);
        };
    });
}

void add_decision(CLI::App& rules, Invocation& invocation, const char* name, const char* summary) {
    rules.add_subcommand(name, summary)->callback([name, &invocation] {
        invocation.action = [name, &invocation] {
            return change_rules(invocation, fmt::format("rules.{}", name), {});
        };
    });
}

} // namespace

void add_rules_commands(CLI::App& app, Invocation& invocation) {
    CLI::App* const rules = app.add_subcommand(
        "rules", "versions of the rules: see, compare, publish, roll back, decide"
    );
    rules->require_subcommand(0, 1);
    add_preview_command(*rules, invocation);
    add_versions(*rules, invocation);
    add_publishing(*rules, invocation);
    add_backtest(*rules, invocation);
    add_decision(*rules, invocation, "confirm", "let held rules come into force");
    add_decision(*rules, invocation, "drop", "give held rules up");
}

} // namespace reviewd::ctl
