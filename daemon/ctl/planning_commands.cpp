#include "daemon/ctl/commands.hpp"
#include "daemon/ctl/daemon_link.hpp"
#include "daemon/ctl/reading.hpp"
#include "daemon/ctl/table.hpp"
#include "daemon/ctl/workload_page.hpp"

#include <boost/json/object.hpp>
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <optional>
#include <vector>

namespace reviewd::ctl {

namespace {

namespace json = boost::json;

struct PlanningOptions {
    std::string person;
    std::string from;
    std::string until;
    std::string because;
    std::int64_t leave = 0;
    bool is_csv = false;
};

/// Asks, and shows the answer as JSON if that was wanted.
/// @returns the answer if it is still to be shown; else `code` is the exit code
std::optional<json::value> answer_of(
    std::string_view command, const json::object& arguments, const Invocation& invocation, int& code
) {
    const Result<json::value> answer = ask(invocation, command, arguments);
    code = answer.has_value() ? 0 : invocation.failed(answer.error());
    if (!answer.has_value()) {
        return std::nullopt;
    }
    if (invocation.options.is_json) {
        invocation.show_json(*answer);
        return std::nullopt;
    }
    return *answer;
}

int show_forecast(const PlanningOptions& options, const Invocation& invocation) {
    if (options.is_csv && invocation.options.is_json) {
        return invocation.failed(fail(ErrorCode::usage, "give --json or --csv, not both"));
    }
    int code = 0;
    const auto answer =
        answer_of("forecast", json::object{{"owner", options.person}}, invocation, code);
    if (answer) {
        const json::array& owners = list(*answer, "forecast");
        const Screen& screen = invocation.terminal.out();
        *screen.stream << (options.is_csv ? forecast_csv(owners) : forecast_page(owners, screen));
    }
    return code;
}

/// Who is away: by name where there is one.
std::string called(const json::value& leave) {
    const std::string name = text(leave, "name");
    return name.empty() ? text(leave, "person") : name;
}

std::string in_words(const json::value& leave) {
    return fmt::format(
        "leave {} of {}: {} to {}",
        text(leave, "id"),
        safe(called(leave)),
        text(leave, "from"),
        text(leave, "until")
    );
}

/// A leave may be longer than another one by intent, or by a slip. What stands in files may recur
/// every week, and is told in one line.
void show_overlaps(const json::value& answer, const Terminal& terminal) {
    std::vector<const json::value*> filed;
    for (const json::value& other : list(answer, "overlaps")) {
        const std::string id = text(other, "id");
        if (id.empty()) {
            filed.push_back(&other);
            continue;
        }
        terminal.line(fmt::format(
            "note: it overlaps leave {0}, {1} to {2}; `reviewctl leave remove {0}` takes that back",
            id,
            text(other, "from"),
            text(other, "until")
        ));
    }
    if (!filed.empty()) {
        terminal.line(fmt::format(
            "note: it overlaps leave out of a file, {}{} to {}",
            filed.size() == 1 ? "" : fmt::format("{} times: first ", filed.size()),
            text(*filed.front(), "from"),
            text(*filed.front(), "until")
        ));
    }
}

/// What somebody should do something about before they go.
void show_inside(const json::value& answer, const Terminal& terminal) {
    for (const json::value& review : list(answer, "appointments")) {
        terminal.line(fmt::format(
            "in it: the appointment with {} on {}; it stands until you `reviewctl review appoint {} "
            "DAY` or reassign it",
            safe(text(member(review, "account"), "name")),
            text(review, "appointment_local"),
            review_named(review)
        ));
    }
    const std::string other = text(answer, "stands_in_name");
    for (const json::value& review : list(answer, "contacts")) {
        terminal.line(fmt::format(
            "in it: {} wants a contact, review {}; {}",
            safe(text(member(review, "account"), "name")),
            text(review, "id"),
            other.empty() ? "nobody is there to stand in"
                          : fmt::format("{} stands in for what is urgent", safe(other))
        ));
    }
    if (const std::string alone = text(answer, "alone_on"); !alone.empty()) {
        const std::string person = text(member(answer, "leave"), "person");
        terminal.line(styled(
            fmt::format(
                "nobody stands in on {0}: what is urgent then waits for {1} to be back; give {1} a "
                "`substitute:` or a manager who is there",
                alone,
                safe(person)
            ),
            Style::warning,
            terminal.out().colour
        ));
    }
}

int add_leave(const PlanningOptions& options, const Invocation& invocation) {
    json::object arguments{
        {"person", options.person},
        {"from", options.from},
        {"until", options.until.empty() ? options.from : options.until}};
    if (!options.because.empty()) {
        arguments["because"] = options.because;
    }
    int code = 0;
    if (const auto answer = answer_of("leave.add", arguments, invocation, code)) {
        invocation.terminal.line(in_words(member(*answer, "leave")));
        show_overlaps(*answer, invocation.terminal);
        show_inside(*answer, invocation.terminal);
    }
    return code;
}

int remove_leave(const PlanningOptions& options, const Invocation& invocation) {
    int code = 0;
    const json::object arguments{{"leave", options.leave}};
    if (const auto answer = answer_of("leave.remove", arguments, invocation, code)) {
        invocation.terminal.line("taken back: " + in_words(member(*answer, "leave")));
    }
    return code;
}

int list_leave(const PlanningOptions& options, const Invocation& invocation) {
    int code = 0;
    const auto answer =
        answer_of("leave.list", json::object{{"person", options.person}}, invocation, code);
    if (!answer) {
        return code;
    }
    Table table{
        {{.title = "LEAVE", .align = Table::Align::right},
         {.title = "PERSON", .cut = Table::Column::Cut::if_needed, .least = Table::person_least},
         {.title = "FROM"},
         {.title = "UNTIL"},
         {.title = "BECAUSE", .cut = Table::Column::Cut::below},
         {.title = "BY", .cut = Table::Column::Cut::if_needed}}};
    for (const json::value& leave : list(*answer, "leave")) {
        table.add(
            {text(leave, "id"),
             called(leave),
             text(leave, "from"),
             text(leave, "until"),
             text(leave, "because"),
             text(leave, "who")}
        );
    }
    for (const json::value& leave : list(*answer, "from_files")) {
        const std::string who = called(leave);
        table.add(
            {"",
             who.empty() ? "everybody" : who,
             text(leave, "from"),
             text(leave, "until"),
             "",
             "a file of `leave:`"}
        );
    }
    if (table.is_empty()) {
        invocation.terminal.line("nobody has leave");
    } else {
        *invocation.terminal.out().stream << table.render(invocation.terminal.out());
    }
    if (const std::int64_t later = number(*answer, "from_files_later"); later > 0) {
        invocation.terminal.line(fmt::format(
            "files of `leave:` have {} more, after {}", later, text(*answer, "from_files_until")
        ));
    }
    return 0;
}

using Run = int (*)(const PlanningOptions&, const Invocation&);

std::shared_ptr<PlanningOptions> on_call(CLI::App& command, Invocation& invocation, Run run) {
    auto options = std::make_shared<PlanningOptions>();
    command.callback([options, run, &invocation] {
        invocation.action = [options, run, &invocation] {
            return run(*options, invocation);
        };
    });
    return options;
}

} // namespace

void add_planning_commands(CLI::App& app, Invocation& invocation) {
    CLI::App* const forecast = app.add_subcommand(
        "forecast",
        "reviews and room of each owner, week by week for a year, and their stretch: open "
        "reviews for each place in the fullest weeks, of which more than 1 cannot be kept"
    );
    const auto looking = on_call(*forecast, invocation, &show_forecast);
    forecast->add_option("--owner", looking->person, "of one person: key or name; none: of nobody")
        ->check(name_problem);
    forecast->add_flag("--csv", looking->is_csv, "as comma-separated values");

    CLI::App* const family = app.add_subcommand("leave", "days on which people are away");
    family->require_subcommand(0, 1);
    CLI::App* const add = family->add_subcommand("add", "somebody is away; their plan follows");
    const auto adding = on_call(*add, invocation, &add_leave);
    add->add_option("PERSON", adding->person, "key or name")->required();
    add->add_option("--from", adding->from, "first day (YYYY-MM-DD)")
        ->required()
        ->check(day_problem);
    add->add_option("--until", adding->until, "last day; the first one when not given")
        ->check(day_problem);
    add->add_option("--because", adding->because, "why");
    CLI::App* const show = family->add_subcommand(
        "list", "leave that was given by command, and what files have for the year ahead"
    );
    const auto showing = on_call(*show, invocation, &list_leave);
    show->add_option("PERSON", showing->person, "key or name; everybody when not given");
    CLI::App* const remove = family->add_subcommand("remove", "take leave back");
    const auto removing = on_call(*remove, invocation, &remove_leave);
    remove->add_option("LEAVE", removing->leave, "its number")->required();
}

} // namespace reviewd::ctl
