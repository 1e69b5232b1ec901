#include "daemon/message/calendar_text.hpp"

#include "daemon/message/mustache.hpp"

#include <libical/ical.h>

#include <algorithm>
#include <ctime>
#include <memory>
#include <vector>

namespace reviewd::message {
namespace {

struct Release {
    void operator()(icalcomponent* component) const { icalcomponent_free(component); }
    void operator()(char* text) const { icalmemory_free_buffer(text); }
};
using Component = std::unique_ptr<icalcomponent, Release>;

std::string valid_text(const std::string& text) {
    std::string result;
    for (const char c : text) {
        // Line ends are escaped by the library; other controls have no place in a calendar.
        if (c == '\n' || static_cast<unsigned char>(c) >= 0x20) {
            result += c;
        }
    }
    return result;
}

/// As every other screen shows it, on one line. A line end is a space: written as `\n` with its
/// backslash escaped, some programs take it for a line end again.
std::string shown_line(const std::string& text) {
    std::string line = valid_text(text);
    std::replace(line.begin(), line.end(), '\n', ' ');
    return shown(line);
}

/// The same of a text of several lines.
std::string shown_lines(const std::string& text) {
    std::string result;
    for (std::size_t begin = 0; begin <= text.size();) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        result += begin == 0 ? "" : "\n";
        result += shown_line(text.substr(begin, end - begin));
        begin = end + 1;
    }
    return result;
}

icaltimetype to_time(TimePoint time, icaltimezone* zone) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
    const icaltimetype moment = icaltime_from_timet_with_zone(
        static_cast<std::time_t>(seconds), 0, icaltimezone_get_utc_timezone()
    );
    return icaltime_convert_to_zone(moment, zone);
}

icaltimetype to_day(Date day) {
    const std::chrono::year_month_day parts{day};
    icaltimetype time = icaltime_null_date();
    time.year = static_cast<int>(parts.year());
    time.month = static_cast<int>(static_cast<unsigned>(parts.month()));
    time.day = static_cast<int>(static_cast<unsigned>(parts.day()));
    return time;
}

void add(icalcomponent* component, icalproperty* property) {
    icalcomponent_add_property(component, property);
}

void set_zone(icalproperty* property, icaltimezone* zone) {
    if (zone != icaltimezone_get_utc_timezone()) {
        icalproperty_add_parameter(
            property, icalparameter_new_tzid(icaltimezone_get_location(zone))
        );
    }
}

void add_times(icalcomponent* event, const CalendarEvent& from, icaltimezone* zone) {
    if (!from.start) {
        add(event, icalproperty_new_dtstart(to_day(from.day)));
        add(event, icalproperty_new_dtend(to_day(from.day + std::chrono::days{1})));
        // The day's work is not taken by it.
        add(event, icalproperty_new_transp(ICAL_TRANSP_TRANSPARENT));
        return;
    }
    icalproperty* start = icalproperty_new_dtstart(to_time(*from.start, zone));
    set_zone(start, zone);
    add(event, start);
    icalproperty* end = icalproperty_new_dtend(to_time(*from.start + from.length, zone));
    set_zone(end, zone);
    add(event, end);
}

void add_people(icalcomponent* event, const CalendarEvent& from) {
    if (from.organizer_email.empty()) {
        return;
    }
    const std::string organizer = "mailto:" + valid_text(from.organizer_email);
    add(event, icalproperty_new_organizer(organizer.c_str()));
    const std::string mail = "mailto:" + valid_text(from.attendee_email);
    icalproperty* attendee = icalproperty_new_attendee(mail.c_str());
    const std::string name = shown_line(from.attendee_name);
    icalproperty_add_parameter(attendee, icalparameter_new_cn(name.c_str()));
    icalproperty_add_parameter(attendee, icalparameter_new_role(ICAL_ROLE_REQPARTICIPANT));
    icalproperty_add_parameter(attendee, icalparameter_new_partstat(ICAL_PARTSTAT_NEEDSACTION));
    icalproperty_add_parameter(attendee, icalparameter_new_rsvp(ICAL_RSVP_FALSE));
    add(event, attendee);
}

icalcomponent* make_event(const CalendarEvent& from, TimePoint stamp, icaltimezone* zone) {
    icalcomponent* event = icalcomponent_new(ICAL_VEVENT_COMPONENT);
    add(event, icalproperty_new_uid(valid_text(from.uid).c_str()));
    add(event, icalproperty_new_dtstamp(to_time(stamp, icaltimezone_get_utc_timezone())));
    add(event, icalproperty_new_sequence(from.sequence));
    add_times(event, from, zone);
    add(event, icalproperty_new_summary(shown_line(from.summary).c_str()));
    if (!from.description.empty()) {
        add(event, icalproperty_new_description(shown_lines(from.description).c_str()));
    }
    add(event,
        icalproperty_new_status(from.is_cancelled ? ICAL_STATUS_CANCELLED : ICAL_STATUS_CONFIRMED));
    add_people(event, from);
    return event;
}

constexpr int unending_year = 9999;

/// The last time at which a part of a zone's rules changes the clock.
icaltimetype last_onset(icalcomponent* part) {
    icaltimetype last = icaltime_null_time();
    const auto consider = [&last](const icaltimetype& time) {
        if (icaltime_is_null_time(last) != 0 || icaltime_compare(time, last) > 0) {
            last = time;
        }
    };
    for (icalproperty* property = icalcomponent_get_first_property(part, ICAL_ANY_PROPERTY);
         property != nullptr;
         property = icalcomponent_get_next_property(part, ICAL_ANY_PROPERTY)) {
        const icalproperty_kind kind = icalproperty_isa(property);
        if (kind == ICAL_DTSTART_PROPERTY) {
            consider(icalproperty_get_dtstart(property));
        } else if (kind == ICAL_RDATE_PROPERTY) {
            consider(icalproperty_get_rdate(property).time);
        } else if (kind == ICAL_RRULE_PROPERTY) {
            icaltimetype until = icalproperty_get_rrule(property).until;
            if (icaltime_is_null_time(until) != 0) {
                until = icaltime_null_date();
                until.year = unending_year;
            }
            consider(until);
        }
    }
    return last;
}

void remove_all(icalcomponent* component, icalproperty_kind kind) {
    while (icalproperty* property = icalcomponent_get_first_property(component, kind)) {
        icalcomponent_remove_property(component, property);
        icalproperty_free(property);
    }
}

/// The library ends what goes on for ever where its tables end, and begins it again: without that
/// end, no such part has to begin again.
void let_go_on(icalcomponent* part, int year) {
    icalproperty* property = icalcomponent_get_first_property(part, ICAL_RRULE_PROPERTY);
    if (property == nullptr) {
        return;
    }
    icalrecurrencetype rule = icalproperty_get_rrule(property);
    if (icaltime_is_null_time(rule.until) == 0 && rule.until.year >= year) {
        rule.until = icaltime_null_time();
        icalproperty_set_rrule(property, rule);
    }
}

/// Takes a zone's history out, and what is far away: a mail needs none of it, and some programs
/// stumble over it. A zone whose clocks do not change any more keeps what it came to in the end.
void keep_present(icalcomponent* rules, int year) {
    constexpr int years_kept = 2;
    constexpr int years_ahead = 8;
    std::vector<icalcomponent*> left_out;
    icalcomponent* latest = nullptr;
    bool has_present = false;
    for (icalcomponent* part = icalcomponent_get_first_component(rules, ICAL_ANY_COMPONENT);
         part != nullptr;
         part = icalcomponent_get_next_component(rules, ICAL_ANY_COMPONENT)) {
        const bool is_past = last_onset(part).year < year - years_kept;
        const bool is_far = icalcomponent_get_dtstart(part).year > year + years_ahead;
        if (!is_past && !is_far) {
            has_present = true;
            let_go_on(part, year + years_ahead);
            continue;
        }
        left_out.push_back(part);
        if (is_past
            && (latest == nullptr || icaltime_compare(last_onset(latest), last_onset(part)) < 0)) {
            latest = part;
        }
    }
    for (icalcomponent* part : left_out) {
        if (part == latest && !has_present) {
            remove_all(part, ICAL_RRULE_PROPERTY);
            remove_all(part, ICAL_RDATE_PROPERTY);
            continue;
        }
        icalcomponent_remove_component(rules, part);
        icalcomponent_free(part);
    }
}

icalproperty_method to_method(CalendarText::Method method) {
    switch (method) {
    case CalendarText::Method::publish:
        return ICAL_METHOD_PUBLISH;
    case CalendarText::Method::request:
        return ICAL_METHOD_REQUEST;
    case CalendarText::Method::cancel:
        break;
    }
    return ICAL_METHOD_CANCEL;
}

} // namespace

std::string to_icalendar(const CalendarText& calendar) {
    icaltimezone* zone = icaltimezone_get_builtin_timezone(calendar.zone.c_str());
    icalcomponent* rules = zone == nullptr ? nullptr : icaltimezone_get_component(zone);
    if (rules == nullptr) {
        zone = icaltimezone_get_utc_timezone();
    }
    const Component root{icalcomponent_new(ICAL_VCALENDAR_COMPONENT)};
    add(root.get(), icalproperty_new_version("2.0"));
    add(root.get(), icalproperty_new_prodid("-//reviewd//account reviews//EN"));
    add(root.get(), icalproperty_new_calscale("GREGORIAN"));
    add(root.get(), icalproperty_new_method(to_method(calendar.method)));
    if (!calendar.name.empty()) {
        icalproperty* name = icalproperty_new_x(shown_line(calendar.name).c_str());
        icalproperty_set_x_name(name, "X-WR-CALNAME");
        add(root.get(), name);
    }
    if (rules != nullptr) {
        // A copy by its text: the name of the call that clones differs between versions.
        const std::unique_ptr<char, Release> text{icalcomponent_as_ical_string_r(rules)};
        icalcomponent* copy = icalparser_parse_string(text.get());
        keep_present(copy, to_time(calendar.stamp, icaltimezone_get_utc_timezone()).year);
        // Known by the zone's own name, as everybody else writes it.
        if (icalproperty* id = icalcomponent_get_first_property(copy, ICAL_TZID_PROPERTY)) {
            icalproperty_set_tzid(id, icaltimezone_get_location(zone));
        }
        icalcomponent_add_component(root.get(), copy);
    }
    for (const CalendarEvent& event : calendar.events) {
        icalcomponent_add_component(root.get(), make_event(event, calendar.stamp, zone));
    }
    const std::unique_ptr<char, Release> text{icalcomponent_as_ical_string_r(root.get())};
    return text.get();
}

} // namespace reviewd::message
