#include "daemon/ctl/report_page.hpp"

#include "daemon/ctl/reading.hpp"
#include "daemon/ctl/table.hpp"

#include <boost/json/array.hpp>
#include <fmt/format.h>

#include <span>

namespace reviewd::ctl {

namespace {

namespace json = boost::json;

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

/// Of coverage, what was done in the time of the report; before it stands what there is now.
constexpr std::size_t done_column = 5;
constexpr std::size_t revenue_column = 5;

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

Table table_of(const json::array& rows, std::span<const std::string_view> names) {
    std::vector<Table::Column> columns;
    for (const std::string_view column : names) {
        const bool is_text = column == "name" || column == "level" || column == "segment"
                             || column == "size" || column == "owner";
        columns.push_back(
            {column_heading(column),
             is_text ? Table::Align::left : Table::Align::right,
             is_text ? Table::Column::Cut::if_needed : Table::Column::Cut::never}
        );
    }
    Table table{std::move(columns)};
    for (const json::value& row : rows) {
        std::vector<Cell> cells;
        for (const std::string_view column : names) {
            const bool is_bad = column == "overdue" && number(row, column) > 0;
            cells.emplace_back(shown(row, column), is_bad ? Style::bad : Style::plain);
        }
        table.add(std::move(cells));
    }
    return table;
}

std::string part_text(const ReportPart& part, const json::array& rows, const Screen& screen) {
    const Table whole = table_of(rows, part.columns);
    const std::string title =
        "\n" + styled(std::string{part.title}, Style::strong, screen.colour) + "\n";
    if (part.second_half == 0 || whole.fits(screen)) {
        return title + whole.render(screen);
    }
    const std::span<const std::string_view> columns{part.columns};
    std::vector<std::string_view> rest{columns.front()};
    const auto second = columns.subspan(part.second_half);
    rest.insert(rest.end(), second.begin(), second.end());
    return title + table_of(rows, columns.first(part.second_half)).render(screen) + "\n"
           + table_of(rows, rest).render(screen);
}

std::string sums_of(const json::value& answer) {
    const json::value& all = member(answer, "all");
    return fmt::format(
        "{} to {}: {} accounts, {} never reviewed\n"
        "{} reviews planned, {} overdue\n"
        "{} done ({} without answers), {} missed, {} skipped, {} attempts\n",
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
    );
}

} // namespace

const std::vector<ReportPart>& report_parts() {
    static const std::vector<ReportPart> parts{
        {"by_owner", "Coverage by owner", coverage_columns(), done_column},
        {"by_level", "Coverage by level", coverage_columns(), done_column},
        {"by_segment", "Coverage by segment", coverage_columns(), done_column},
        {"revenue",
         "Retention and revenue by level, twelve months and the twelve before",
         {"level",
          "accounts",
          "bought_before",
          "bought_again",
          "retention",
          "revenue",
          "revenue_before"},
         revenue_column},
        {"friendly",
         "Friendly customers to ask for value points",
         {"segment", "size", "name", "owner", "satisfaction", "answered", "value_point"}},
    };
    return parts;
}

std::string report_page(const json::value& answer, const Screen& screen) {
    std::string page = sums_of(answer);
    for (const ReportPart& part : report_parts()) {
        const json::array& rows = list(answer, part.member);
        if (!rows.empty()) {
            page += part_text(part, rows, screen);
        }
    }
    return page + fmt::format("\nmoney in {}\n", safe(text(answer, "currency")));
}

} // namespace reviewd::ctl
