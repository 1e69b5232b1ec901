#include "daemon/ctl/preview_page.hpp"

#include "daemon/ctl/reading.hpp"
#include "daemon/ctl/table.hpp"

#include <boost/json/array.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace reviewd::ctl {

namespace {

namespace json = boost::json;
using Align = Table::Align;

constexpr std::size_t loads_shown = 15;
constexpr double smallest_extra = 0.05;

std::string element_text(const json::value& value) {
    return value.is_string() ? std::string{value.get_string()} : std::string{};
}

std::int64_t count_at(const json::array& counts, std::size_t at) {
    return at < counts.size() && counts[at].is_int64() ? counts[at].get_int64() : 0;
}

/// What the file is among those in force, where its name does not tell.
std::string place_line(const json::value& preview) {
    const std::string file = text(preview, "file");
    const std::string replaced = text(preview, "replaces");
    if (file.empty() || file == replaced) {
        return {};
    }
    return replaced.empty() ? fmt::format("{} joins the rules in force\n", safe(file))
                            : fmt::format("{} takes the place of {}\n", safe(file), safe(replaced));
}

std::string matrix_table(const json::value& preview, const Screen& screen) {
    const json::array& before = list(preview, "levels_before");
    const json::array& after = list(preview, "levels_after");
    const json::array& matrix = list(preview, "matrix");
    std::vector<Table::Column> columns{{"from \\ to"}};
    for (const json::value& level : after) {
        columns.push_back({element_text(level), Align::right});
    }
    columns.push_back({"before", Align::right});
    Table table{std::move(columns)};
    std::vector<std::int64_t> sums(after.size());
    for (std::size_t from = 0; from < before.size() && from < matrix.size(); ++from) {
        const json::array empty;
        const json::array& row = matrix[from].is_array() ? matrix[from].get_array() : empty;
        std::vector<Cell> cells{element_text(before[from])};
        std::int64_t sum = 0;
        for (std::size_t to = 0; to < after.size(); ++to) {
            const std::int64_t count = count_at(row, to);
            const bool stays = element_text(before[from]) == element_text(after[to]);
            const Style style = count == 0 ? Style::faint : stays ? Style::plain : Style::strong;
            cells.emplace_back(std::to_string(count), style);
            sum += count;
            sums[to] += count;
        }
        cells.emplace_back(std::to_string(sum));
        table.add(std::move(cells));
    }
    std::vector<Cell> last{"after"};
    for (const std::int64_t sum : sums) {
        last.emplace_back(std::to_string(sum));
    }
    last.emplace_back(text(preview, "accounts"));
    table.add(std::move(last));
    return table.render(screen);
}

std::string moves_table(const json::value& preview, const Screen& screen) {
    Table table{{
        {"account", Align::left, Table::Column::Cut::if_needed, Table::account_least},
        {"owner", Align::left, Table::Column::Cut::if_needed, Table::person_least},
        {"from"},
        {"to"},
        {"points", Align::right},
        {"then", Align::right},
    }};
    for (const json::value& move : list(preview, "moves")) {
        table.add(
            {text(member(move, "account"), "name"),
             text(move, "owner"),
             text(move, "from"),
             {text(move, "to"), Style::strong},
             text(move, "points_before"),
             text(move, "points_after")}
        );
    }
    return table.is_empty() ? "" : "\n" + table.render(screen);
}

std::string bar(std::int64_t count, std::int64_t most, std::size_t width, std::string_view sign) {
    const double share = most == 0 ? 0 : static_cast<double>(count) / static_cast<double>(most);
    auto length = static_cast<std::size_t>(std::lround(share * static_cast<double>(width)));
    length = count > 0 ? std::max<std::size_t>(length, 1) : 0;
    std::string drawn;
    for (std::size_t i = 0; i < length; ++i) {
        drawn += sign;
    }
    return drawn;
}

/// Two bars a line: scores before, and after.
std::string histogram(const json::value& preview, const Screen& screen) {
    constexpr std::size_t room_for_text = 40;
    constexpr std::size_t widest = 60;
    const json::value& drawn = member(preview, "histogram");
    const json::array& before = list(drawn, "before");
    const json::array& after = list(drawn, "after");
    std::int64_t most = 0;
    for (std::size_t i = 0; i < before.size(); ++i) {
        most = std::max({most, count_at(before, i), count_at(after, i)});
    }
    const std::size_t room = screen.columns > room_for_text ? screen.columns - room_for_text : 10;
    const std::size_t width = std::min(widest, room);
    std::string page = "\nscores\n";
    for (std::size_t i = 0; i < before.size(); ++i) {
        const std::int64_t was = count_at(before, i);
        const std::int64_t is = count_at(after, i);
        if (was == 0 && is == 0) {
            continue;
        }
        const double from = real(drawn, "from") + real(drawn, "width") * static_cast<double>(i);
        const std::string change = is == was ? "" : fmt::format(" ({:+})", is - was);
        page += fmt::format(
            "{:>7} {} {}\n",
            from,
            styled(bar(was, most, width, "\u2591"), Style::faint, screen.colour),
            was
        );
        page += fmt::format("        {} {}{}\n", bar(is, most, width, "\u2588"), is, change);
    }
    return page + "\u2591 before   \u2588 after\n";
}

std::string loads_table(const json::value& preview, const Screen& screen) {
    Table table{{
        {"owner", Align::left, Table::Column::Cut::if_needed},
        {"accounts", Align::right},
        {"a week", Align::right},
        {"then", Align::right},
        {"extra", Align::right},
    }};
    double extra = 0;
    std::size_t more = 0;
    for (const json::value& load : list(preview, "loads")) {
        const double one = real(load, "extra");
        extra += one;
        if (std::abs(one) < smallest_extra) {
            continue;
        }
        if (table.size() == loads_shown) {
            ++more;
            continue;
        }
        const std::string owner = text(load, "owner");
        table.add(
            {owner.empty() ? "nobody" : owner,
             text(load, "accounts"),
             fmt::format("{:.1f}", real(load, "before")),
             fmt::format("{:.1f}", real(load, "after")),
             {fmt::format("{:+.1f}", one), one > 0 ? Style::warning : Style::good}}
        );
    }
    std::string page = fmt::format("\nreviews a week: {:+.1f} in all\n", extra);
    page += table.is_empty() ? "" : table.render(screen);
    return more == 0 ? page : page + fmt::format("and {} more; --json lists all\n", more);
}

/// Which facts stand in the way of a rule, and for how many accounts.
std::string obstacles(const json::value& rule) {
    std::string all;
    for (const json::value& missing : list(rule, "missing")) {
        all += fmt::format(
            "{}{} {}", all.empty() ? "" : ", ", text(missing, "fact"), number(missing, "accounts")
        );
    }
    const std::int64_t failed = number(rule, "failed");
    if (failed != 0) {
        all += fmt::format("{}its evaluation fails {}", all.empty() ? "" : ", ", failed);
    }
    return all;
}

/// Why the evaluation of a rule fails, for the first few accounts.
std::string failure_lines(const json::value& rule) {
    const json::array& failures = list(rule, "failures");
    std::string lines;
    for (const json::value& failure : failures) {
        const json::value& account = member(failure, "account");
        lines += fmt::format(
            "{} fails for {} ({}): {}\n",
            safe(text(rule, "id")),
            safe(text(account, "name")),
            safe(text(account, "key")),
            safe(text(failure, "error"))
        );
    }
    const std::int64_t more = number(rule, "failed") - static_cast<std::int64_t>(failures.size());
    return lines.empty() || more <= 0
               ? lines
               : lines + fmt::format("{} fails for {} more\n", safe(text(rule, "id")), more);
}

std::string rules_table(const json::value& preview, const Screen& screen) {
    Table table{{
        {"rule", Align::left, Table::Column::Cut::if_needed},
        {"change"},
        {"fires", Align::right},
        {"not judged", Align::right},
        {"missing", Align::left, Table::Column::Cut::if_needed},
        {"remark", Align::left, Table::Column::Cut::if_needed},
    }};
    const std::int64_t accounts = number(preview, "accounts");
    for (const json::value& rule : list(preview, "rules")) {
        const std::string change = text(rule, "change");
        const std::string remark = text(rule, "remark");
        if (change.empty() && remark.empty() && number(rule, "failed") == 0) {
            continue;
        }
        const std::int64_t missing = accounts - number(rule, "judged");
        table.add(
            {text(rule, "id"),
             change,
             text(rule, "fired"),
             missing == 0 ? std::string{} : std::to_string(missing),
             obstacles(rule),
             {remark, Style::warning}}
        );
    }
    std::string page = table.is_empty() ? "" : "\n" + table.render(screen);
    for (const json::value& rule : list(preview, "rules")) {
        page += failure_lines(rule);
    }
    for (const json::value& removed : list(preview, "removed_rules")) {
        page += fmt::format("removed: {}\n", safe(element_text(removed)));
    }
    return page;
}

} // namespace

std::string preview_page(const json::value& preview, const Screen& screen) {
    const std::int64_t moving = number(preview, "moving");
    const std::int64_t listed = static_cast<std::int64_t>(list(preview, "moves").size());
    std::string page = place_line(preview);
    page += fmt::format(
        "{} of {} accounts would change level (by the raw bands; nothing is changed)\n\n",
        moving,
        number(preview, "accounts")
    );
    page += matrix_table(preview, screen);
    page += moves_table(preview, screen);
    if (listed < moving) {
        page += fmt::format("and {} more; --moves {} lists all\n", moving - listed, moving);
    }
    page += histogram(preview, screen);
    page += loads_table(preview, screen);
    page += rules_table(preview, screen);
    return page;
}

} // namespace reviewd::ctl
