#include "daemon/ctl/review_table.hpp"

#include "daemon/ctl/reading.hpp"
#include "daemon/ctl/table.hpp"

#include <boost/json/array.hpp>
#include <fmt/format.h>

namespace reviewd::ctl {

namespace {

namespace json = boost::json;

Cell due_cell(const json::value& review) {
    const std::int64_t late = number(review, "days_late");
    const std::string due = text(review, "due");
    if (late == 0) {
        return Cell{due};
    }
    return Cell{fmt::format("{} ({} {} late)", due, late, late == 1 ? "day" : "days"), Style::bad};
}

/// With a mark where no rule can be judged, so that the level is only the lowest there is.
Cell level_cell(const json::value& review) {
    const json::value& is_judged = member(review, "is_judged");
    const bool is_open = is_judged.is_bool() && !is_judged.get_bool();
    return is_open ? Cell{text(review, "level") + " ?", Style::warning} : text(review, "level");
}

/// What set off triggers; the first one in full.
std::string reasons_of(const json::value& review) {
    const json::array& reasons = list(review, "reasons");
    if (reasons.empty() || !reasons.front().is_string()) {
        return {};
    }
    const std::string first{reasons.front().get_string()};
    return reasons.size() == 1 ? first : fmt::format("{} (and {} more)", first, reasons.size() - 1);
}

} // namespace

std::string review_table(const json::array& reviews, const Screen& screen) {
    Table table{
        {{.title = "REVIEW", .align = Table::Align::right},
         {.title = "DUE"},
         {.title = "LATEST"},
         {.title = "ACCOUNT", .cut = Table::Column::Cut::if_needed},
         {.title = "LEVEL"},
         {.title = "POINTS", .align = Table::Align::right},
         {.title = "STATE"},
         {.title = "OWNER", .cut = Table::Column::Cut::if_needed},
         {.title = "REASON", .cut = Table::Column::Cut::below}}};
    for (const json::value& review : reviews) {
        const json::value& account = member(review, "account");
        const std::string appointment = text(review, "appointment_local");
        table.add(
            {text(review, "id"),
             due_cell(review),
             Cell{text(review, "latest"), Style::faint},
             Cell{text(account, "name"), Style::strong},
             level_cell(review),
             text(review, "points"),
             appointment.empty() ? text(review, "state")
                                 : fmt::format("{} {}", text(review, "state"), appointment),
             text(member(account, "owner"), "name"),
             reasons_of(review)}
        );
    }
    return table.render(screen);
}

} // namespace reviewd::ctl
