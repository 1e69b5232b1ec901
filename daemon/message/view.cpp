#include "daemon/message/view.hpp"

#include "daemon/message/mustache.hpp"
#include "daemon/message/phone_link.hpp"
#include "scoring/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace reviewd::message {
namespace {

constexpr std::size_t label_columns = 8;   // of the text's left margin
constexpr std::size_t reason_columns = 49; // up to where "(base 20)" stands, when it fits

std::string count(std::size_t number, const Habits& habits) {
    return show_count(static_cast<std::int64_t>(number), habits);
}

void set(Value& values, const char* name, const std::string& text) {
    if (!text.empty()) {
        values.set(name, text);
    }
}

void set_count(Value& values, const char* name, std::size_t number, const Habits& habits) {
    if (number > 0) {
        values.set(name, count(number, habits));
    }
}

/// A number of days with what a template needs to choose between "day" and "days".
void set_days(Value& values, const char* name, int days, const Habits& habits) {
    Value number;
    number.set("number", show_count(days, habits));
    number.set("is_one", Value{days == 1});
    values.set(name, std::move(number));
}

/// An address of e-mail as it is, so that it can be copied; anything else as other text.
std::string shown_email(const std::string& email) {
    const bool is_plain = std::all_of(email.begin(), email.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
               || std::string_view{"@._+-"}.find(c) != std::string_view::npos;
    });
    constexpr std::size_t longest = 254;
    const bool has_one_at = std::count(email.begin(), email.end(), '@') == 1;
    return is_plain && has_one_at && email.size() <= longest ? email : shown(email);
}

struct OutcomeWords {
    std::string_view outcome, english, bengali;
};

constexpr std::array outcomes{
    OutcomeWords{"done", "review held", "রিভিউ হয়েছে"},
    OutcomeWords{"missed", "review missed", "রিভিউ হয়নি"},
    OutcomeWords{"contact", "talked", "কথা হয়েছে"},
    OutcomeWords{"call", "call", "ফোন"},
    OutcomeWords{"visit", "visit", "সাক্ষাৎ"},
    OutcomeWords{"feedback", "feedback", "মতামত"},
    OutcomeWords{"referral", "referral", "সুপারিশ"},
    OutcomeWords{"no-answer", "no answer", "সাড়া নেই"},
    OutcomeWords{"hesitated", "hesitated", "দ্বিধা করেছেন"},
    OutcomeWords{"declined", "declined", "রাজি হননি"}};

std::string shown_outcome(const std::string& outcome, const Habits& habits) {
    const auto* const found =
        std::find_if(outcomes.begin(), outcomes.end(), [&](const OutcomeWords& each) {
            return each.outcome == outcome;
        });
    if (found == outcomes.end()) {
        return shown(outcome);
    }
    return std::string{habits.language == "bn" ? found->bengali : found->english};
}

Value lines_of(const std::vector<std::string>& lines) {
    Value list = Value::list();
    for (std::size_t i = 0; i < lines.size(); ++i) {
        Value line;
        line.set("is_first", Value{i == 0});
        line.set("text", lines[i]);
        list.push_back(std::move(line));
    }
    return list;
}

std::vector<std::string> split_lines(const std::string& text) {
    std::vector<std::string> lines;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        const std::string_view line = trim(std::string_view{text}.substr(begin, end - begin));
        if (!line.empty()) {
            lines.push_back(shown(line));
        }
        begin = end + 1;
    }
    return lines;
}

/// Several lines as one, no longer than what is read at a glance.
std::string note_text(const std::string& note) {
    constexpr std::size_t longest = 240;
    return cut_to_width(fmt::format("{}", fmt::join(split_lines(note), " / ")), longest);
}

std::vector<std::string> shown_all(const std::vector<std::string>& texts) {
    std::vector<std::string> all;
    for (const std::string& text : texts) {
        all.push_back(note_text(text));
    }
    return all;
}

Value causes_of(const Item& item) {
    Value list = Value::list();
    for (const Cause& cause : item.causes) {
        Value line;
        line.set("is_first", Value{&cause == &item.causes.front()});
        line.set("what", shown(cause.what));
        set(line, "about", shown(cause.about));
        line.set("day", shown(cause.day));
        list.push_back(std::move(line));
    }
    return list;
}

/// The day by which its contact was wanted: of what others call for, and of what has its day still
/// ahead, the latest one counts.
Date wanted_on(const Item& item, Date today) {
    const bool is_over = item.section == Section::late || item.section == Section::escalated;
    const bool is_by_latest = is_over && (!item.away_owner.empty() || item.due >= today);
    return is_by_latest ? std::min(item.due, item.latest) : item.due;
}

class ItemView {
public:
    ItemView(const Digest& digest, const Item& item, std::size_t index)
        : digest_(digest), habits_(digest.habits), item_(item), index_(index) {
        values_.reserve(most_names);
    }

    Value build() {
        name();
        days();
        contact();
        talk();
        reasons();
        complaint();
        advice();
        escalation();
        return std::move(values_);
    }

private:
    static constexpr std::size_t most_names = 36;

    [[nodiscard]] std::string date(Date day) const {
        return show_date(day, digest_.today, habits_);
    }

    void name() {
        values_.set("account", shown(item_.account));
        values_.set("level", shown(item_.level));
        values_.set("score", show_points(item_.score, habits_));
        values_.set("is_judged", Value{item_.is_judged});
        set(values_, "cause", shown(cause_text(item_)));
        values_.set("causes", causes_of(item_));
        values_.set(
            "is_full", Value{index_ < digest_.full_items && item_.section != Section::week}
        );
        values_.set("is_escalated", Value{item_.section == Section::escalated});
        values_.set("is_late", Value{item_.section == Section::late});
        values_.set("is_today", Value{item_.section == Section::today});
        values_.set("is_promise", Value{item_.is_promise});
        values_.set("is_invite", Value{item_.section == Section::invite});
        values_.set("is_week", Value{item_.section == Section::week});
        const bool is_first = index_ == 0 || digest_.items[index_ - 1].section != item_.section;
        values_.set("is_first", Value{is_first});
    }

    void days() {
        const bool is_escalated = item_.section == Section::escalated;
        values_.set("due", date(is_escalated ? wanted_on(item_, digest_.today) : item_.due));
        values_.set("latest", date(item_.latest));
        const int late = days_late(item_, digest_.today);
        if (late > 0) {
            set_days(values_, "late", late, habits_);
        }
        if (item_.appointment) {
            values_.set(
                "appointment", appointment_text(*item_.appointment, digest_.today, habits_)
            );
        }
    }

    void contact() {
        if (!item_.contact || item_.contact->name.empty()) {
            return;
        }
        Value contact;
        contact.set("name", shown(item_.contact->name));
        set(contact, "role", shown(item_.contact->role));
        set(contact, "phone", shown(item_.contact->phone));
        set(contact, "dial", dialled(item_.contact->phone));
        set(contact, "email", shown_email(item_.contact->email));
        values_.set("contact", std::move(contact));
    }

    void talk() {
        if (!item_.last) {
            return;
        }
        Value last;
        last.set("day", date(item_.last->day));
        set(last, "outcome", shown_outcome(item_.last->outcome, habits_));
        set(last, "note", note_text(item_.last->note));
        last.set("promises", lines_of(shown_all(item_.last->promises)));
        values_.set("last", std::move(last));
    }

    void reasons() {
        if (item_.reasons.empty()) {
            return;
        }
        std::vector<std::string> points;
        std::size_t widest = 0;
        for (const Reason& reason : item_.reasons) {
            points.push_back(show_signed_points(reason.points, habits_));
            widest = std::max(widest, display_width(points.back()));
        }
        Value list = Value::list();
        for (std::size_t i = 0; i < points.size(); ++i) {
            const bool is_last = i + 1 == points.size();
            const std::string text = shown(item_.reasons[i].text);
            const std::size_t used = label_columns + widest + 1 + display_width(text);
            Value line;
            line.set("is_first", Value{i == 0});
            line.set("is_last", Value{is_last});
            line.set("points", points[i]);
            line.set(
                "points_padded", std::string(widest - display_width(points[i]), ' ') + points[i]
            );
            line.set("is_negative", Value{item_.reasons[i].points < 0});
            line.set("text", text);
            line.set(
                "gap", std::string(used + 2 > reason_columns ? 2 : reason_columns - used, ' ')
            );
            list.push_back(std::move(line));
        }
        values_.set("reasons", std::move(list));
        values_.set("has_reasons", Value{true});
        values_.set("base", show_points(item_.base, habits_));
    }

    void complaint() {
        if (!item_.complaint) {
            return;
        }
        Value complaint;
        complaint.set("key", shown(item_.complaint->key));
        set(complaint, "title", shown(item_.complaint->title));
        set(complaint, "fix", shown(item_.complaint->fix));
        if (item_.complaint->open_days > 0) {
            set_days(complaint, "open", item_.complaint->open_days, habits_);
        }
        values_.set("complaint", std::move(complaint));
    }

    void advice() {
        std::vector<std::string> questions;
        for (const std::string& question : item_.questions) {
            questions.push_back(shown(question));
        }
        values_.set("questions", lines_of(questions));
        values_.set("has_questions", Value{!questions.empty()});
        const std::vector<std::string> script = split_lines(item_.script);
        values_.set("script", lines_of(script));
        values_.set("has_script", Value{!script.empty()});
        values_.set("has_advice", Value{!item_.offer.empty() || !item_.tip.empty()});
        set(values_, "offer", shown(item_.offer));
        set(values_, "tip", shown(item_.tip));
        set(values_, "answer_url", safe_url(item_.answer_url));
    }

    void escalation() {
        set(values_, "owner", shown(item_.owner));
        set(values_, "away_owner", shown(item_.away_owner));
        Value list = Value::list();
        for (std::size_t i = 0; i < item_.attempts.size(); ++i) {
            Value attempt;
            attempt.set("is_first", Value{i == 0});
            attempt.set("day", date(item_.attempts[i].day));
            attempt.set("outcome", shown_outcome(item_.attempts[i].outcome, habits_));
            list.push_back(std::move(attempt));
        }
        values_.set("attempts", std::move(list));
    }

    const Digest& digest_;
    const Habits& habits_;
    const Item& item_;
    std::size_t index_;
    Value values_;
};

std::size_t count_of(const Digest& digest, Section section) {
    return static_cast<std::size_t>(std::count_if(
        digest.items.begin(),
        digest.items.end(),
        [&](const Item& item) { return item.section == section; }
    ));
}

std::string joined(const std::vector<std::string>& texts) {
    std::string line;
    for (const std::string& text : texts) {
        line += line.empty() ? "" : ", ";
        line += shown(text);
    }
    return line;
}

} // namespace

int days_late(const Item& item, Date today) {
    return static_cast<int>(std::max<std::int64_t>((today - wanted_on(item, today)).count(), 0));
}

Value view_of(const Digest& digest) {
    const Habits& habits = digest.habits;
    Value values;
    values.set("recipient", shown(digest.recipient));
    values.set("language", habits.language);
    values.set("today", show_date(digest.today, digest.today, habits));
    Value items = Value::list();
    for (std::size_t i = 0; i < digest.items.size(); ++i) {
        items.push_back(ItemView{digest, digest.items[i], i}.build());
    }
    values.set("items", std::move(items));
    set(values, "first", shown(first_account(digest)));
    const std::size_t late = count_of(digest, Section::late) + digest.more_late;
    const std::size_t now = late + count_of(digest, Section::today);
    values.set("has_now", Value{now > digest.more_late}); // of late ones there may be only a number
    const std::size_t week = count_of(digest, Section::week) + digest.more_this_week;
    set_count(values, "escalated_count", count_of(digest, Section::escalated), habits);
    set_count(values, "late_count", late, habits);
    set_count(values, "now_count", now, habits);
    set_count(values, "invite_count", count_of(digest, Section::invite), habits);
    set_count(values, "week_count", week, habits);
    set_count(values, "unnamed_count", digest.more_this_week, habits);
    set_count(values, "unnamed_late_count", digest.more_late, habits);
    if (digest.more_late > 0 && !digest.first_late.empty()) {
        values.set("first_late", shown(digest.first_late));
        set_count(values, "other_late_count", digest.more_late - 1, habits);
    }
    const std::size_t all = digest.items.size() + digest.more_late + digest.more_this_week;
    values.set("has_several", Value{all > 1});
    set(values, "data_as_of", show_digits(shown(digest.data_as_of), habits));
    set(values, "stale", joined(digest.stale));
    return values;
}

std::string first_account(const Digest& digest) {
    const bool has_late = !digest.items.empty() && digest.items.front().section <= Section::late;
    if (!digest.first_late.empty() && !has_late) {
        return digest.first_late;
    }
    return digest.items.empty() ? std::string{} : digest.items.front().account;
}

std::string words_of_promise(const Habits& habits) {
    return habits.language == "bn" ? "কথা দেওয়া আছে" : "promised";
}

std::string cause_text(const Cause& cause) {
    return cause.about.empty() ? fmt::format("{}, {}", cause.what, cause.day)
                               : fmt::format("{}: {}, {}", cause.what, cause.about, cause.day);
}

std::string cause_text(const Item& item) {
    std::string text;
    for (const Cause& cause : item.causes) {
        text += text.empty() ? "" : "; ";
        text += cause_text(cause);
    }
    return text;
}

std::string appointment_text(const Appointment& appointment, Date today, const Habits& habits) {
    const std::string day = show_date(appointment.day, today, habits);
    if (!appointment.time) {
        return day;
    }
    const auto minutes = appointment.time->count();
    const std::string time =
        show_digits(fmt::format("{:02}:{:02}", minutes / 60, minutes % 60), habits);
    if (!appointment.is_readers_zone) {
        return fmt::format("{} {} ({})", day, time, shown(appointment.zone));
    }
    return appointment.day == today ? time : fmt::format("{} {}", day, time);
}

std::string safe_url(const std::string& url) {
    constexpr std::string_view allowed = "-._~:/?#[]@!$&()*+,;=%";
    constexpr std::size_t longest = 2000;
    const bool has_scheme = url.starts_with("https://") || url.starts_with("http://");
    const bool is_clean = std::all_of(url.begin(), url.end(), [&](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
               || allowed.find(c) != std::string_view::npos;
    });
    return has_scheme && is_clean && url.size() <= longest ? url : std::string{};
}

} // namespace reviewd::message
