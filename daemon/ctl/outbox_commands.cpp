#include "daemon/control/limits.hpp"
#include "daemon/ctl/commands.hpp"
#include "daemon/ctl/csv_text.hpp"
#include "daemon/ctl/daemon_link.hpp"
#include "daemon/ctl/delivery_sheet.hpp"
#include "daemon/ctl/reading.hpp"
#include "daemon/ctl/table.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <array>
#include <memory>
#include <string_view>

namespace reviewd::ctl {

namespace {

namespace json = boost::json;

struct OutboxOptions {
    std::string state;
    std::string channel;
    std::int64_t limit = 0; ///< 0: not given
    std::int64_t delivery = 0;
    std::string because;
    bool is_csv = false;
};

/// Of a delivery as CSV; the names are those of the JSON.
constexpr std::array<std::string_view, 12> csv_columns{
    "id",
    "key",
    "channel",
    "person",
    "state",
    "reason",
    "attempts",
    "uncertain",
    "not_before",
    "created",
    "changed",
    "requeued_from"};

using Options = std::shared_ptr<OutboxOptions>;

Style state_style(const std::string& state) {
    if (state == "accepted") {
        return Style::good;
    }
    if (state == "failed" || state == "expired" || state == "uncertain") {
        return Style::bad;
    }
    return state == "wait" || state == "held" ? Style::warning : Style::plain;
}

void show_list(const json::value& answer, const Terminal& terminal) {
    using Cut = Table::Column::Cut;
    Table table{
        {{.title = "DELIVERY", .align = Table::Align::right},
         {.title = "STATE"},
         {.title = "CHANNEL", .cut = Cut::if_needed, .least = Table::person_least},
         {.title = "PERSON", .cut = Cut::if_needed, .least = Table::person_least},
         {.title = "TRIES", .align = Table::Align::right},
         {.title = "UNCERTAIN", .align = Table::Align::right},
         {.title = "NEXT (UTC)"},
         {.title = "CHANGED (UTC)", .cut = Cut::left_out},
         {.title = "REASON", .cut = Cut::below}}};
    for (const json::value& each : list(answer, "deliveries")) {
        const std::string state = text(each, "state");
        const bool is_open = state == "ready" || state == "wait" || state == "planned";
        const std::string next = moment(each, "next_at");
        const std::string waits = next.empty() ? moment(each, "not_before") : next;
        table.add(
            {text(each, "id"),
             Cell{state, state_style(state)},
             text(each, "channel"),
             text(each, "person"),
             text(each, "attempts"),
             number(each, "uncertain") > 0 ? text(each, "uncertain") : std::string{},
             is_open ? waits : std::string{},
             Cell{moment(each, "changed"), Style::faint},
             delivery_reason(each)}
        );
    }
    if (table.is_empty()) {
        terminal.line("no deliveries");
        return;
    }
    *terminal.out().stream << table.render(terminal.out());
}

int run(const char* verb, json::object arguments, const Invocation& invocation) {
    const Result<json::value> answer = ask(invocation, fmt::format("outbox.{}", verb), arguments);
    const Terminal& terminal = invocation.terminal;
    return invocation.answered(answer, [&] {
        if (verb == std::string_view{"list"}) {
            show_list(*answer, terminal);
            note_if_cut(*answer, "deliveries", terminal);
        } else if (verb == std::string_view{"show"}) {
            *terminal.out().stream << delivery_sheet(*answer, terminal.out().colour);
        } else {
            terminal.line(
                fmt::format("delivery {}: {}", text(*answer, "id"), safe(text(*answer, "state")))
            );
        }
    });
}

json::object list_arguments(const OutboxOptions& options) {
    json::object arguments{{"state", options.state}, {"channel", options.channel}};
    if (options.limit > 0) {
        arguments["limit"] = options.limit;
    }
    return arguments;
}

/// All deliveries page by page, or as many as --limit says.
Result<json::array> deliveries_for_csv(const OutboxOptions& options, const Invocation& invocation) {
    json::object arguments = list_arguments(options);
    const bool wants_all = options.limit == 0;
    if (wants_all) {
        arguments["limit"] = control::delivery_rows.largest;
    }
    json::array rows;
    bool is_cut = true;
    while (is_cut) {
        const Result<json::value> answer = ask(invocation, "outbox.list", arguments);
        if (!answer) {
            return answer.error();
        }
        const json::array& page = list(*answer, "deliveries");
        rows.insert(rows.end(), page.begin(), page.end());
        is_cut = wants_all && is_true(*answer, "is_cut") && !page.empty();
        if (is_cut) {
            arguments["after"] = number(page.back(), "id");
        } else {
            note_if_cut(*answer, "deliveries", invocation.terminal);
        }
    }
    return rows;
}

int show_all(const OutboxOptions& options, const Invocation& invocation) {
    if (!options.is_csv) {
        return run("list", list_arguments(options), invocation);
    }
    if (invocation.options.is_json) {
        return invocation.failed(fail(ErrorCode::usage, "give --json or --csv, not both"));
    }
    const Result<json::array> rows = deliveries_for_csv(options, invocation);
    if (!rows) {
        return invocation.failed(rows.error());
    }
    *invocation.terminal.out().stream << csv_of(csv_columns, *rows);
    return 0;
}

void add_verb(CLI::App& family, Invocation& invocation, const char* verb, const char* summary) {
    const auto options = std::make_shared<OutboxOptions>();
    CLI::App* const command = family.add_subcommand(verb, summary);
    command->add_option("DELIVERY", options->delivery, "its number")->required();
    const bool is_hold = verb == std::string_view{"hold"};
    if (is_hold) {
        command->add_option("--because", options->because, "why");
    }
    command->callback([verb, is_hold, options, &invocation] {
        invocation.action = [verb, is_hold, options, &invocation] {
            json::object arguments{{"delivery", options->delivery}};
            if (is_hold) {
                arguments["because"] = options->because;
            }
            return run(verb, std::move(arguments), invocation);
        };
    });
}

} // namespace

void add_outbox_commands(CLI::App& app, Invocation& invocation) {
    CLI::App* const family = app.add_subcommand("outbox", "deliveries and what became of them");
    family->require_subcommand(0, 1);
    const auto options = std::make_shared<OutboxOptions>();
    CLI::App* const all = family->add_subcommand("list", "deliveries, oldest first");
    // `reviewctl outbox` alone lists too.
    for (CLI::App* const command : {all, family}) {
        command->add_option(
            "--state", options->state, "only those in a state, for instance failed"
        );
        command->add_option("--channel", options->channel, "only those of a channel")
            ->check(name_problem);
        const std::string rows = fmt::format(
            "at most so many, the oldest ones ({} if not given; with --csv all)",
            control::delivery_rows.usual
        );
        command->add_option("--limit", options->limit, rows)
            ->check(CLI::Range(std::int64_t{1}, control::delivery_rows.largest));
        command->add_flag("--csv", options->is_csv, "as comma-separated values");
    }
    const auto shows_all = [options, &invocation] {
        return show_all(*options, invocation);
    };
    all->callback([shows_all, &invocation] { invocation.action = shows_all; });
    family->callback([family, shows_all, &invocation] {
        if (family->get_subcommands().empty()) {
            invocation.action = shows_all;
        }
    });
    add_verb(*family, invocation, "show", "one delivery: message, reminders, tries");
    add_verb(*family, invocation, "retry", "try now, or once more after it failed");
    add_verb(*family, invocation, "hold", "do not send it until it is released");
    add_verb(*family, invocation, "release", "send what was held");
}

} // namespace reviewd::ctl
