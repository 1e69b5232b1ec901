#include "daemon/ctl/report_page.hpp"

#include "daemon/ctl/reading.hpp"
#include "daemon/ctl/table.hpp"
#include "scoring/base/counted.hpp"
#include "scoring/base/currency.hpp"
#include "scoring/base/money.hpp"

#include <boost/json/array.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <span>

namespace reviewd::ctl {

namespace {

namespace json = boost::json;

constexpr std::string_view owner_name_column = "owner_name";

std::vector<std::string_view> coverage_columns() {
    return {
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
}

std::vector<std::string_view> owner_columns() {
    std::vector<std::string_view> columns = coverage_columns();
    columns.push_back(owner_name_column);
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

/// What cells are written by, beside their rows.
struct Writing {
    std::map<std::string, std::string> owners; ///< what stands for a key
    int minor_digits = 2;
    bool has_fractions = false; ///< of one amount: then all are written with theirs
};

/// What each owner is called, or the key where two are called the same or nobody knows it.
std::map<std::string, std::string> called_owners(const json::value& answer) {
    std::map<std::string, std::string> names;
    for (const ReportPart& part : report_parts()) {
        if (part.owner.empty()) {
            continue;
        }
        for (const json::value& row : list(answer, part.member)) {
            names.emplace(text(row, part.owner), text(row, owner_name_column));
        }
    }
    std::map<std::string, std::size_t> bearers;
    for (const auto& [key, name] : names) {
        ++bearers[name];
    }
    for (auto& [key, name] : names) {
        name = name.empty() || bearers.at(name) > 1 ? key : name;
    }
    return names;
}

std::string amount(double value, const Writing& writing) {
    const double minor = value * std::pow(10.0, writing.minor_digits);
    std::string text = to_string(Money{std::llround(minor)}, writing.minor_digits);
    if (writing.has_fractions && text.find('.') == std::string::npos) {
        text += '.' + std::string(static_cast<std::size_t>(writing.minor_digits), '0');
    }
    return text;
}

bool is_amount(std::string_view column) {
    return column == "revenue" || column == "revenue_before";
}

Writing writing_of(const json::value& answer) {
    Writing writing{called_owners(answer), usual_minor_digits(text(answer, "currency"))};
    if (member(answer, "minor_digits").is_number()) {
        writing.minor_digits =
            static_cast<int>(std::clamp<std::int64_t>(number(answer, "minor_digits"), 0, 4));
    }
    for (const json::value& row : list(answer, "revenue")) {
        for (const std::string_view column : {"revenue", "revenue_before"}) {
            const bool has_one = amount(real(row, column), writing).find('.') != std::string::npos;
            writing.has_fractions = writing.has_fractions || has_one;
        }
    }
    return writing;
}

std::string shown(const json::value& row, std::string_view column, const Writing& writing) {
    const json::value& value = member(row, column);
    if (column == "retention" && value.is_number()) {
        return fmt::format("{:.0f} %", 100 * value.to_number<double>());
    }
    if (is_amount(column) && value.is_number()) {
        return amount(value.to_number<double>(), writing);
    }
    const bool is_name = column == "name" || column == "level" || column == "segment";
    const std::string cell = text(row, column);
    return cell.empty() && is_name ? "(none)" : cell;
}

/// A page shows names where a spreadsheet has the key as well.
std::vector<std::string_view> shown_columns(const ReportPart& part) {
    std::vector<std::string_view> columns = part.columns;
    columns.erase(std::remove(columns.begin(), columns.end(), owner_name_column), columns.end());
    return columns;
}

/// The rows of a part, with what their owners are called.
json::array with_names(const ReportPart& part, json::array rows, const Writing& writing) {
    for (json::value& row : rows) {
        const auto called = writing.owners.find(text(row, part.owner));
        if (!part.owner.empty() && row.is_object() && called != writing.owners.end()
            && !called->second.empty()) {
            row.get_object()[part.owner] = called->second;
        }
    }
    return rows;
}

Table table_of(
    const json::array& rows, std::span<const std::string_view> names, const Writing& writing
) {
    std::vector<Table::Column> columns;
    for (const std::string_view column : names) {
        const bool is_text = column == "name" || column == "level" || column == "segment"
                             || column == "size" || column == "owner";
        columns.push_back(
            {column_heading(column),
             is_text ? Table::Align::left : Table::Align::right,
             column == "owner" ? Table::Column::Cut::below
             : is_text         ? Table::Column::Cut::if_needed
                               : Table::Column::Cut::never}
        );
    }
    Table table{std::move(columns)};
    for (const json::value& row : rows) {
        std::vector<Cell> cells;
        for (const std::string_view column : names) {
            const bool is_bad = column == "overdue" && number(row, column) > 0;
            cells.emplace_back(shown(row, column, writing), is_bad ? Style::bad : Style::plain);
        }
        table.add(std::move(cells));
    }
    return table;
}

std::string part_text(
    const ReportPart& part, const json::array& rows, const Writing& writing, const Screen& screen
) {
    const std::vector<std::string_view> all = shown_columns(part);
    const Table whole = table_of(rows, all, writing);
    const std::string title =
        "\n" + styled(std::string{part.title}, Style::strong, screen.colour) + "\n";
    if (part.second_half == 0 || whole.fits(screen)) {
        return title + whole.render(screen);
    }
    const std::span<const std::string_view> columns{all};
    std::vector<std::string_view> rest{columns.front()};
    const auto second = columns.subspan(part.second_half);
    rest.insert(rest.end(), second.begin(), second.end());
    return title + table_of(rows, columns.first(part.second_half), writing).render(screen) + "\n"
           + table_of(rows, rest, writing).render(screen);
}

/// "1 attempt", "24 accounts"
std::string sum_words(const json::value& sums, std::string_view member, const std::string& what) {
    return counted(number(sums, member), what, what + "s");
}

std::string sums_of(const json::value& answer) {
    const json::value& all = member(answer, "all");
    return fmt::format(
        "as of today, {}: {}, {} never reviewed\n"
        "{} planned, {} overdue\n"
        "from {} to {}:\n"
        "{} done ({} without answers), {} missed, {} skipped, {}\n",
        text(answer, "today"),
        sum_words(all, "accounts", "account"),
        number(all, "never_reviewed"),
        sum_words(all, "planned", "review"),
        number(all, "overdue"),
        text(answer, "from"),
        text(answer, "to"),
        number(all, "done"),
        number(all, "done_without_answers"),
        number(all, "missed"),
        number(all, "skipped"),
        sum_words(all, "attempts", "attempt")
    );
}

} // namespace

const std::vector<ReportPart>& report_parts() {
    static const std::vector<ReportPart> parts{
        {"by_owner",
         "Coverage by owner: up to OVERDUE as of today, from DONE on in the period",
         owner_columns(),
         done_column,
         "name"},
        {"by_level",
         "Coverage by level: up to OVERDUE as of today, from DONE on in the period",
         coverage_columns(),
         done_column},
        {"by_segment",
         "Coverage by segment: up to OVERDUE as of today, from DONE on in the period",
         coverage_columns(),
         done_column},
        {"revenue",
         "Retention and revenue by level, twelve months to the last day, and before",
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
         {"segment",
          "size",
          "name",
          "owner",
          "satisfaction",
          "answered",
          "value_point",
          owner_name_column},
         0,
         "owner"},
    };
    return parts;
}

std::string report_page(const json::value& answer, const Screen& screen) {
    const Writing writing = writing_of(answer);
    std::string page = sums_of(answer);
    for (const ReportPart& part : report_parts()) {
        const json::array& rows = list(answer, part.member);
        if (!rows.empty()) {
            page += part_text(part, with_names(part, rows, writing), writing, screen);
        }
    }
    return page + fmt::format("\nmoney in {}\n", safe(text(answer, "currency")));
}

} // namespace reviewd::ctl
