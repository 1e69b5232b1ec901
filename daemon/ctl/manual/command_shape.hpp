#pragma once

// daemon/ctl/manual: what people read about reviewctl and the configuration, written from the
// commands themselves, from the JSON schemas and from answers.json, which the stories of tests/e2e
// hold every answer against, so that it cannot fall behind them: man pages and the completions of
// shells. Includes scoring/rules.

#include <functional>
#include <string>
#include <vector>

namespace CLI {
class App;
} // namespace CLI

namespace reviewd::manual {

/// One option, flag or argument of a command.
struct OptionShape {
    std::vector<std::string> names; ///< "--json", "-h"; of an argument its one name: "ACCOUNT"
    std::string value;              ///< what it takes: "TEXT"; empty for flags and arguments
    std::string otherwise;          ///< what holds when it is not given; empty: nothing to tell
    std::string description;
    bool is_argument = false;
    bool is_required = false;
    bool is_repeated = false; ///< an argument that may be given several times
};

/// A command with all that it takes.
struct CommandShape {
    std::string
        route;        ///< from the program on, with spaces: "review done"; of the program itself ""
    std::string name; ///< the route's last word, or the program's name
    std::string description;
    std::vector<OptionShape> options;
    std::vector<CommandShape> commands;
};

/// The shape of a command line; hidden commands are left out.
[[nodiscard]] CommandShape shape_of(const CLI::App& app);

/// Calls `visit` for the command and everything below it, outer ones first.
void for_each(const CommandShape& command, const std::function<void(const CommandShape&)>& visit);

} // namespace reviewd::manual
