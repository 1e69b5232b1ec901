#include "daemon/message/plain.hpp"

#include "daemon/message/mustache.hpp"
#include "daemon/message/payload.hpp"
#include "daemon/message/view.hpp"

#include <fmt/format.h>

namespace reviewd::message {
namespace {

void add_line(std::string& text, std::string_view label, const std::string& value) {
    if (!value.empty()) {
        text += fmt::format("{:<8}{}\n", label, value);
    }
}

std::string item_text(const Item& item, Date today) {
    const Habits habits;
    std::string text = fmt::format(
        "{}: {}, {} {}, due {}, latest {}\n",
        name(item.section),
        shown(item.account),
        shown(item.level),
        show_points(item.score, habits),
        show_date(item.due, today, habits),
        show_date(item.latest, today, habits)
    );
    if (item.appointment) {
        add_line(text, "Agreed", appointment_text(*item.appointment, today, habits));
    }
    add_line(text, "Owner", shown(item.owner));
    add_line(text, "Away", shown(item.away_owner));
    add_line(text, "Because", shown(cause_text(item)));
    if (item.contact) {
        add_line(text, "Call", shown(item.contact->name));
        add_line(text, "Phone", shown(item.contact->phone));
    }
    for (const Reason& reason : item.reasons) {
        add_line(text, "Why", show_signed_points(reason.points, habits) + " " + shown(reason.text));
    }
    if (item.complaint) {
        add_line(text, "Now", "Complaint " + shown(item.complaint->key));
    }
    for (const std::string& question : item.questions) {
        add_line(text, "Ask", shown(question));
    }
    add_line(text, "Offer", shown(item.offer));
    add_line(text, "Tip", shown(item.tip));
    add_line(text, "Answer", safe_url(item.answer_url));
    return text;
}

/// Of the late ones that have no item.
std::string late_text(const Digest& digest) {
    if (digest.more_late == 0) {
        return {};
    }
    if (digest.first_late.empty()) {
        return fmt::format("{} more late.\n", digest.more_late);
    }
    const std::string first = shown(digest.first_late);
    return digest.more_late == 1
               ? fmt::format("{} late.\n", first)
               : fmt::format("{} and {} more late.\n", first, digest.more_late - 1);
}

} // namespace

std::string plain_subject(const Digest& digest) {
    if (digest.items.empty()) {
        return "Reviews";
    }
    return fmt::format("Reviews {}: {} first", digest.items.size(), shown(first_account(digest)));
}

std::string plain_text(const Digest& digest) {
    std::string text;
    for (const Item& item : digest.items) {
        text += item_text(item, digest.today) + "\n";
    }
    text += late_text(digest);
    if (digest.more_this_week > 0) {
        text += fmt::format("{} more within 7 days.\n", digest.more_this_week);
    }
    return text;
}

} // namespace reviewd::message
