#include "daemon/ctl/commands.hpp"
#include "daemon/ctl/csv_text.hpp"
#include "daemon/ctl/daemon_link.hpp"
#include "daemon/ctl/reading.hpp"
#include "daemon/ctl/report_page.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <vector>

namespace reviewd::ctl {

namespace {

namespace json = boost::json;

struct ReportOptions {
    std::string from;
    std::string to;
    std::string part; ///< shown as CSV; empty: all, as tables
};

int report(const ReportOptions& options, const Invocation& invocation) {
    if (!options.part.empty() && invocation.options.is_json) {
        return invocation.failed(fail(ErrorCode::usage, "give --json or --csv, not both"));
    }
    json::object arguments;
    if (!options.from.empty()) {
        arguments["from"] = options.from;
    }
    if (!options.to.empty()) {
        arguments["to"] = options.to;
    }
    const Result<json::value> answer = ask(invocation, "report", arguments);
    return invocation.answered(answer, [&] {
        if (!options.part.empty()) {
            for (const ReportPart& part : report_parts()) {
                if (part.member == options.part) {
                    *invocation.terminal.out().stream
                        << csv_of(part.columns, list(*answer, part.member));
                }
            }
        } else {
            *invocation.terminal.out().stream << report_page(*answer, invocation.terminal.out());
        }
    });
}

} // namespace

void add_report_command(CLI::App& app, Invocation& invocation) {
    const auto options = std::make_shared<ReportOptions>();
    CLI::App* const command = app.add_subcommand(
        "report",
        "coverage by owner, level and segment, retention, revenue, friendly customers; accounts, "
        "planned and overdue reviews are as of today, what was done is of the period"
    );
    command->add_option("--from", options->from, "first day (YYYY-MM-DD); 90 days before the last")
        ->check(day_problem);
    command->add_option("--to", options->to, "last day, not after today; today when not given")
        ->check(day_problem);
    std::vector<std::string> names;
    for (const ReportPart& part : report_parts()) {
        names.emplace_back(part.member);
    }
    command
        ->add_option(
            "--csv", options->part, fmt::format("one part as CSV: {}", fmt::join(names, ", "))
        )
        ->check(CLI::IsMember(names));
    command->callback([options, &invocation] {
        invocation.action = [options, &invocation] {
            return report(*options, invocation);
        };
    });
}

} // namespace reviewd::ctl
