#include "daemon/control/limits.hpp"
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

struct RouteOptions {
    std::string account;
};

struct NotifierOptions {
    std::string name;
    std::string to;
    std::string because;
};

struct InboxOptions {
    std::string person;
    bool wants_all = false;
    std::int64_t limit = 50;
};

int list_channels(const Invocation& invocation) {
    const Result<json::value> answer = ask(invocation, "notifier.list", {});
    return invocation.answered(answer, [&] {
        Table table{
            {{.title = "CHANNEL"},
             {.title = "TYPE"},
             {.title = "PAUSED"},
             {.title = "UNTIL (UTC)"}}};
        for (const json::value& each : list(*answer, "channels")) {
            table.add(
                {Cell{text(each, "name"), Style::strong},
                 text(each, "type"),
                 Cell{text(each, "paused"), Style::bad},
                 moment(each, "until")}
            );
        }
        const Terminal& terminal = invocation.terminal;
        *terminal.out().stream
            << (table.is_empty() ? "no channels\n" : table.render(terminal.out()));
    });
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

int pause(const NotifierOptions& options, const Invocation& invocation) {
    const json::object arguments{{"channel", options.name}, {"because", options.because}};
    const Result<json::value> answer = ask(invocation, "notifier.pause", arguments);
    return invocation.answered(answer, [&] {
        invocation.terminal.line(fmt::format(
            "{} is paused until `reviewctl notifier resume {}`",
            safe(text(*answer, "channel")),
            safe(text(*answer, "channel"))
        ));
    });
}

int show_inbox(const InboxOptions& options, const Invocation& invocation) {
    const json::object arguments{
        {"person", options.person}, {"all", options.wants_all}, {"limit", options.limit}};
    const Result<json::value> answer = ask(invocation, "inbox.list", arguments);
    const Terminal& terminal = invocation.terminal;
    return invocation.answered(answer, [&] {
        const json::array& messages = list(*answer, "messages");
        if (messages.empty()) {
            terminal.line(
                options.wants_all ? "no messages" : "nothing new; --all shows the others"
            );
        }
        for (const json::value& each : messages) {
            const Style style = is_true(each, "read") ? Style::plain : Style::strong;
            terminal.line(fmt::format(
                "{}  {}",
                styled(moment(each, "received"), Style::faint, terminal.out().colour),
                styled(safe(text(each, "subject")), style, terminal.out().colour)
            ));
            terminal.line();
            *terminal.out().stream << safe_lines(text(each, "text")) << '\n';
        }
        note_if_cut(*answer, "messages", terminal);
    });
}

int resume(const NotifierOptions& options, const Invocation& invocation) {
    const Result<json::value> answer =
        ask(invocation, "notifier.resume", json::object{{"channel", options.name}});
    return invocation.answered(answer, [&] {
        invocation.terminal.line(fmt::format("{} goes on", safe(text(*answer, "channel"))));
    });
}

/// The lines of `why`, once each, with the sends they decided.
void show_reasons(const json::value& answer, const Invocation& invocation) {
    const Terminal& terminal = invocation.terminal;
    std::string last;
    int number = 0;
    for (const json::value& each : list(answer, "next")) {
        ++number;
        std::string why;
        for (const json::value& line : list(each, "why")) {
            why += (why.empty() ? "" : "; ") + safe(std::string{line.as_string()});
        }
        if (why != last) {
            terminal.line(styled(
                fmt::format("from {} on: {}", number, why), Style::faint, terminal.out().colour
            ));
        }
        last = std::move(why);
    }
}

int show_route(const RouteOptions& options, const Invocation& invocation) {
    const Result<json::value> answer =
        ask(invocation, "notifier.route", json::object{{"account", options.account}});
    return invocation.answered(answer, [&] {
        const Terminal& terminal = invocation.terminal;
        const json::value& review = answer->at("review");
        const std::string owner = text(*answer, "owner");
        terminal.line(fmt::format(
            "{}  {}, review {} {}, due {}, owner {}",
            styled(safe(text(answer->at("account"), "name")), Style::strong, terminal.out().colour),
            safe(text(review, "level")),
            review.at("id").as_int64(),
            text(review, "state"),
            text(review, "due"),
            owner.empty() ? "nobody" : safe(owner)
        ));
        if (owner.empty()) {
            terminal.line(fmt::format(
                "nobody is reminded of what belongs to nobody: name the account's owner in its "
                "source, or `reviewctl review reassign {} --to PERSON`",
                review_named(review)
            ));
            return;
        }
        Table table{
            {{.title = "#", .align = Table::Align::right},
             {.title = "DAY"},
             {.title = "TIME"},
             {.title = "STEP"},
             {.title = "TO", .cut = Table::Column::Cut::if_needed, .least = Table::person_least},
             {.title = "CHANNELS", .cut = Table::Column::Cut::if_needed},
             {.title = "SEND"}}};
        int number = 0;
        for (const json::value& each : list(*answer, "next")) {
            const std::int64_t repeat = each.at("repeat").as_int64();
            std::string channels;
            for (const json::value& channel : list(each, "channels")) {
                channels += (channels.empty() ? "" : ", ") + std::string{channel.as_string()};
            }
            const std::string person = text(each, "person");
            const std::string send = text(each, "send");
            table.add(
                {std::to_string(++number),
                 text(each, "day"),
                 text(each, "local_time"),
                 repeat > 0 ? fmt::format("{} {}", text(each, "step"), repeat) : text(each, "step"),
                 Cell{
                     person.empty() ? "nobody" : person,
                     person.empty() ? Style::bad : Style::plain},
                 Cell{
                     channels.empty() ? "none" : channels,
                     channels.empty() ? Style::bad : Style::plain},
                 Cell{send, send == "never" ? Style::faint : Style::plain}}
            );
        }
        *terminal.out().stream
            << (table.is_empty() ? "nothing more is sent\n" : table.render(terminal.out()));
        show_reasons(*answer, invocation);
    });
}

int show_feed(const NotifierOptions& options, const Invocation& invocation) {
    const Result<json::value> answer =
        ask(invocation, "notifier.feed", json::object{{"person", options.name}});
    return invocation.answered(answer, [&] {
        invocation.terminal.line(safe(text(*answer, "address")));
    });
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
    const auto routing = std::make_shared<RouteOptions>();
    CLI::App* const route = family->add_subcommand(
        "route", "where an account's next five reminders go, and which routes decide it"
    );
    route->add_option("ACCOUNT", routing->account, "its key, its name or a part of it")->required();
    route->callback([routing, &invocation] {
        invocation.action = [routing, &invocation] {
            return show_route(*routing, invocation);
        };
    });
    const auto feeding = std::make_shared<NotifierOptions>();
    CLI::App* const feed = family->add_subcommand(
        "feed", "the address under which a person's calendar program finds their reviews"
    );
    feed->add_option("PERSON", feeding->name, "their key or name")->required();
    feed->callback([feeding, &invocation] {
        invocation.action = [feeding, &invocation] {
            return show_feed(*feeding, invocation);
        };
    });
    const auto pausing = std::make_shared<NotifierOptions>();
    CLI::App* const halt =
        family->add_subcommand("pause", "send nothing over a channel until it is resumed");
    halt->add_option("NAME", pausing->name, "the channel")->required();
    halt->add_option("--because", pausing->because, "why");
    halt->callback([pausing, &invocation] {
        invocation.action = [pausing, &invocation] {
            return pause(*pausing, invocation);
        };
    });
    const auto reading = std::make_shared<InboxOptions>();
    CLI::App* const inbox = app.add_subcommand("inbox", "a person's messages of channels `inbox`");
    inbox->add_option("--person", reading->person, "the key of the person")->required();
    inbox->add_flag("--all", reading->wants_all, "those that were shown before, too");
    inbox->add_option("--limit", reading->limit, "at most so many")
        ->default_str(fmt::format("{}", control::inbox_rows.usual))
        ->check(CLI::Range(std::int64_t{1}, control::inbox_rows.largest));
    inbox->callback([reading, &invocation] {
        invocation.action = [reading, &invocation] {
            return show_inbox(*reading, invocation);
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
