#include "daemon/ctl/backtest_page.hpp"

#include "daemon/ctl/reading.hpp"
#include "daemon/ctl/table.hpp"

#include <boost/json/array.hpp>
#include <fmt/format.h>

namespace reviewd::ctl {

namespace {

namespace json = boost::json;

/// Fewer accounts say next to nothing.
constexpr std::int64_t few_accounts = 10;
constexpr std::size_t products_shown = 3;

std::string percent(double share) {
    return fmt::format("{:.0f} %", 100 * share);
}

std::string range(const json::value& rate) {
    return fmt::format("{:.0f}-{:.0f} %", 100 * real(rate, "low"), 100 * real(rate, "high"));
}

/// Hits of accounts, or nothing where there are none.
std::string hits(const json::value& rate) {
    return number(rate, "accounts") == 0
               ? std::string{}
               : fmt::format("{} of {}", number(rate, "hits"), number(rate, "accounts"));
}

std::vector<Cell> rate_cells(const json::value& rate) {
    const bool is_empty = number(rate, "accounts") == 0;
    const Style style = number(rate, "accounts") < few_accounts ? Style::faint : Style::plain;
    const bool has_lift = !member(rate, "lift").is_null();
    return {
        Cell{hits(rate), style},
        Cell{is_empty ? "" : percent(real(rate, "rate")), style},
        Cell{is_empty ? "" : range(rate), style},
        Cell{has_lift ? fmt::format("{:.2f}", real(rate, "lift")) : "", style}};
}

using Align = Table::Align;

std::string band_table(const json::value& answer, const Screen& screen) {
    Table table{
        {{.title = "SCORE", .align = Align::right},
         {.title = "HITS", .align = Align::right},
         {.title = "RATE", .align = Align::right},
         {.title = "95 %", .align = Align::right},
         {.title = "LIFT", .align = Align::right}}};
    for (const json::value& band : list(answer, "bands")) {
        const std::string highest = text(band, "highest");
        const std::string lowest = text(band, "lowest");
        std::vector<Cell> row{highest == lowest ? highest : highest + " to " + lowest};
        for (Cell& cell : rate_cells(band)) {
            row.push_back(std::move(cell));
        }
        table.add(std::move(row));
    }
    return table.render(screen);
}

std::string level_table(const json::value& answer, const Screen& screen) {
    Table table{
        {{.title = "LEVEL"},
         {.title = "HITS", .align = Align::right},
         {.title = "RATE", .align = Align::right},
         {.title = "95 %", .align = Align::right},
         {.title = "LIFT", .align = Align::right}}};
    for (const json::value& level : list(answer, "levels")) {
        std::vector<Cell> row{Cell{text(level, "level"), Style::strong}};
        for (Cell& cell : rate_cells(level)) {
            row.push_back(std::move(cell));
        }
        table.add(std::move(row));
    }
    return table.render(screen);
}

std::string bought_text(const json::value& rule) {
    std::string products;
    std::size_t shown = 0;
    for (const json::value& product : list(rule, "bought")) {
        if (++shown > products_shown) {
            break;
        }
        products += fmt::format(
            "{}{} {}",
            products.empty() ? "" : ", ",
            number(product, "accounts"),
            text(product, "product")
        );
    }
    return products;
}

std::string rule_table(const json::value& answer, const Screen& screen) {
    Table table{
        {{.title = "RULE"},
         {.title = "FIRED", .align = Align::right},
         {.title = "RATE", .align = Align::right},
         {.title = "95 %", .align = Align::right},
         {.title = "DID NOT", .align = Align::right},
         {.title = "RATE", .align = Align::right},
         {.title = "95 %", .align = Align::right},
         {.title = "NOT JUDGED", .align = Align::right},
         {.title = "BOUGHT WHERE IT FIRED", .cut = Table::Column::Cut::if_needed}}};
    for (const json::value& rule : list(answer, "rules")) {
        const std::vector<Cell> fired = rate_cells(member(rule, "fired"));
        const std::vector<Cell> silent = rate_cells(member(rule, "did_not_fire"));
        const std::int64_t open = number(member(rule, "cannot_be_judged"), "accounts");
        table.add(
            {Cell{text(rule, "rule"), Style::strong},
             fired[0],
             fired[1],
             fired[2],
             silent[0],
             silent[1],
             silent[2],
             Cell{open == 0 ? "" : std::to_string(open), Style::warning},
             bought_text(rule)}
        );
    }
    return table.is_empty() ? std::string{} : '\n' + table.render(screen);
}

std::string known_line(const json::value& answer) {
    std::string facts;
    for (const json::value& fact : list(answer, "known")) {
        facts += fmt::format(
            "{}{} {}", facts.empty() ? "" : ", ", text(fact, "fact"), number(fact, "accounts")
        );
    }
    return facts.empty() ? std::string{}
                         : fmt::format("known then of fewer than all accounts: {}\n", safe(facts));
}

std::string cause_text(const json::value& change) {
    std::string facts;
    for (const json::value& fact : list(change, "facts")) {
        facts += fmt::format(
            "{}{} {} -> {}",
            facts.empty() ? "" : ", ",
            text(fact, "fact"),
            text(fact, "from"),
            text(fact, "to")
        );
    }
    std::string rules;
    for (const auto& [part, name] : {std::pair{"rules", "rule"}, std::pair{"others", "line"}}) {
        for (const json::value& line : list(change, part)) {
            const auto points = [&line = line](const char* end) {
                return member(line, end).is_null() ? std::string{"-"} : text(line, end);
            };
            rules += fmt::format(
                "{}{} {} -> {}",
                rules.empty() ? "" : ", ",
                text(line, name),
                points("from"),
                points("to")
            );
        }
    }
    const std::string between = facts.empty() || rules.empty() ? "" : "; ";
    return facts + between + rules;
}

std::string cause_name(const json::value& change) {
    const std::string cause = text(change, "cause");
    return cause == "rules"   ? "rules " + text(change, "rules_version")
           : cause == "day"   ? "a day passed"
           : cause == "first" ? "first score"
                              : cause;
}

} // namespace

std::string backtest_page(const json::value& answer, const Screen& screen) {
    const json::value& all = member(answer, "all");
    const json::value& curve = member(answer, "auc");
    std::string page = fmt::format(
        "Scores as of {}, hit until {} by `{}`\n{} hit, {} ({})\n",
        text(answer, "as_of"),
        text(answer, "until"),
        safe(text(answer, "outcome")),
        hits(all) + (number(all, "hits") == 1 ? " account was" : " accounts were"),
        percent(real(all, "rate")),
        range(all)
    );
    if (curve.is_object()) {
        page += fmt::format(
            "AUC {:.2f} ({:.2f}-{:.2f}); 0.5 is chance\n",
            real(curve, "area"),
            real(curve, "low"),
            real(curve, "high")
        );
    }
    page += '\n' + band_table(answer, screen) + '\n' + level_table(answer, screen);
    page += rule_table(answer, screen) + '\n' + known_line(answer);
    for (const json::value& warning : list(answer, "warnings")) {
        const std::string text = warning.is_string() ? std::string{warning.get_string()} : "";
        page += styled("! " + safe(text), Style::warning, screen.colour) + '\n';
    }
    return page + "Intervals: Wilson 1927 for rates, DeLong 1988 for the AUC, each 95 %.\n";
}

std::string score_history_page(const json::value& answer, const Screen& screen) {
    Table table{
        {{.title = "DAY"},
         {.title = "POINTS", .align = Align::right},
         {.title = "LEVEL"},
         {.title = "CAUSE"},
         {.title = "WHAT CHANGED", .cut = Table::Column::Cut::if_needed}}};
    for (const json::value& change : list(answer, "changes")) {
        const std::string from = text(change, "from_points");
        const std::string points = text(change, "points");
        const std::string from_level = text(change, "from_level");
        const std::string level = text(change, "level");
        const bool is_moved = !from_level.empty() && from_level != level;
        table.add(
            {text(change, "day"),
             from.empty() || from == points ? points : from + " -> " + points,
             Cell{
                 is_moved ? from_level + " -> " + level : level,
                 is_moved ? Style::strong : Style::plain},
             cause_name(change),
             cause_text(change)}
        );
    }
    std::string page = safe(text(member(answer, "account"), "name")) + '\n';
    page += table.is_empty() ? "not scored yet\n" : table.render(screen);
    for (const json::value& one : list(answer, "overrides")) {
        const std::string ended = text(one, "ended");
        page +=
            safe(fmt::format(
                "set to {} by {} from {} until {}: {}{}",
                text(one, "level"),
                text(one, "who"),
                text(one, "since"),
                text(one, "until"),
                text(one, "because"),
                ended.empty() ? "" : fmt::format("; ended {} by {}", ended, text(one, "ended_by"))
            ))
            + '\n';
    }
    return page;
}

} // namespace reviewd::ctl
