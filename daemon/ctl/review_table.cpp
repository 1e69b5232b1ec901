#include "daemon/ctl/review_table.hpp"

#include "daemon/ctl/reading.hpp"
#include "daemon/ctl/review_sheet.hpp"
#include "daemon/ctl/table.hpp"
#include "scoring/base/counted.hpp"
#include "scoring/base/text.hpp"

#include <boost/json/array.hpp>
#include <fmt/format.h>

#include <map>
#include <set>
#include <string>

namespace reviewd::ctl {

namespace {

namespace json = boost::json;
using Cut = Table::Column::Cut;

Cell due_cell(const json::value& review) {
    return {text(review, "due"), number(review, "days_late") == 0 ? Style::plain : Style::bad};
}

Cell late_cell(const json::value& review) {
    const std::int64_t late = number(review, "days_late");
    if (late == 0) {
        return {};
    }
    return {counted(late, "day", "days") + " late", Style::bad};
}

/// Most are planned, so that only what else they are is worth a line of its own.
Cell state_cell(const json::value& review) {
    Cell cell{text(review, "state")};
    cell.goes_without_saying = cell.text == "planned";
    return cell;
}

/// A person moved it there, or there was no room.
bool is_beyond_latest(const json::value& review) {
    return text(review, "due") > text(review, "latest");
}

/// "at 10:30" of an appointment; with its day where that is not the day it is due, or all there is.
std::string time_of(const json::value& review) {
    const std::string appointment = text(review, "appointment_local");
    const std::string day = text(review, "due") + " ";
    if (appointment.empty() || appointment.find(' ') == std::string::npos) {
        return appointment.empty() ? appointment : "on " + appointment;
    }
    const bool is_due_then = appointment.rfind(day, 0) == 0;
    return "at " + appointment.substr(is_due_then ? day.size() : 0);
}

/// Why nothing is said of it now, however late it is.
std::string quiet_of(const json::value& review) {
    const std::string next_try = text(review, "next_try");
    const std::string quiet = text(review, "quiet_until");
    if (!next_try.empty()) {
        return "next try " + next_try;
    }
    return quiet.empty() ? quiet : "quiet until " + quiet;
}

/// With a mark where no rule can be judged, so that the level is only the lowest there is.
Cell level_cell(const json::value& review) {
    const json::value& is_judged = member(review, "is_judged");
    const bool is_open = is_judged.is_bool() && !is_judged.get_bool();
    return is_open ? Cell{text(review, "level") + " ?", Style::warning} : text(review, "level");
}

/// Names that more than one owner of the list has.
std::set<std::string> shared_names(const json::array& reviews) {
    std::map<std::string, std::set<std::string>> keys;
    for (const json::value& review : reviews) {
        const json::value& owner = member(member(review, "account"), "owner");
        keys[text(owner, "name")].insert(text(owner, "key"));
    }
    std::set<std::string> shared;
    for (const auto& [name, owners] : keys) {
        if (owners.size() > 1) {
            shared.insert(name);
        }
    }
    return shared;
}

/// Whose it is; with who has its contact while they are away.
std::string owner_of(const json::value& review, const std::set<std::string>& shared) {
    const json::value& person = member(member(review, "account"), "owner");
    std::string owner = text(person, "name");
    if (shared.count(owner) > 0) {
        owner = fmt::format("{} ({})", owner, text(person, "key"));
    }
    const std::string other = text(review, "stands_in_name");
    return other.empty() ? owner : fmt::format("{} for {}", other, owner);
}

/// How the day of the review fits its latest one.
std::string day_words(const json::value& review) {
    if (const std::string other = text(review, "stands_in_name"); !other.empty()) {
        return fmt::format("{} stands in until {}", other, text(review, "stands_in_until"));
    }
    return is_beyond_latest(review) ? "after its latest day" : "";
}

/// What set off triggers, the first one in full, after what is to be said of its day.
std::string reasons_of(const json::value& review) {
    const json::array& reasons = list(review, "reasons");
    std::string all = day_words(review);
    if (reasons.empty() || !reasons.front().is_string()) {
        return all;
    }
    all += all.empty() ? "" : "; ";
    all += std::string_view{reasons.front().get_string()};
    return reasons.size() == 1 ? all : fmt::format("{} (and {} more)", all, reasons.size() - 1);
}

} // namespace

std::string review_table(const json::array& reviews, const Screen& screen) {
    Table table{
        {{.title = "REVIEW", .align = Table::Align::right},
         {.title = "DUE"},
         {.title = "LATE", .cut = Cut::below},
         {.title = "LATEST"},
         {.title = "ACCOUNT", .cut = Cut::if_needed, .least = Table::account_least},
         {.title = "LEVEL"},
         {.title = "POINTS", .align = Table::Align::right, .cut = Cut::left_out},
         {.title = "STATE", .cut = Cut::below},
         {.title = "TIME", .cut = Cut::below},
         {.title = "OWNER", .cut = Cut::if_needed, .least = Table::person_least},
         {.title = "QUIET", .cut = Cut::below},
         {.title = "REASON", .cut = Cut::below}}};
    const std::set<std::string> shared = shared_names(reviews);
    for (const json::value& review : reviews) {
        const json::value& account = member(review, "account");
        table.add(
            {text(review, "id"),
             due_cell(review),
             late_cell(review),
             Cell{text(review, "latest"), is_beyond_latest(review) ? Style::warning : Style::faint},
             Cell{text(account, "name"), Style::strong},
             level_cell(review),
             text(review, "points"),
             state_cell(review),
             time_of(review),
             owner_of(review, shared),
             quiet_of(review),
             reasons_of(review)}
        );
    }
    return table.render(screen);
}

std::string promise_page(const json::array& promises, const Screen& screen) {
    std::string page;
    for (const json::value& promise : promises) {
        const json::value& account = member(promise, "account");
        page += fmt::format(
            "{}{} was promised for {}: {}\n  when it is kept: `reviewctl promise kept {}`\n",
            page.empty() ? "" : "\n",
            styled(safe(text(account, "name")), Style::strong, screen.colour),
            text(promise, "due"),
            safe(text(promise, "text")),
            text(promise, "id")
        );
    }
    return page;
}

std::string due_words(const json::value& review) {
    const std::string due = text(review, "due");
    const std::string latest = text(review, "latest");
    const bool is_planned_late =
        !latest.empty() && due > latest && text(review, "state") == "planned";
    if (!is_planned_late || is_true(review, "is_chosen")) {
        return "due " + due;
    }
    return fmt::format(
        "due {} for now, beyond its latest day {}: `reviewctl plan` tells whether that stays, and "
        "why",
        due,
        latest
    );
}

std::vector<std::string> appointment_doubts(const json::value& answer, const std::string& time) {
    std::vector<std::string> doubts;
    const json::value& review = member(answer, "review");
    const std::string appointment = text(review, "appointment_local");
    const std::string named = text(member(member(review, "account"), "owner"), "name");
    const std::string owner = named.empty() ? "the company" : safe(named);
    if (is_true(answer, "is_day_full")) {
        doubts.push_back(fmt::format(
            "{} is full already: {} has no room for one more review", text(review, "due"), owner
        ));
    }
    if (!appointment.empty() && !is_true(review, "is_due_on_working_day")) {
        doubts.push_back(fmt::format("{} is no working day of {}", text(review, "due"), owner));
    }
    const bool has_time = !time.empty() && time != "00:00"; // midnight: a day without a time
    if (!appointment.empty() && has_time && !appointment.ends_with(time)) {
        doubts.push_back(fmt::format(
            "on that day there is no {} where {} works; noted is {}", time, owner, appointment
        ));
    }
    return doubts;
}

namespace {

/// ", due 2026-12-10, no reminder before 2026-12-08"; of a closed review nothing that is over.
std::string days_of(const json::value& review) {
    if (const std::string end = ending_text(review); !end.empty()) {
        return end;
    }
    const std::string appointment = text(review, "appointment_local");
    const std::string next_try = text(review, "next_try");
    const std::string quiet = text(review, "quiet_until");
    std::string days = ", " + due_words(review);
    days += appointment.empty() ? "" : ", appointment on " + appointment;
    if (!next_try.empty()) {
        return days + ", next try on " + next_try;
    }
    return days + (quiet.empty() ? "" : ", no reminder before " + quiet);
}

/// "review 9 of Orbis: planned, due 2026-12-10"; nothing where there is none.
std::string review_line(std::string_view word, const json::value& review) {
    return review.is_object() ? fmt::format(
               "{} {} of {}: {}{}\n",
               word,
               text(review, "id"),
               safe(text(member(review, "account"), "name")),
               text(review, "state"),
               days_of(review)
           )
                              : std::string{};
}

} // namespace

std::string change_page(const json::value& answer, const std::string& time) {
    std::string page = review_line("review", member(answer, "review"));
    for (const std::string& doubt : appointment_doubts(answer, time)) {
        page += "note: " + doubt + "\n";
    }
    if (const json::value& off = member(answer, "called_off"); off.is_object()) {
        page += fmt::format(
            "note: the appointment of {} is no longer agreed\n", text(off, "appointment_local")
        );
    }
    page += review_line("next review", member(answer, "next"));
    for (const json::value& one : list(answer, "with_it")) {
        page += review_line("held with it: review", member(one, "review"));
        page += review_line("next review", member(one, "next"));
    }
    for (const json::value& one : list(answer, "still_done")) {
        page += fmt::format(
            "note: review {0} of {1} was held with it and stays done; `reviewctl review reopen {2}` "
            "opens it, too\n",
            text(one, "id"),
            safe(text(member(one, "account"), "name")),
            review_named(one)
        );
    }
    return page;
}

std::string trail_table(const json::array& trail, const Screen& screen) {
    Table table{
        {{.title = "WHEN (UTC)"},
         {.title = "WHO", .cut = Cut::if_needed, .least = Table::person_least},
         {.title = "ORIGIN", .cut = Cut::below},
         {.title = "WHAT"},
         {.title = "REVIEW", .align = Table::Align::right},
         {.title = "ACCOUNT", .cut = Cut::if_needed, .least = Table::account_least},
         {.title = "DETAILS", .cut = Cut::below}}};
    for (const json::value& entry : trail) {
        const std::string details = details_text(member(entry, "details"));
        table.add(
            {moment(entry, "at"),
             text(entry, "who"),
             Cell{text(entry, "origin"), Style::faint},
             Cell{text(entry, "what"), Style::strong},
             text(entry, "review"),
             text(entry, "account"),
             details.empty() ? details : details.substr(2)}
        );
    }
    return table.render(screen);
}

} // namespace reviewd::ctl
