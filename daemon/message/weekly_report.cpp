#include "daemon/message/weekly_report.hpp"

#include "daemon/message/mustache.hpp"
#include "daemon/message/payload.hpp"
#include "scoring/base/text.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace reviewd::message {
namespace {

namespace json = boost::json;
constexpr std::size_t name_columns = 20;

std::string padded(const std::string& text, std::size_t columns) {
    const std::size_t width = display_width(text);
    return width < columns ? text + std::string(columns - width, ' ') : text;
}

std::string right(const std::string& text, std::size_t columns) {
    const std::size_t width = display_width(text);
    return width < columns ? std::string(columns - width, ' ') + text : text;
}

TeamRow total_of(const WeeklyReport& report) {
    TeamRow total;
    for (const TeamRow& row : report.team) {
        total.accounts += row.accounts;
        total.held += row.held;
        total.overdue += row.overdue;
        total.too_late += row.too_late;
        total.planned += row.planned;
        total.room += row.room;
    }
    return total;
}

Value row_of(const TeamRow& row, const Habits& habits) {
    Value values;
    const std::string name = cut_to_width(shown(row.name), name_columns);
    const auto set = [&](const char* key, const std::string& text, std::size_t columns) {
        values.set(key, text);
        values.set(std::string{key} + "_padded", right(text, columns));
    };
    values.set("name", name);
    values.set("name_padded", padded(name, name_columns));
    set("accounts", show_count(row.accounts, habits), 8);
    set("held", show_count(row.held, habits), 5);
    set("overdue", show_count(row.overdue, habits), 8);
    set("covered", show_count(covered_percent(row), habits) + " %", 8);
    set("planned", show_count(row.planned, habits), 4);
    values.set("room", show_count(row.room, habits));
    values.set("is_overloaded", Value{row.planned > row.room});
    values.set("has_overdue", Value{row.overdue > 0});
    return values;
}

Value late_of(const WeeklyReport& report) {
    Value list = Value::list();
    for (const OverdueReview& review : report.overdue) {
        Value one;
        const auto late = (report.today - review.due).count();
        one.set("account", shown(review.account));
        one.set("owner", shown(review.owner));
        one.set("level", shown(review.level));
        one.set("due", show_date(review.due, report.today, report.habits));
        one.set("days", show_count(late, report.habits));
        one.set("days_padded", right(show_count(late, report.habits), 3));
        one.set("is_one", Value{late == 1});
        if (review.waits_until) {
            one.set("waits_until", show_date(*review.waits_until, report.today, report.habits));
        }
        list.push_back(std::move(one));
    }
    return list;
}

Value moves_of(const WeeklyReport& report) {
    Value list = Value::list();
    for (const LevelMove& move : report.moves) {
        Value one;
        one.set("account", shown(move.account));
        one.set("owner", shown(move.owner));
        one.set("from", shown(move.from));
        one.set("to", shown(move.to));
        one.set("is_up", Value{move.is_up});
        one.set("day", show_date(move.day, report.today, report.habits));
        list.push_back(std::move(one));
    }
    return list;
}

std::string names_in(const std::vector<std::string>& texts) {
    std::string line;
    for (const std::string& text : texts) {
        line += line.empty() ? "" : ", ";
        line += shown(text);
    }
    return line;
}

void set_rest(
    Value& values, const char* name, std::int64_t all, std::size_t shown_ones, const Habits& habits
) {
    const std::int64_t rest = all - static_cast<std::int64_t>(shown_ones);
    if (rest > 0) {
        values.set(name, show_count(rest, habits));
    }
}

Value values_of(const WeeklyReport& report) {
    const Habits& habits = report.habits;
    Value values = row_of(total_of(report), habits);
    values.set("recipient", shown(report.recipient));
    values.set("today", show_date(report.today, report.today, habits));
    values.set("until", show_date(report.until, report.today, habits));
    Value team = Value::list();
    Value overloaded = Value::list();
    for (const TeamRow& row : report.team) {
        team.push_back(row_of(row, habits));
        if (row.planned > row.room) {
            overloaded.push_back(row_of(row, habits));
        }
    }
    values.set("has_overload", Value{!overloaded.is_nothing()});
    values.set("team", std::move(team));
    values.set("overloaded", std::move(overloaded));
    values.set("late", late_of(report));
    values.set("has_late", Value{!report.overdue.empty()});
    values.set("moves", moves_of(report));
    values.set("has_moves", Value{!report.moves.empty()});
    set_rest(values, "more_late", report.overdue_count, report.overdue.size(), habits);
    set_rest(values, "more_moves", report.move_count, report.moves.size(), habits);
    if (!report.data_as_of.empty()) {
        values.set("data_as_of", show_digits(shown(report.data_as_of), habits));
    }
    if (!report.stale.empty()) {
        values.set("stale", names_in(report.stale));
    }
    return values;
}

std::string payload_of(const WeeklyReport& report) {
    json::array team;
    for (const TeamRow& row : report.team) {
        team.push_back(json::object{
            {"name", valid_words(row.name)},
            {"accounts", row.accounts},
            {"held", row.held},
            {"overdue", row.overdue},
            {"too_late", row.too_late},
            {"covered_percent", covered_percent(row)},
            {"planned", row.planned},
            {"room", row.room}});
    }
    json::array overdue;
    for (const OverdueReview& review : report.overdue) {
        json::object one{
            {"account", valid_words(review.account)},
            {"owner", valid_words(review.owner)},
            {"level", valid_words(review.level)},
            {"due", to_string(review.due)}};
        if (review.waits_until) {
            one["waits_until"] = to_string(*review.waits_until);
        }
        overdue.push_back(std::move(one));
    }
    json::array levels;
    for (const LevelMove& move : report.moves) {
        levels.push_back(json::object{
            {"account", valid_words(move.account)},
            {"owner", valid_words(move.owner)},
            {"from", valid_words(move.from)},
            {"to", valid_words(move.to)},
            {"day", to_string(move.day)}});
    }
    return json::serialize(json::object{
        {"version", 1},
        {"kind", "week"},
        {"id", report.id},
        {"recipient", valid_words(report.recipient)},
        {"language", report.habits.language},
        {"today", to_string(report.today)},
        {"from", to_string(report.from)},
        {"until", to_string(report.until)},
        {"team", std::move(team)},
        {"overdue_count", report.overdue_count},
        {"overdue", std::move(overdue)},
        {"level_changes", report.move_count},
        {"levels", std::move(levels)}});
}

Value values_of(const Notice& notice) {
    Value values;
    values.set("recipient", shown(notice.recipient));
    values.set("account", shown(notice.account));
    values.set("owner", shown(notice.owner));
    values.set("review", shown(notice.review));
    values.set("today", show_date(notice.today, notice.today, notice.habits));
    values.set("is_not_mine", Value{notice.what == "not-mine"});
    if (!notice.note.empty()) {
        values.set("note", shown(notice.note));
    }
    if (notice.quiet_until) {
        values.set("quiet_until", show_date(*notice.quiet_until, notice.today, notice.habits));
    }
    return values;
}

} // namespace

int covered_percent(const TeamRow& row) {
    constexpr std::int64_t whole = 100;
    return row.accounts <= 0
               ? static_cast<int>(whole)
               : static_cast<int>((row.accounts - row.too_late) * whole / row.accounts);
}

Rendered render(const WeeklyReport& report, const Templates& templates, Html html) {
    const TeamRow total = total_of(report);
    const std::string plain = fmt::format(
        "Week to {}: {} overdue, {} % covered",
        to_string(report.today),
        total.overdue,
        covered_percent(total)
    );
    return render_parts(
        {"week",
         report.habits.language,
         values_of(report),
         payload_of(report),
         [&] { return plain; },
         [&] {
             return plain + "\n";
         }},
        templates,
        html
    );
}

Value view_of(const WeeklyReport& report) {
    return values_of(report);
}

Value view_of(const Notice& notice) {
    return values_of(notice);
}

Rendered render(const Notice& notice, const Templates& templates, Html html) {
    const std::string plain = fmt::format(
        "{}: {} says that it is not theirs", shown(notice.account), shown(notice.owner)
    );
    json::object payload{
        {"version", 1},
        {"kind", "notice"},
        {"id", notice.id},
        {"what", notice.what},
        {"recipient", valid_words(notice.recipient)},
        {"account", valid_words(notice.account)},
        {"owner", valid_words(notice.owner)},
        {"note", valid_words(notice.note)},
        {"review", notice.review}};
    return render_parts(
        {"notice",
         notice.habits.language,
         values_of(notice),
         json::serialize(payload),
         [&] { return plain; },
         [&] {
             return plain + "\n";
         }},
        templates,
        html
    );
}

Value view_of(const Invitation& invitation) {
    Value values;
    values.set("recipient", shown(invitation.recipient));
    values.set("summary", shown(invitation.summary));
    values.set("is_changed", Value{invitation.is_changed});
    values.set("is_cancelled", Value{invitation.is_cancelled});
    const auto set = [&](const char* name, const std::string& text) {
        if (!text.empty()) {
            values.set(name, show_digits(shown(text), invitation.habits));
        }
    };
    set("when", invitation.when);
    set("contact", invitation.contact);
    if (!invitation.other.empty()) {
        values.set("other", shown(invitation.other));
    }
    return values;
}

Rendered render(const Invitation& invitation, const Templates& templates, Html html) {
    const std::string plain = shown(invitation.summary) + " " + shown(invitation.when);
    json::object payload{
        {"version", 1},
        {"kind", "invitation"},
        {"id", invitation.id},
        {"recipient", valid_words(invitation.recipient)},
        {"summary", valid_words(invitation.summary)},
        {"when", valid_words(invitation.when)},
        {"is_cancelled", invitation.is_cancelled},
        {"other", valid_words(invitation.other)}};
    return render_parts(
        {"invitation",
         invitation.habits.language,
         view_of(invitation),
         json::serialize(payload),
         [&] { return plain; },
         [&] {
             return plain + "\n";
         }},
        templates,
        html
    );
}

} // namespace reviewd::message
