#include "config/loader/settings_reader.hpp"
#include "scoring/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace reviewd::config {
namespace {

constexpr std::string_view defaults_key = "defaults";
constexpr std::array<std::string_view, 7> weekday_names{
    "sun", "mon", "tue", "wed", "thu", "fri", "sat"};

std::optional<std::string> read_email(const Node& node, Report& report) {
    const std::optional<std::string> text = read_text(node, report);
    if (!text) {
        return std::nullopt;
    }
    const std::size_t at = text->find('@');
    const bool is_address = at != std::string::npos && at > 0 && at + 1 < text->size()
                            && text->find('@', at + 1) == std::string::npos
                            && text->find_first_of(" \t<>,;\"") == std::string::npos
                            && text->front() != '-' && text->size() <= 254;
    if (!is_address) {
        report.error(node, fmt::format("expected an e-mail address, found {}", described(node)));
        return std::nullopt;
    }
    return text;
}

std::vector<std::chrono::weekday> read_working_days(const Node& node, Report& report) {
    std::vector<std::chrono::weekday> days;
    if (!node.is_sequence()) {
        report.error(
            node,
            fmt::format("expected a list of days, found {}", described(node)),
            "for instance `[mon, tue, wed, thu, fri]`"
        );
        return days;
    }
    for (const Node& element : node.elements()) {
        const auto index = read_word(element, report, weekday_names);
        if (!index) {
            continue;
        }
        const std::chrono::weekday day{static_cast<unsigned>(*index)};
        if (std::find(days.begin(), days.end(), day) != days.end()) {
            report.error(element, fmt::format("`{}` is given twice", element.text()));
        }
        days.push_back(day);
    }
    if (node.elements().empty()) {
        report.error(node, "a week needs at least one working day");
    }
    return days;
}

/// `{ from: 09:00, to: 17:00 }`
std::optional<std::pair<std::chrono::minutes, std::chrono::minutes>> read_hours(
    const Node& node, Report& report
) {
    if (!node.is_map()) {
        report.error(
            node,
            fmt::format("expected working hours, found {}", described(node)),
            "for instance `{ from: 09:00, to: 17:00 }`"
        );
        return std::nullopt;
    }
    MapReader reader{node, report};
    const auto time = [&](const char* key) {
        const Node* value = reader.require(key);
        return value == nullptr ? std::nullopt : read_time_of_day(*value, report);
    };
    const auto from = time("from");
    const auto to = time("to");
    if (!from || !to) {
        return std::nullopt;
    }
    if (*from >= *to) {
        report.error(node, "the working day must end after it begins");
        return std::nullopt;
    }
    return std::pair{*from, *to};
}

/// `none`, or hours that may go over midnight.
std::optional<std::pair<std::chrono::minutes, std::chrono::minutes>> read_quiet_hours(
    const Node& node, Report& report
) {
    if (node.is_scalar() && node.text() == "none") {
        return std::pair{std::chrono::minutes{0}, std::chrono::minutes{0}};
    }
    if (!node.is_map()) {
        report.error(
            node,
            fmt::format("expected quiet hours, found {}", described(node)),
            "for instance `{ from: 20:00, to: 07:00 }`, or `none`"
        );
        return std::nullopt;
    }
    MapReader reader{node, report};
    const Node* from = reader.require("from");
    const Node* to = reader.require("to");
    const auto begin = from == nullptr ? std::nullopt : read_time_of_day(*from, report);
    const auto end = to == nullptr ? std::nullopt : read_time_of_day(*to, report);
    if (!begin || !end) {
        return std::nullopt;
    }
    if (*begin == *end) {
        report.error(
            node, "quiet hours that end when they begin", "write `none` for no quiet hours"
        );
        return std::nullopt;
    }
    return std::pair{*begin, *end};
}

std::optional<int> read_capacity(MapReader& reader, std::string_view key, int largest) {
    const auto value = reader.read(key, [&](const Node& node) {
        return read_integer(node, reader.report(), 1, largest);
    });
    return value ? std::optional{static_cast<int>(*value)} : std::nullopt;
}

std::vector<Date> read_days(const Node& node, Report& report) {
    std::vector<Date> days;
    if (!node.is_sequence()) {
        report.error(node, fmt::format("expected a list of days, found {}", described(node)));
        return days;
    }
    for (const Node& element : node.elements()) {
        if (const auto day = read_date(element, report)) {
            days.push_back(*day);
        }
    }
    std::sort(days.begin(), days.end());
    return days;
}

std::map<std::string, std::string> read_addresses(const Node& node, Report& report) {
    std::map<std::string, std::string> addresses;
    MapReader reader{node, report};
    reader.allow_any_key();
    if (node.is_map()) {
        for (const Node::Entry& entry : node.entries()) {
            if (auto address = read_text(entry.value, report)) {
                addresses.emplace(entry.key.text(), std::move(*address));
            }
        }
    }
    return addresses;
}

void read_calendar_habits(MapReader& reader, PersonSettings& person) {
    Report& report = reader.report();
    if (const Node* days = reader.find("working_days")) {
        person.working_days = read_working_days(*days, report);
    }
    person.hours = reader.read("hours", [&](const Node& node) { return read_hours(node, report); });
    person.remind_at =
        reader.read("remind_at", [&](const Node& node) { return read_time_of_day(node, report); });
    if (const Node* quiet = reader.find("quiet_hours")) {
        person.quiet_hours = read_quiet_hours(*quiet, report);
    }
    static constexpr std::array<std::string_view, 2> days_off{"open", "quiet"};
    if (const Node* word = reader.find("days_off")) {
        if (const auto index = read_word(*word, report, days_off)) {
            person.is_quiet_on_days_off = *index == 1;
        }
    }
    person.capacity_per_day = read_capacity(reader, "capacity_per_day", 50);
    person.capacity_per_week = read_capacity(reader, "capacity_per_week", 350);
    if (const Node* holidays = reader.find("holidays")) {
        person.holidays = read_days(*holidays, report);
    }
    if (person.capacity_per_day && person.capacity_per_week
        && *person.capacity_per_day > *person.capacity_per_week) {
        report.error(
            *reader.find("capacity_per_day"), "the capacity of a day is larger than that of a week"
        );
    }
}

PersonSettings read_person(const Node& node, const std::string& folder, Report& report) {
    PersonSettings person;
    MapReader reader{node, report};
    const auto text = [&](const Node& value) {
        return read_text(value, report);
    };
    person.email =
        reader.read("email", [&](const Node& value) { return read_email(value, report); });
    person.zone = reader.read("zone", [&](const Node& value) { return read_zone(value, report); });
    person.language = reader.read("language", [&](const Node& value) {
        person.language_place = value.position();
        return read_language(value, report);
    });
    person.manager = reader.read("manager", text);
    person.substitute = reader.read("substitute", text);
    person.region = reader.read("region", text);
    read_calendar_habits(reader, person);
    static constexpr std::array<std::string_view, 2> invitations{"none", "appointments"};
    if (const Node* word = reader.find("invitations")) {
        if (const auto index = read_word(*word, report, invitations)) {
            person.wants_invitations = *index == 1;
        }
    }
    if (const Node* routes = reader.find("routes")) {
        person.routes = read_routes(*routes, report);
    }
    if (const Node* leave = reader.find("leave")) {
        person.leave = read_calendar_files(*leave, folder, report);
    }
    if (const Node* channels = reader.find("channels")) {
        person.channels = read_texts(*channels, report);
    }
    if (const Node* addresses = reader.find("addresses")) {
        person.addresses = read_addresses(*addresses, report);
    }
    return person;
}

void check_person_keys(
    const std::string& key, const PersonSettings& person, const Node& node, Report& report
) {
    if (person.manager == key) {
        report.error(*node.find("manager"), fmt::format("`{}` cannot be their own manager", key));
    }
    if (person.substitute == key) {
        report.error(
            *node.find("substitute"), fmt::format("`{}` cannot be their own substitute", key)
        );
    }
}

/// The keys of the people on the way up from `start`, if it comes back to `start`.
std::vector<std::string> manager_circle(const Settings& settings, const std::string& start) {
    std::vector<std::string> way{start};
    for (std::size_t step = 0; step <= settings.people.size(); ++step) {
        const auto person = settings.people.find(way.back());
        if (person == settings.people.end() || !person->second.manager) {
            return {};
        }
        way.push_back(*person->second.manager);
        if (way.back() == start) {
            return way;
        }
    }
    return {};
}

} // namespace

void read_people(const Node& node, const std::string& folder, Settings& settings, Report& report) {
    MapReader all{node, report};
    all.allow_any_key();
    if (!node.is_map()) {
        return;
    }
    for (const Node::Entry& entry : node.entries()) {
        PersonSettings person = read_person(entry.value, folder, report);
        if (entry.key.text() == defaults_key) {
            settings.person_defaults = std::move(person);
            continue;
        }
        check_person_keys(entry.key.text(), person, entry.value, report);
        settings.people.emplace(entry.key.text(), std::move(person));
    }
    for (const Node::Entry& entry : node.entries()) {
        const std::string& key = entry.key.text();
        const std::vector<std::string> circle = manager_circle(settings, key);
        const bool is_first =
            !circle.empty() && *std::min_element(circle.begin(), circle.end()) == key;
        if (is_first && circle.size() > 2) {
            report.error(
                *entry.value.find("manager"),
                fmt::format("managers go in a circle: `{}`", fmt::join(circle, "` -> `"))
            );
        }
    }
}

void check_channel_names(const Node& people, const Settings& settings, Report& report) {
    if (!people.is_map()) {
        return;
    }
    for (const Node::Entry& person : people.entries()) {
        if (!person.value.is_map()) {
            continue;
        }
        check_channels_of(person.value, settings, report);
        if (const Node* routes = person.value.find("routes")) {
            check_route_channels(*routes, settings, report);
        }
        const Node* addresses = person.value.find("addresses");
        if (addresses != nullptr && addresses->is_map()) {
            for (const Node::Entry& address : addresses->entries()) {
                check_channel(address.key, address.key.text(), settings, report);
            }
        }
    }
}

} // namespace reviewd::config
