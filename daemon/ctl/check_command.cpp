#include "daemon/app/full_check.hpp"
#include "daemon/app/load.hpp"
#include "daemon/control/shapes.hpp"
#include "daemon/ctl/commands.hpp"
#include "scoring/base/counted.hpp"
#include "scoring/engine/columnar/fallbacks.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace reviewd::ctl {

namespace {

namespace json = boost::json;

void show_summary(const config::Configuration& configuration, const Invocation& invocation) {
    const config::Settings& settings = *configuration.settings;
    if (configuration.rules == nullptr) {
        invocation.terminal.line(fmt::format(
            "{} {}; what its folder of rules holds are drafts with mistakes",
            safe(invocation.options.config_file),
            styled("is good", Style::good, invocation.terminal.out().colour)
        ));
        return;
    }
    const rules::RuleSet& rules = *configuration.rules;
    invocation.terminal.line(fmt::format(
        "{} {}: {}, {}, {}, {}, {}, {}",
        safe(invocation.options.config_file),
        styled("is good", Style::good, invocation.terminal.out().colour),
        counted(settings.sources.size(), "source", "sources"),
        counted(rules.facts.facts.size(), "fact", "facts"),
        counted(rules.rules.size(), "rule", "rules"),
        counted(rules.levels.size(), "level", "levels"),
        counted(settings.channels.size(), "channel", "channels"),
        counted(configuration.agenda->questions.size(), "question", "questions")
    ));
}

using Fallbacks = std::vector<engine::columnar::Fallback>;

Fallbacks find_fallbacks(const config::LoadedConfiguration& loaded) {
    const bool has_rules = loaded.configuration && loaded.configuration->rules != nullptr;
    return has_rules ? engine::columnar::find_fallbacks(*loaded.configuration->rules) : Fallbacks{};
}

json::array fallbacks_json(const Fallbacks& fallbacks, const config::LoadedConfiguration& loaded) {
    json::array array;
    for (const engine::columnar::Fallback& fallback : fallbacks) {
        const rules::Rule& rule = loaded.configuration->rules->rules[fallback.rule];
        array.push_back(json::object{
            {"rule", rule.id},
            {"reason", fallback.reason},
            {"file", rule.position.file_name()},
            {"line", rule.position.line},
        });
    }
    return array;
}

void show_fallbacks(
    const Fallbacks& fallbacks, const config::LoadedConfiguration& loaded, const Terminal& terminal
) {
    for (const engine::columnar::Fallback& fallback : fallbacks) {
        const rules::Rule& rule = loaded.configuration->rules->rules[fallback.rule];
        terminal.line(fmt::format(
            "{}:{}: rule `{}` is slow in large portfolios, one account after the other: {}",
            safe(rule.position.file_name()),
            rule.position.line,
            safe(rule.id),
            safe(fallback.reason)
        ));
    }
}

/// `--json`: the shape `check` of reviewctl-json(5)
int check(const Invocation& invocation) {
    const app::Places places{
        .config_file = invocation.options.config_file,
        .state_directory = invocation.options.state,
        .control_socket = invocation.options.socket,
        .data_directory = invocation.options.data,
        .credentials_directory = {},
    };
    config::LoadedConfiguration loaded = app::load(places);
    if (loaded.configuration) {
        for (Diagnostic& finding : app::check_fully(*loaded.configuration)) {
            loaded.diagnostics.push_back(std::move(finding));
        }
    }
    const bool is_good = loaded.configuration.has_value() && !has_errors(loaded.diagnostics);
    const Terminal& terminal = invocation.terminal;
    const Fallbacks fallbacks = find_fallbacks(loaded);
    if (invocation.options.is_json) {
        invocation.show_json(json::object{
            {"file", places.config_file},
            {"is_good", is_good},
            {"diagnostics", control::diagnostics_json(loaded.diagnostics)},
            {"interpreted", fallbacks_json(fallbacks, loaded)},
        });
    } else {
        *terminal.error().stream << render(loaded.diagnostics, terminal.error().colour);
        if (is_good) {
            show_summary(*loaded.configuration, invocation);
            show_fallbacks(fallbacks, loaded, terminal);
        } else {
            const auto errors = std::count_if(
                loaded.diagnostics.begin(),
                loaded.diagnostics.end(),
                [](const Diagnostic& each) { return each.severity == Severity::error; }
            );
            terminal.note(counted(errors, "error", "errors") + "; nothing is loaded");
        }
    }
    return is_good ? 0 : exit_code(app::as_error(loaded.diagnostics).code);
}

} // namespace

void add_check_command(CLI::App& app, Invocation& invocation) {
    CLI::App* const command = app.add_subcommand("check", "check the whole configuration");
    command->callback([&invocation] {
        invocation.action = [&invocation] {
            return check(invocation);
        };
    });
}

} // namespace reviewd::ctl
