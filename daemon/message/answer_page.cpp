#include "daemon/message/answer_page.hpp"

#include "daemon/message/mustache.hpp"
#include "daemon/message/view.hpp"

#include <fmt/format.h>

#include <array>
#include <string_view>
#include <utility>

namespace reviewd::message {
namespace {

constexpr int scale_points = 11;
constexpr std::string_view style_place = "<style></style>";

void set_text(Value& values, const char* name, const std::string& text) {
    if (!text.empty()) {
        values.set(name, text);
    }
}

Value options_of(const AnswerField& field, const Habits& habits) {
    Value options = Value::list();
    for (int point = 0; point < scale_points; ++point) {
        const std::string value = std::to_string(point);
        Value option;
        option.set("value", value);
        option.set("label", show_digits(value, habits));
        option.set("is_chosen", Value{field.value == value});
        option.set("id", field.id);
        options.push_back(std::move(option));
    }
    return options;
}

Value fields_of(const AnswerPage& page) {
    Value fields = Value::list();
    for (const AnswerField& field : page.fields) {
        Value one;
        one.set("id", field.id);
        one.set("text", shown(field.text));
        one.set("would_change", Value{field.would_change_level});
        one.set("is_scale", Value{field.kind == AnswerField::Kind::scale});
        one.set("is_yes_no", Value{field.kind == AnswerField::Kind::yes_no});
        one.set("is_text", Value{field.kind == AnswerField::Kind::text});
        one.set("is_yes", Value{field.value == "yes"});
        one.set("is_no", Value{field.value == "no"});
        one.set("value", field.value);
        one.set("options", options_of(field, page.habits));
        fields.push_back(std::move(one));
    }
    return fields;
}

Value snoozes_of(const AnswerPage& page) {
    Value snoozes = Value::list();
    for (const Date day : page.snoozes) {
        Value one;
        one.set("iso", to_string(day));
        one.set("day", show_date(day, page.today, page.habits));
        snoozes.push_back(std::move(one));
    }
    return snoozes;
}

Value promises_of(const AnswerPage& page) {
    Value promises = Value::list();
    for (const OpenPromise& promise : page.promises) {
        Value one;
        one.set("id", std::to_string(promise.id));
        one.set("text", shown(promise.text));
        one.set("made_on", show_date(promise.made_on, page.today, page.habits));
        if (promise.due) {
            one.set("until", show_date(*promise.due, page.today, page.habits));
        }
        one.set("is_kept", Value{promise.is_kept});
        promises.push_back(std::move(one));
    }
    return promises;
}

void set_kind(Value& values, const AnswerPage& page) {
    using Kind = AnswerPage::Kind;
    constexpr std::array<std::pair<Kind, const char*>, 7> kinds{{
        {Kind::form, "is_form"},
        {Kind::recorded, "is_recorded"},
        {Kind::closed, "is_closed"},
        {Kind::not_yours, "is_not_yours"},
        {Kind::expired, "is_expired"},
        {Kind::unknown, "is_unknown"},
        {Kind::busy, "is_busy"},
    }};
    for (const auto& [kind, name] : kinds) {
        values.set(name, Value{page.kind == kind});
    }
    values.set("is_good", Value{page.kind == Kind::recorded || page.kind == Kind::closed});
    constexpr std::array<std::pair<std::string_view, const char*>, 5> actions{{
        {"done", "did_done"},
        {"attempt", "did_attempt"},
        {"snooze", "did_snooze"},
        {"reschedule", "did_reschedule"},
        {"not-mine", "did_not_mine"},
    }};
    for (const auto& [action, name] : actions) {
        values.set(name, Value{page.action == action});
    }
    constexpr std::array<std::pair<std::string_view, const char*>, 5> parts{{
        {"attempt", "open_attempt"},
        {"spoke", "open_spoke"},
        {"snooze", "open_snooze"},
        {"reschedule", "open_reschedule"},
        {"not-mine", "open_not_mine"},
    }};
    for (const auto& [action, name] : parts) {
        values.set(name, Value{page.open == action});
    }
}

/// What was entered about a review that was held. A page with "spoke", which has a part of its own
/// in older templates, is answered in the same place.
void set_held(Value& values, const AnswerPage& page) {
    const bool is_held = page.open.empty() || page.open == "done" || page.open == "spoke";
    const bool has_day = is_held && !page.chosen_day.empty();
    values.set("note_value", is_held ? page.note : "");
    values.set("promise_value", page.promise);
    values.set("held_on_value", has_day ? page.chosen_day : to_string(page.owners_today));
}

Value values_of(const AnswerPage& page) {
    Digest digest;
    digest.habits = page.habits;
    digest.today = page.today;
    if (page.item) {
        digest.items.push_back(*page.item);
    }
    Value values = view_of(digest);
    set_kind(values, page);
    values.set("fields", fields_of(page));
    values.set("promises", promises_of(page));
    values.set("has_promises", Value{!page.promises.empty()});
    values.set("snoozes", snoozes_of(page));
    values.set("version", std::to_string(page.version));
    values.set("today_iso", to_string(page.owners_today));
    set_held(values, page);
    values.set("entered_note", page.note);
    values.set("entered_because", page.because);
    values.set("entered_day", page.chosen_day);
    values.set("is_changed", Value{page.was_changed_since});
    values.set("is_outdated", Value{page.is_older_than_review && !page.was_changed_since});
    set_text(values, "company", shown(page.company));
    set_text(values, "problem", shown(page.problem));
    set_text(values, "free_review", page.free_review);
    set_text(values, "manager", shown(page.manager));
    values.set("is_owners", Value{page.is_owners});
    values.set("needs_reason", Value{page.needs_reason});
    set_text(values, "changed_what", shown(page.changed_what));
    if (page.next_day) {
        values.set("next_day", show_date(*page.next_day, page.today, page.habits));
    }
    return values;
}

constexpr std::string_view plain_page =
    "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Account review</title>"
    "<style></style></head><body><main><section class=\"card\"><h1>This page cannot be shown</h1>"
    "<p>Its template has a mistake, and nothing was recorded. Tell whoever looks after "
    "reviewd.</p></section></main></body></html>";

struct EventWords {
    std::string_view what, english, bengali;
};

constexpr std::array events{
    EventWords{"done", "recorded as done", "সম্পন্ন লেখা হয়েছে"},
    EventWords{"missed", "recorded as missed", "হয়নি লেখা হয়েছে"},
    EventWords{"skipped", "skipped", "বাদ দেওয়া হয়েছে"},
    EventWords{"cancelled", "cancelled", "বাতিল"},
    EventWords{"attempt", "an attempt was recorded", "একটি চেষ্টা লেখা হয়েছে"},
    EventWords{"invited", "the customer was invited", "গ্রাহককে আমন্ত্রণ জানানো হয়েছে"},
    EventWords{"appointment", "an appointment was made", "সাক্ষাতের দিন ঠিক হয়েছে"},
    EventWords{"snoozed", "put off", "পিছিয়ে দেওয়া হয়েছে"},
    EventWords{"rescheduled", "moved to another day", "অন্য দিনে সরানো হয়েছে"},
    EventWords{"reopened", "opened again", "আবার খোলা হয়েছে"},
    EventWords{"reassigned", "given to somebody else", "অন্য কাউকে দেওয়া হয়েছে"},
    EventWords{"promise kept", "a promise was noted as kept", "একটি কথা রাখা হয়েছে বলে লেখা হয়েছে"},
    EventWords{"not-mine", "said to be somebody else's", "অন্য কারও বলে জানানো হয়েছে"},
};

} // namespace

std::string event_text(const std::string& what, Date day, Date today, const Habits& habits) {
    const bool is_bengali = habits.language == "bn";
    const std::string date = show_date(day, today, habits);
    for (const EventWords& words : events) {
        if (words.what == what) {
            return is_bengali ? fmt::format("{}, {}", words.bengali, date)
                              : fmt::format("{} on {}", words.english, date);
        }
    }
    return is_bengali ? fmt::format("বদলানো হয়েছে, {}", date) : fmt::format("changed on {}", date);
}

Value view_of(const AnswerPage& page) {
    return values_of(page);
}

std::string render_page(
    const AnswerPage& page, const Templates& templates, std::vector<std::string>& problems
) {
    const std::string& source = templates.find("answer", "html", page.habits.language);
    const Result<std::string> filled = fill(source, values_of(page), Escaping::html);
    std::string html = filled ? *filled : std::string{plain_page};
    if (!filled) {
        problems.push_back(fmt::format(
            "template answer_html_{} cannot be used: {}",
            page.habits.language,
            filled.error().message
        ));
    }
    const std::size_t place = html.find(style_place);
    if (place != std::string::npos) {
        html.insert(place + std::string_view{"<style>"}.size(), templates.style());
    }
    return html;
}

} // namespace reviewd::message
