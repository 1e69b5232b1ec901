#include "daemon/ctl/commands.hpp"
#include "daemon/ctl/manual/completion.hpp"
#include "daemon/ctl/manual/pages.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <ostream>

namespace reviewd::ctl {

namespace {

struct ManualOptions {
    std::string shell;
    std::string page;
    std::string source;
};

const CLI::App& root(const CLI::App& app) {
    return app.get_parent() == nullptr ? app : root(*app.get_parent());
}

int complete(const CLI::App& app, const ManualOptions& options, const Invocation& invocation) {
    const manual::CommandShape program = manual::shape_of(root(app));
    const std::string script = options.shell == "bash"  ? manual::bash_completion(program)
                               : options.shell == "zsh" ? manual::zsh_completion(program)
                                                        : manual::fish_completion(program);
    *invocation.terminal.out().stream << script;
    return 0;
}

Result<std::string> read_whole(const std::string& file) {
    std::ifstream stream{file, std::ios::binary};
    std::string text{std::istreambuf_iterator<char>{stream}, {}};
    if (!stream.is_open() || stream.bad()) {
        return fail(ErrorCode::not_found, fmt::format("{} cannot be read", safe(file)));
    }
    return text;
}

Result<std::string> write_page(const CLI::App& app, const ManualOptions& options) {
    if (options.page == "reviewctl") {
        return manual::command_page(manual::shape_of(root(app)));
    }
    if (options.source.empty()) {
        return fail(
            ErrorCode::usage,
            fmt::format("the page {} is made from a file: give it as SOURCE", safe(options.page))
        );
    }
    const Result<std::string> source = read_whole(options.source);
    if (!source) {
        return source.error();
    }
    if (options.page == "reviewctl-json") {
        return manual::answers_page(*source);
    }
    if (options.page == "reviewd-events") {
        return manual::events_page(*source);
    }
    const std::string more = options.page == "reviewd-rules"  ? manual::functions_section()
                             : options.page == "reviewd.yaml" ? manual::tables_section()
                                                              : std::string{};
    return manual::schema_page(options.page, *source, more);
}

int show_page(const CLI::App& app, const ManualOptions& options, const Invocation& invocation) {
    const Result<std::string> page = write_page(app, options);
    if (!page) {
        return invocation.failed(page.error());
    }
    *invocation.terminal.out().stream << *page;
    return 0;
}

} // namespace

void add_manual_commands(CLI::App& app, Invocation& invocation) {
    const auto options = std::make_shared<ManualOptions>();
    CLI::App* const completing =
        app.add_subcommand("completion", "print the script that completes commands in a shell");
    completing->add_option("SHELL", options->shell, "bash, zsh or fish")
        ->required()
        ->check(CLI::IsMember({"bash", "zsh", "fish"}));
    completing->callback([completing, options, &invocation] {
        invocation.action = [completing, options, &invocation] {
            return complete(*completing, *options, invocation);
        };
    });
    // For the build, which makes the man pages with it.
    CLI::App* const page = app.add_subcommand("manual", "print a man page");
    page->group("");
    page->add_option(
            "PAGE",
            options->page,
            "reviewctl, reviewctl-json, reviewd-events, or the name of a file"
    )
        ->required();
    page->add_option(
        "SOURCE",
        options->source,
        "the JSON schema; README.md for the events; answers.json for reviewctl-json"
    );
    page->callback([page, options, &invocation] {
        invocation.action = [page, options, &invocation] {
            return show_page(*page, *options, invocation);
        };
    });
}

} // namespace reviewd::ctl
