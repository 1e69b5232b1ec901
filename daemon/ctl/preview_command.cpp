#include "daemon/ctl/commands.hpp"
#include "daemon/ctl/daemon_link.hpp"
#include "daemon/ctl/preview_page.hpp"
#include "daemon/ctl/reading.hpp"

#include <boost/json/object.hpp>

#include <CLI/CLI.hpp>
#include <memory>
#include <ostream>

namespace reviewd::ctl {

namespace {

namespace json = boost::json;

struct PreviewOptions {
    std::string file;
    std::int64_t moves = 20;
};

int preview(const PreviewOptions& options, const Invocation& invocation) {
    const Terminal& terminal = invocation.terminal;
    const auto progress = [&](const json::value& value) {
        if (terminal.error().is_terminal) {
            *terminal.error().stream << "\rreading accounts: " << number(value, "accounts_read")
                                     << ' ' << std::flush;
        }
    };
    const Result<json::value> answer = ask_about_file(
        invocation, "rules.preview", json::object{{"moves", options.moves}}, options.file, progress
    );
    terminal.end_progress();
    return invocation.answered(answer, [&] {
        *terminal.out().stream << preview_page(*answer, terminal.out());
    });
}

} // namespace

void add_preview_command(CLI::App& rules, Invocation& invocation) {
    const auto options = std::make_shared<PreviewOptions>();
    CLI::App* const shown =
        rules.add_subcommand("preview", "what other rules would change, without changing anything");
    shown
        ->add_option(
            "FILE",
            options->file,
            "file of rules; takes the place of that of its name, else of the one it defines again"
        )
        ->required();
    shown->add_option("--moves", options->moves, "how many moving accounts to list")
        ->capture_default_str()
        ->check(CLI::Range(0, 2'000'000));
    shown->callback([options, &invocation] {
        invocation.action = [options, &invocation] {
            return preview(*options, invocation);
        };
    });
}

} // namespace reviewd::ctl
