// One marker says who is in which zone, a line for each zone: `Europe/London@edition 1-5 7`. The
// file of each of them is in a marker of its own.
#include "daemon/service/kept_zones.hpp"

#include "daemon/store/markers.hpp"
#include "scoring/base/base64.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>
#include <system_error>

namespace reviewd::service {
namespace {

constexpr std::string_view people_marker = "zones.people";

std::string file_marker(const std::string& zone) {
    return "zones.file." + zone;
}

/// Nothing when what was kept of it cannot be read: then nobody was in it.
std::optional<review::Zone> read_kept_zone(store::Markers& markers, const std::string& zone) {
    const std::size_t mark = zone.find('@');
    if (mark == std::string::npos) {
        return std::nullopt;
    }
    if (mark + 1 == zone.size()) {
        return review::Zone{};
    }
    const auto file = decode_base64(markers.find(file_marker(zone)).value_or(""));
    const auto read = review::Zone::from_file(zone.substr(0, mark), file.value_or(""));
    return read.has_value() ? std::optional{*read} : std::nullopt;
}

/// A field of the database holds a million bytes: enough for a hundred thousand people whose zones
/// alternate. Those for whom there is no room are not followed over a restart.
constexpr std::size_t text_bytes_max = 900'000;

/// Ids in ascending order; those that follow each other as one word.
std::string words_of(const std::vector<PersonId>& people) {
    std::string text;
    for (std::size_t first = 0; first < people.size();) {
        std::size_t last = first;
        while (last + 1 < people.size() && people[last + 1].value == people[last].value + 1) {
            ++last;
        }
        text += ' ' + std::to_string(people[first].value);
        text += last == first ? "" : '-' + std::to_string(people[last].value);
        first = last + 1;
    }
    return text;
}

/// Takes what stands before the next `mark` off the text, and the mark with it. (Streams would take
/// what is thrown for want of memory for an end of the text.)
std::string_view take(std::string_view& text, char mark) {
    const std::size_t end = std::min(text.find(mark), text.size());
    const std::string_view taken = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return taken;
}

/// Of a word such as `7` or `1-5`.
template <class Visit>
void for_each_person(std::string_view word, const Visit& visit) {
    std::int64_t first = 0;
    const char* const end = word.data() + word.size();
    const auto [behind, error] = std::from_chars(word.data(), end, first);
    std::int64_t last = first;
    if (error == std::errc{} && behind != end) {
        std::from_chars(behind + 1, end, last);
    }
    for (std::int64_t person = first; error == std::errc{} && person <= last; ++person) {
        visit(PersonId{person});
    }
}

template <class Visit>
void for_each_line(std::string_view text, const Visit& visit) {
    while (!text.empty()) {
        std::string_view words = take(text, '\n');
        const std::string zone{take(words, ' ')};
        visit(zone, words);
    }
}

} // namespace

KeptZones KeptZones::read(store::Connection& connection) {
    KeptZones kept;
    store::Markers markers{connection};
    const std::string text = markers.find(people_marker).value_or("");
    for_each_line(text, [&](const std::string& name, std::string_view people) {
        const std::optional<review::Zone> zone = read_kept_zone(markers, name);
        while (zone && !people.empty()) {
            for_each_person(take(people, ' '), [&](PersonId person) { kept.set(person, *zone); });
        }
    });
    return kept;
}

const review::Zone* KeptZones::find(PersonId person) const {
    const auto found = zones_.find(person);
    return found == zones_.end() ? nullptr : &found->second;
}

KeptZones::Groups KeptZones::groups() const {
    Groups groups;
    for (const auto& [person, zone] : zones_) {
        Group& group = groups[zone.name() + "@" + zone.edition()];
        group.zone = zone;
        group.people.push_back(person);
    }
    return groups;
}

std::string KeptZones::text_of(const Groups& groups) {
    std::string text;
    for (const auto& [name, group] : groups) {
        const std::string line = name + words_of(group.people) + '\n';
        text += text.size() + line.size() <= text_bytes_max ? line : std::string{};
    }
    return text;
}

bool KeptZones::is_kept(store::Connection& connection) const {
    return store::Markers{connection}.find(people_marker) == text_of(groups());
}

void KeptZones::write(store::Connection& connection) const {
    store::Markers markers{connection};
    const Groups wanted = groups();
    const std::string text = text_of(wanted);
    const std::optional<std::string> before = markers.find(people_marker);
    if (before == text) {
        return;
    }
    for_each_line(before.value_or(""), [&](const std::string& name, std::string_view /*people*/) {
        if (wanted.count(name) == 0) {
            markers.erase(file_marker(name));
        }
    });
    for (const auto& [name, group] : wanted) {
        markers.set(file_marker(name), encode_base64(group.zone.file()));
    }
    markers.set(people_marker, text);
}

} // namespace reviewd::service
