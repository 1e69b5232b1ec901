#include "daemon/ctl/delivery_sheet.hpp"

#include "daemon/ctl/reading.hpp"

#include <boost/json/array.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <string_view>
#include <utility>

namespace reviewd::ctl {

namespace {

namespace json = boost::json;

/// What a step says of its review.
constexpr std::array<std::pair<std::string_view, std::string_view>, 8> step_words{{
    {"invite", "it is time to invite the customer"},
    {"ahead", "it will be due in a few days"},
    {"on-day", "it is due that day"},
    {"overdue", "it is overdue"},
    {"escalation", "it is overdue, and a manager is told"},
    {"trigger", "something happened that wants contact"},
    {"promise", "something was promised for that day"},
    {"deadline", "who stands in for its owner has to call by that day"},
}};

std::string utc(const json::value& object, std::string_view name) {
    const std::string shown = moment(object, name);
    return shown.empty() ? shown : shown + " UTC";
}

/// Those that are not empty, with one blank between them.
std::string words_of(std::initializer_list<std::string> parts) {
    std::string line;
    for (const std::string& part : parts) {
        line += line.empty() || part.empty() ? "" : " ";
        line += part;
    }
    return line;
}

std::string reminder_words(const json::value& reminder) {
    const std::string step = text(reminder, "step");
    const auto* const found = std::find_if(step_words.begin(), step_words.end(), [&](auto& each) {
        return each.first == step;
    });
    return fmt::format(
        "planned for {}{}: review {}, {}  [{}]",
        text(reminder, "day"),
        is_true(reminder, "is_cancelled") ? " and cancelled since" : "",
        text(reminder, "review"),
        found == step_words.end() ? std::string_view{step} : found->second,
        text(reminder, "key")
    );
}

std::string try_words(const json::value& each) {
    const std::string outcome = text(each, "outcome");
    return fmt::format(
        "{}  {}  {}",
        text(each, "number"),
        utc(each, "started"),
        words_of(
            {outcome.empty() ? "under way" : outcome,
             delivery_reason(each),
             number(each, "code") == 0 ? "" : text(each, "code"),
             text(each, "reply")}
        )
    );
}

/// A word at the margin and a value; nothing without a value.
std::string sheet_line(std::string_view word, const std::string& value, Colour colour) {
    std::string shown = safe(value);
    shown.erase(shown.find_last_not_of(' ') + 1);
    constexpr int margin_width = 12;
    const std::string margin = fmt::format("{:<{}}", word, margin_width);
    return shown.empty() ? shown : styled(margin, Style::faint, colour) + shown + "\n";
}

} // namespace

std::string delivery_reason(const json::value& delivery) {
    std::string reason = text(delivery, "reason");
    return reason == "none" ? std::string{} : reason;
}

std::string delivery_sheet(const json::value& delivery, Colour colour) {
    std::string page;
    const auto add = [&](std::string_view word, const std::string& value) {
        page += sheet_line(word, value, colour);
    };
    add("Delivery", text(delivery, "id") + "  " + text(delivery, "key"));
    const std::string reason = delivery_reason(delivery);
    add("State", text(delivery, "state") + (reason.empty() ? "" : ", ") + reason);
    add("Channel", text(delivery, "channel"));
    add("Person", text(delivery, "person"));
    add("Next", utc(delivery, "next_at"));
    add("Held until", utc(delivery, "held_until"));
    add("Stands for", text(delivery, "requeued_from"));
    for (const json::value& reminder : list(delivery, "reminders")) {
        add("Reminder", reminder_words(reminder));
    }
    for (const json::value& each : list(delivery, "tries")) {
        add("Try", try_words(each));
    }
    const json::value& message = member(delivery, "message");
    if (message.is_object()) {
        add("To", text(message, "address"));
        add("Subject", text(message, "subject"));
        page += "\n" + safe_lines(text(message, "text"));
    }
    return page;
}

} // namespace reviewd::ctl
