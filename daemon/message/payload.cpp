#include "daemon/message/payload.hpp"

#include "daemon/message/view.hpp"
#include "scoring/base/assert.hpp"
#include "scoring/base/text.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <array>

namespace reviewd::message {
namespace {

namespace json = boost::json;

constexpr std::size_t most_members = 32; ///< an object that grows is built anew several times

void add(json::object& object, std::string_view name, const std::string& text) {
    if (!text.empty()) {
        object[name] = valid_words(text);
    }
}

/// A whole number where it is one, so that readers see 73 and not 73.0.
json::value points_of(rules::Points points) {
    if (points % rules::points_scale == 0) {
        return points / rules::points_scale;
    }
    return static_cast<double>(points) / static_cast<double>(rules::points_scale);
}

json::object contact_of(const Contact& contact, const json::storage_ptr& memory) {
    json::object object{memory};
    add(object, "name", contact.name);
    add(object, "role", contact.role);
    add(object, "phone", contact.phone);
    add(object, "email", contact.email);
    return object;
}

json::array texts_of(const std::vector<std::string>& texts, const json::storage_ptr& memory) {
    json::array list(memory);
    for (const std::string& text : texts) {
        list.emplace_back(valid_words(text));
    }
    return list;
}

json::object talk_of(const LastTalk& talk, const json::storage_ptr& memory) {
    json::object object{memory};
    object["day"] = to_string(talk.day);
    add(object, "outcome", talk.outcome);
    add(object, "note", talk.note);
    object["promises"] = texts_of(talk.promises, memory);
    return object;
}

json::object appointment_of(const Appointment& appointment, const json::storage_ptr& memory) {
    json::object object{memory};
    object["day"] = to_string(appointment.day);
    if (appointment.time) {
        const auto minutes = appointment.time->count();
        object["time"] = fmt::format("{:02}:{:02}", minutes / 60, minutes % 60);
    }
    object["zone"] = valid_words(appointment.zone);
    return object;
}

json::object complaint_of(const Complaint& complaint, const json::storage_ptr& memory) {
    json::object object{memory};
    add(object, "key", complaint.key);
    add(object, "title", complaint.title);
    object["open_days"] = complaint.open_days;
    add(object, "fix", complaint.fix);
    return object;
}

json::array reasons_of(const Item& item, const json::storage_ptr& memory) {
    json::array list(memory);
    for (const Reason& reason : item.reasons) {
        json::object line{memory};
        line["points"] = points_of(reason.points);
        line["text"] = valid_words(reason.text);
        list.push_back(std::move(line));
    }
    return list;
}

json::array attempts_of(const Item& item, const json::storage_ptr& memory) {
    json::array list(memory);
    for (const Attempt& attempt : item.attempts) {
        json::object line{memory};
        line["day"] = to_string(attempt.day);
        line["outcome"] = valid_words(attempt.outcome);
        list.push_back(std::move(line));
    }
    return list;
}

json::object item_of(const Item& item, Date today, const json::storage_ptr& memory) {
    json::object object{memory};
    object.reserve(most_members);
    object["section"] = name(item.section);
    add(object, "reminder", item.reminder_id);
    object["review"] = item.review_id;
    json::object account{memory};
    account["key"] = valid_words(item.account_key);
    account["name"] = valid_words(item.account);
    object["account"] = std::move(account);
    add(object, "level", item.level);
    object["score"] = points_of(item.score);
    object["is_judged"] = item.is_judged;
    object["is_promise"] = item.is_promise;
    object["due"] = to_string(item.due);
    object["latest"] = to_string(item.latest);
    if (const int late = days_late(item, today); late > 0) {
        object["late_days"] = late;
    }
    if (item.appointment) {
        object["appointment"] = appointment_of(*item.appointment, memory);
    }
    add(object, "cause", cause_text(item));
    add(object, "owner", item.owner);
    add(object, "away_owner", item.away_owner);
    if (item.contact) {
        object["contact"] = contact_of(*item.contact, memory);
    }
    if (item.last) {
        object["last"] = talk_of(*item.last, memory);
    }
    object["base"] = points_of(item.base);
    object["reasons"] = reasons_of(item, memory);
    if (item.complaint) {
        object["complaint"] = complaint_of(*item.complaint, memory);
    }
    object["questions"] = texts_of(item.questions, memory);
    add(object, "offer", item.offer);
    add(object, "tip", item.tip);
    add(object, "script", item.script);
    object["attempts"] = attempts_of(item, memory);
    add(object, "answer_url", safe_url(item.answer_url));
    return object;
}

} // namespace

std::string valid_words(const std::string& text) {
    return find_invalid_utf8(text) ? escape_controls(text) : text;
}

std::string_view name(Section section) {
    switch (section) {
    case Section::escalated:
        return "escalated";
    case Section::late:
        return "late";
    case Section::today:
        return "today";
    case Section::invite:
        return "invite";
    case Section::week:
        return "week";
    }
    assertion_failed("every section has a name", __FILE__, __LINE__);
}

std::string payload_of(const Digest& digest) {
    json::monotonic_resource values; // given back all at once
    const json::storage_ptr memory{&values};
    std::array<std::size_t, 5> counts{};
    json::array items(memory);
    for (const Item& item : digest.items) {
        ++counts.at(static_cast<std::size_t>(item.section));
        items.push_back(item_of(item, digest.today, memory));
    }
    counts.at(static_cast<std::size_t>(Section::late)) += digest.more_late;
    counts.at(static_cast<std::size_t>(Section::week)) += digest.more_this_week;
    json::object counted{memory};
    for (std::size_t i = 0; i < counts.size(); ++i) {
        counted[name(static_cast<Section>(i))] = counts.at(i);
    }
    json::object object{memory};
    object.reserve(most_members);
    object["version"] = 1;
    object["kind"] = "digest";
    add(object, "id", digest.id);
    add(object, "recipient", digest.recipient);
    add(object, "language", digest.habits.language);
    object["today"] = to_string(digest.today);
    add(object, "data_as_of", digest.data_as_of);
    object["stale"] = texts_of(digest.stale, memory);
    object["counts"] = std::move(counted);
    object["items"] = std::move(items);
    return json::serialize(object);
}

} // namespace reviewd::message
