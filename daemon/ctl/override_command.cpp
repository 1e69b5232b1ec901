#include "daemon/ctl/commands.hpp"
#include "daemon/ctl/daemon_link.hpp"
#include "daemon/ctl/reading.hpp"

#include <boost/json/object.hpp>
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

namespace reviewd::ctl {

namespace {

namespace json = boost::json;

struct OverrideOptions {
    std::string account;
    std::string level;
    std::string until;
    std::string because;
    bool is_removed = false;
};

/// What is missing of the two that must come with a level.
std::string missing(const OverrideOptions& options) {
    if (options.is_removed) {
        return options.level.empty() ? "" : "leave the level out to remove what is set";
    }
    if (options.level.empty()) {
        return "name the level: reviewctl override ACCOUNT LEVEL --until DATE --because TEXT";
    }
    if (options.until.empty()) {
        return "say with --until YYYY-MM-DD until when the level holds";
    }
    return options.because.empty() ? "say with --because why the level is set" : "";
}

int run(const OverrideOptions& options, const Invocation& invocation) {
    const std::string problem = missing(options);
    if (!problem.empty()) {
        return invocation.failed(fail(ErrorCode::usage, problem));
    }
    json::object arguments{{"account", options.account}};
    if (!options.is_removed) {
        arguments["level"] = options.level;
        arguments["until"] = options.until;
        arguments["because"] = options.because;
    }
    const Result<json::value> answer =
        ask(invocation, options.is_removed ? "override.remove" : "override.set", arguments);
    return invocation.answered(answer, [&] {
        const json::value& score = member(*answer, "score");
        const std::string name = safe(text(member(score, "account"), "name"));
        if (options.is_removed) {
            invocation.terminal.line(
                fmt::format("{} is {} again, by the rules", name, safe(text(score, "level")))
            );
            return;
        }
        invocation.terminal.line(fmt::format(
            "{} is {} until {}, then the rules decide again",
            name,
            safe(text(score, "level")),
            text(member(*answer, "override"), "until")
        ));
    });
}

} // namespace

void add_override_command(CLI::App& app, Invocation& invocation) {
    const auto options = std::make_shared<OverrideOptions>();
    CLI::App* const command =
        app.add_subcommand("override", "set an account's level for a while, whatever its score");
    command
        ->add_option(
            "ACCOUNT", options->account, "key, name, or the beginning of a name or of a word in it"
        )
        ->required();
    command->add_option("LEVEL", options->level, "a level of the rules");
    auto* const remove = command->add_flag(
        "--remove", options->is_removed, "let the rules decide again, from now on"
    );
    command->add_option("--until", options->until, "the last day on which it holds (YYYY-MM-DD)")
        ->check(day_problem)
        ->excludes(remove);
    command->add_option("--because", options->because, "the reason")->excludes(remove);
    command->callback([options, &invocation] {
        invocation.action = [options, &invocation] {
            return run(*options, invocation);
        };
    });
}

} // namespace reviewd::ctl
