#include "daemon/ctl/commands.hpp"
#include "daemon/ctl/daemon_link.hpp"
#include "daemon/ctl/reading.hpp"
#include "daemon/ctl/table.hpp"
#include "daemon/ctl/unknown_words.hpp"
#include "scoring/base/counted.hpp"

#include <boost/json/array.hpp>
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>

namespace reviewd::ctl {

namespace {

namespace json = boost::json;

constexpr std::size_t problems_shown = 20;

struct ImportOptions {
    std::vector<std::string> sources;
    bool is_dry = false;
    bool is_confirmed = false;
    bool is_dropped = false;
};

Style outcome_style(const std::string& outcome) {
    if (outcome == "failed") {
        return Style::bad;
    }
    if (outcome == "held") {
        return Style::warning;
    }
    return outcome == "accepted" ? Style::good : Style::plain;
}

void show_problems(const json::value& report, const Terminal& terminal) {
    const json::array& problems = list(report, "problems");
    std::size_t shown = 0;
    for (const json::value& problem : problems) {
        if (shown == problems_shown) {
            break;
        }
        ++shown;
        const std::int64_t column = number(problem, "column");
        terminal.note(fmt::format(
            "{}:{}:{} {}",
            safe(text(report, "file")),
            number(problem, "line"),
            column > 0 ? fmt::format("{}:", column) : "", // 0: the row as a whole
            safe(text(problem, "reason"))
        ));
    }
    const std::int64_t bad = number(member(report, "counts"), "bad");
    if (bad > static_cast<std::int64_t>(shown)) {
        terminal.note(fmt::format(
            "{}: {}; --json lists more of them",
            safe(text(report, "file")),
            counted(bad - static_cast<std::int64_t>(shown), "more bad row", "more bad rows")
        ));
    }
}

void show(const json::value& answer, const Terminal& terminal) {
    using Align = Table::Align;
    Table table{
        {{.title = "SOURCE"},
         {.title = "OUTCOME"},
         {.title = "NEW", .align = Align::right},
         {.title = "CHANGED", .align = Align::right},
         {.title = "SAME", .align = Align::right},
         {.title = "VANISHED", .align = Align::right},
         {.title = "LEFT OUT", .align = Align::right},
         {.title = "BAD", .align = Align::right}}};
    for (const json::value& report : list(answer, "imports")) {
        const json::value& counts = member(report, "counts");
        const std::string outcome = text(report, "outcome");
        const std::string bad = text(counts, "bad");
        table.add(
            {Cell{text(report, "source"), Style::strong},
             Cell{outcome, outcome_style(outcome)},
             text(counts, "added"),
             text(counts, "changed"),
             text(counts, "unchanged"),
             text(counts, "vanished"),
             text(counts, "skipped"),
             Cell{bad, bad == "0" ? Style::plain : Style::warning}}
        );
    }
    if (!table.is_empty()) {
        *terminal.out().stream << table.render(terminal.out());
    }
    for (const json::value& report : list(answer, "imports")) {
        show_problems(report, terminal);
        const std::string error = text(report, "reason");
        if (!error.empty()) {
            terminal.note(fmt::format("{}: {}", safe(text(report, "source")), safe(error)));
        }
        for (const std::string& line : unknown_lines(report, text(report, "source"))) {
            terminal.note(safe(line));
        }
        for (const json::value& remark : list(report, "remarks")) {
            terminal.note(fmt::format(
                "{}: {}",
                safe(text(report, "file")),
                remark.is_string() ? safe(std::string{remark.get_string()}) : ""
            ));
        }
    }
    for (const json::value& source : list(answer, "still_held")) {
        terminal.note(fmt::format(
            "the import of {0} is held; `reviewctl import --confirm {0}` lets it in, `reviewctl "
            "import --drop {0}` gives it up",
            source.is_string() ? safe(std::string{source.get_string()}) : ""
        ));
    }
    if (const json::value& held = member(answer, "levels_held"); held.is_object()) {
        terminal.note(fmt::format(
            "{} of {} accounts would change their level; `reviewctl import --confirm` lets them",
            number(held, "moving"),
            number(held, "accounts")
        ));
    }
}

void show_decision(const json::value& answer, bool is_confirmed, const Terminal& terminal) {
    std::string sources;
    for (const json::value& source : list(answer, "decided")) {
        sources += sources.empty() ? ": " : ", ";
        sources += source.is_string() ? safe(std::string{source.get_string()}) : "";
    }
    *terminal.out().stream << (is_confirmed ? "confirmed" : "dropped") << sources << '\n';
}

int import(const ImportOptions& options, const Invocation& invocation) {
    const json::object arguments{
        {"sources", json::array(options.sources.begin(), options.sources.end())},
        {"dry_run", options.is_dry},
        {"confirm", options.is_confirmed},
        {"drop", options.is_dropped},
    };
    const Terminal& terminal = invocation.terminal;
    const auto progress = [&](const json::value& value) {
        if (value.is_object()) {
            const json::value& share = member(value, "share");
            terminal.progress(
                text(value, "source") + ", " + counted(number(value, "rows"), "row", "rows"),
                share.is_number() ? share.to_number<double>() : 0
            );
        }
    };
    const Result<json::value> answer = ask(invocation, "import", arguments, progress);
    terminal.end_progress();
    if (!answer) {
        return invocation.failed(answer.error());
    }
    if (invocation.options.is_json) {
        invocation.show_json(*answer);
    } else {
        show(*answer, terminal);
        if (options.is_confirmed || options.is_dropped) {
            show_decision(*answer, options.is_confirmed, terminal);
        }
    }
    return import_exit_code(*answer);
}

} // namespace

int import_exit_code(const json::value& answer) {
    const json::array& reports = list(answer, "imports");
    const auto is_failed = [](const json::value& report) {
        return text(report, "outcome") == "failed";
    };
    const auto is_wrong = [&](const json::value& report) {
        return is_failed(report) && !is_true(report, "try_later");
    };
    if (std::any_of(reports.begin(), reports.end(), is_wrong)) {
        return exit_code(ErrorCode::bad_data);
    }
    const bool is_any_held =
        member(answer, "levels_held").is_object() || !list(answer, "still_held").empty();
    const bool is_any_failed = std::any_of(reports.begin(), reports.end(), is_failed);
    return is_any_held || is_any_failed ? exit_code(ErrorCode::try_later) : 0;
}

void add_import_command(CLI::App& app, Invocation& invocation) {
    auto options = std::make_shared<ImportOptions>();
    CLI::App* const command =
        app.add_subcommand("import", "read sources now; bad rows are reported and left out");
    command->add_option(
        "SOURCE", options->sources, "sources to read; all of them when none is named"
    );
    auto* const dry =
        command->add_flag("--dry-run", options->is_dry, "compare only, change nothing");
    auto* const confirm = command->add_flag(
        "--confirm", options->is_confirmed, "let in what is held: imports, and the levels they move"
    );
    auto* const drop =
        command->add_flag("--drop", options->is_dropped, "give up imports that are held");
    dry->excludes(confirm)->excludes(drop);
    confirm->excludes(drop);
    command->callback([options, &invocation] {
        invocation.action = [options, &invocation] {
            return import(*options, invocation);
        };
    });
}

} // namespace reviewd::ctl
