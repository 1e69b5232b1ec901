#include "daemon/ctl/commands.hpp"
#include "daemon/ctl/csv_text.hpp"
#include "daemon/ctl/daemon_link.hpp"
#include "daemon/ctl/reading.hpp"
#include "daemon/ctl/table.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <array>
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

/// A part of the report: where its rows stand in the answer, and its columns by their names there.
struct Part {
    std::string_view member;
    std::string_view title;
    std::vector<std::string_view> columns;
};

const std::vector<std::string_view>& coverage_columns() {
    static const std::vector<std::string_view> columns{
        "name",
        "accounts",
        "never_reviewed",
        "planned",
        "overdue",
        "done",
        "done_without_answers",
        "missed",
        "skipped",
        "attempts"};
    return columns;
}

std::vector<Part> parts() {
    return {
        {"by_owner", "Coverage by owner", coverage_columns()},
        {"by_level", "Coverage by level", coverage_columns()},
        {"by_segment", "Coverage by segment", coverage_columns()},
        {"revenue",
         "Retention and revenue by level, twelve months and the twelve before",
         {"level",
          "accounts",
          "bought_before",
          "bought_again",
          "retention",
          "revenue",
          "revenue_before"}},
        {"friendly",
         "Friendly customers to ask for value points",
         {"segment", "size", "name", "owner", "satisfaction", "answered", "value_point"}},
    };
}

/// "NEVER REVIEWED"
std::string column_heading(std::string_view column) {
    std::string title;
    for (const char c : column) {
        title += c == '_' ? ' ' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
    }
    return title;
}

std::string shown(const json::value& row, std::string_view column) {
    const json::value& value = member(row, column);
    if (column == "retention" && value.is_number()) {
        return fmt::format("{:.0f} %", 100 * value.to_number<double>());
    }
    if ((column == "revenue" || column == "revenue_before") && value.is_number()) {
        return fmt::format("{:.2f}", value.to_number<double>());
    }
    const bool is_name = column == "name" || column == "level" || column == "segment";
    const std::string cell = text(row, column);
    return cell.empty() && is_name ? "(none)" : cell;
}

void show_part(const Part& part, const json::value& answer, const Terminal& terminal) {
    std::vector<Table::Column> columns;
    for (const std::string_view column : part.columns) {
        const bool is_text = column == "name" || column == "level" || column == "segment"
                             || column == "size" || column == "owner";
        columns.push_back(
            {column_heading(column),
             is_text ? Table::Align::left : Table::Align::right,
             is_text ? Table::Column::Cut::if_needed : Table::Column::Cut::never}
        );
    }
    Table table{std::move(columns)};
    for (const json::value& row : list(answer, part.member)) {
        std::vector<Cell> cells;
        for (const std::string_view column : part.columns) {
            const bool is_bad = column == "overdue" && number(row, column) > 0;
            cells.emplace_back(shown(row, column), is_bad ? Style::bad : Style::plain);
        }
        table.add(std::move(cells));
    }
    if (table.is_empty()) {
        return;
    }
    terminal.line();
    terminal.line(styled(part.title, Style::strong, terminal.out().colour));
    *terminal.out().stream << table.render(terminal.out());
}

void show_report(const json::value& answer, const Terminal& terminal) {
    const json::value& all = member(answer, "all");
    terminal.line(fmt::format(
        "{} to {}: {} accounts, {} never reviewed; {} reviews planned, {} overdue; {} done ({} "
        "without answers), {} missed, {} skipped, {} attempts",
        text(answer, "from"),
        text(answer, "to"),
        number(all, "accounts"),
        number(all, "never_reviewed"),
        number(all, "planned"),
        number(all, "overdue"),
        number(all, "done"),
        number(all, "done_without_answers"),
        number(all, "missed"),
        number(all, "skipped"),
        number(all, "attempts")
    ));
    for (const Part& part : parts()) {
        show_part(part, answer, terminal);
    }
    terminal.line();
    terminal.line(fmt::format("money in {}", safe(text(answer, "currency"))));
}

int report(const ReportOptions& options, const Invocation& invocation) {
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
            for (const Part& part : parts()) {
                if (part.member == options.part) {
                    *invocation.terminal.out().stream
                        << csv_of(part.columns, list(*answer, part.member));
                }
            }
        } else {
            show_report(*answer, invocation.terminal);
        }
    });
}

} // namespace

void add_report_command(CLI::App& app, Invocation& invocation) {
    const auto options = std::make_shared<ReportOptions>();
    CLI::App* const command = app.add_subcommand(
        "report", "coverage by owner, level and segment, retention, revenue, friendly customers"
    );
    command->add_option("--from", options->from, "first day (YYYY-MM-DD); 90 days before the last")
        ->check(day_problem);
    command->add_option("--to", options->to, "last day; today when not given")->check(day_problem);
    std::vector<std::string> names;
    for (const Part& part : parts()) {
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
