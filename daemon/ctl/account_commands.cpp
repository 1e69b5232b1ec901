#include "daemon/control/limits.hpp"
#include "daemon/ctl/backtest_page.hpp"
#include "daemon/ctl/commands.hpp"
#include "daemon/ctl/daemon_link.hpp"
#include "daemon/ctl/reading.hpp"
#include "daemon/ctl/review_table.hpp"
#include "daemon/ctl/table.hpp"
#include "daemon/ctl/workload_page.hpp"

#include <boost/json/array.hpp>
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <utility>

namespace reviewd::ctl {

namespace {

namespace json = boost::json;

struct ScoreOptions {
    std::vector<std::string> accounts;
    bool is_explained = false;
    bool is_history = false;
    std::string as_of;
    std::int64_t limit = 0;
};

struct ListOptions {
    std::string owner;
    std::string until;
};

/// The level, with a mark where no rule can be judged or a person set it.
std::string level_text(const json::value& score) {
    const bool is_set = member(score, "override").is_object();
    return text(score, "level") + (is_true(score, "is_judged") ? "" : " ?") + (is_set ? " *" : "");
}

void show_scores(const json::value& answer, const Terminal& terminal) {
    using Cut = Table::Column::Cut;
    Table table{
        {{.title = "ACCOUNT", .cut = Cut::if_needed, .least = Table::account_least},
         {.title = "LEVEL"},
         {.title = "POINTS", .align = Table::Align::right},
         {.title = "SINCE"},
         {.title = "OWNER", .cut = Cut::if_needed, .least = Table::person_least},
         {.title = "CADENCE", .cut = Cut::left_out}}};
    for (const json::value& score : list(answer, "scores")) {
        const json::value& account = member(score, "account");
        table.add(
            {Cell{text(account, "name"), Style::strong},
             level_text(score),
             text(score, "points"),
             text(score, "since"),
             text(member(account, "owner"), "name"),
             "every " + text(member(score, "cadence"), "review_every")}
        );
    }
    if (table.is_empty()) {
        terminal.line("no account is scored yet; `reviewctl import` reads the sources");
        return;
    }
    *terminal.out().stream << table.render(terminal.out());
}

int score_history(const ScoreOptions& options, const Invocation& invocation) {
    if (options.accounts.size() != 1 || !options.as_of.empty() || options.is_explained) {
        return invocation.failed(
            fail(ErrorCode::usage, "--history shows one account: reviewctl score ACCOUNT --history")
        );
    }
    json::object arguments{{"account", options.accounts.front()}};
    if (options.limit > 0) {
        arguments["limit"] = options.limit;
    }
    const Result<json::value> answer = ask(invocation, "score.history", arguments);
    return invocation.answered(answer, [&] {
        const Screen& out = invocation.terminal.out();
        *out.stream << score_history_page(*answer, out);
        note_if_cut(*answer, "changes", invocation.terminal);
    });
}

int score(const ScoreOptions& options, const Invocation& invocation) {
    if (options.is_history) {
        return score_history(options, invocation);
    }
    if (!options.accounts.empty() && options.limit > 0) {
        return invocation.failed(fail(
            ErrorCode::usage, "--limit shortens the list of all accounts; leave it or the names out"
        ));
    }
    json::object arguments{
        {"accounts", json::array(options.accounts.begin(), options.accounts.end())},
        {"explain", options.is_explained},
        {"colour", invocation.terminal.out().colour == Colour::on && !invocation.options.is_json},
    };
    if (!options.as_of.empty()) {
        arguments["as_of"] = options.as_of;
    }
    if (options.limit > 0) {
        arguments["limit"] = options.limit;
    }
    const Result<json::value> answer =
        ask_for_list(invocation, "score", std::move(arguments), "scores");
    const Terminal& terminal = invocation.terminal;
    return invocation.answered(answer, [&] {
        if (!options.is_explained) {
            show_scores(*answer, terminal);
            note_if_cut(*answer, "accounts", terminal);
        } else {
            bool is_first = true;
            for (const json::value& each : list(*answer, "scores")) {
                // The ledger's text is made safe where it is made; its colours are ours.
                *terminal.out().stream << (is_first ? "" : "\n") << text(each, "text");
                is_first = false;
            }
            note_if_cut(*answer, "accounts", terminal);
        }
    });
}

int list_reviews(const char* command, const ListOptions& options, const Invocation& invocation) {
    json::object arguments{{"owner", options.owner}};
    if (!options.until.empty()) {
        arguments["until"] = options.until;
    }
    const Result<json::value> answer =
        ask_for_list(invocation, command, std::move(arguments), "reviews");
    return invocation.answered(answer, [&] {
        const Terminal& terminal = invocation.terminal;
        const json::array& reviews = list(*answer, "reviews");
        const std::string promises = promise_page(list(*answer, "promises"), terminal.out());
        if (!reviews.empty()) {
            *terminal.out().stream << review_table(reviews, terminal.out())
                                   << overload_page(list(*answer, "overloads"), terminal.out())
                                   << (promises.empty() ? "" : "\n");
        } else if (promises.empty()) {
            terminal.line(
                command == std::string_view{"due"} ? "nothing is due" : "no review is planned"
            );
        }
        *terminal.out().stream << promises;
    });
}

void add_list_command(
    CLI::App& app, Invocation& invocation, const char* name, const char* summary
) {
    auto options = std::make_shared<ListOptions>();
    CLI::App* const command = app.add_subcommand(name, summary);
    command->add_option("--owner", options->owner, "of one person: key or name; none: of nobody")
        ->check(name_problem);
    if (name == std::string_view{"due"}) {
        command->add_option("--until", options->until, "due until that day (YYYY-MM-DD)")
            ->check(day_problem);
    }
    command->callback([name, options, &invocation] {
        invocation.action = [name, options, &invocation] {
            return list_reviews(name, *options, invocation);
        };
    });
}

} // namespace

void add_account_commands(CLI::App& app, Invocation& invocation) {
    auto options = std::make_shared<ScoreOptions>();
    CLI::App* const command =
        app.add_subcommand("score", "scores and levels, and with --explain why");
    command->add_option(
        "ACCOUNT", options->accounts, "key, name, or the beginning of a name or of a word in it"
    );
    command->add_flag("--explain", options->is_explained, "show the ledger of each account");
    command->add_flag(
        "--history", options->is_history, "how score and level of one account changed, and why"
    );
    command
        ->add_option(
            "--as-of", options->as_of, "as of a past day (YYYY-MM-DD), from what was known then"
        )
        ->check(day_problem);
    const std::string rows = fmt::format(
        "at most so many accounts, highest scores first ({} if not given); with --history so many "
        "changes, the latest ones ({})",
        control::score_rows.usual,
        control::score_history_rows.usual
    );
    command->add_option("--limit", options->limit, rows)
        ->check(CLI::Range(std::int64_t{1}, control::score_rows.largest));
    command->callback([options, &invocation] {
        invocation.action = [options, &invocation] {
            return score(*options, invocation);
        };
    });
    add_list_command(app, invocation, "due", "reviews to be held by today, the latest first");
    add_list_command(app, invocation, "plan", "all open reviews by their day");
}

} // namespace reviewd::ctl
