#include "config/loader/settings_reader.hpp"
#include "scoring/base/text.hpp"

#include <fmt/format.h>

#include <filesystem>

namespace reviewd::config {
namespace {

void check_region(const Node& node, const Settings& settings, Report& report) {
    std::vector<std::string> names;
    for (const auto& [name, days] : settings.holidays) {
        names.push_back(name);
    }
    if (settings.holidays.count(node.text()) == 0) {
        const std::string near = did_you_mean(node.text(), names);
        const std::string known =
            names.empty() ? "it names none yet" : fmt::format("it has {}", fmt::join(names, ", "));
        report.error(
            node,
            fmt::format("`holidays:` has no region `{}`", cut_to_width(node.text(), 60)),
            near.empty() ? known : near
        );
    }
}

} // namespace

std::vector<DaySpan> read_calendar_files(
    const Node& node, const std::string& folder, Report& report
) {
    std::vector<DaySpan> all;
    const auto read = [&](const Node& named) {
        if (!named.is_scalar()) {
            report.error(
                named,
                fmt::format("expected the name of an iCalendar file, found {}", described(named)),
                "days go into a file such as `leave/ana.ics`"
            );
            return;
        }
        const std::optional<std::string> name = read_text(named, report);
        if (!name) {
            return;
        }
        const std::filesystem::path path = std::filesystem::path{folder} / *name;
        if (const auto days = read_calendar_file(path.lexically_normal().string(), named, report)) {
            all.insert(all.end(), days->begin(), days->end());
        }
    };
    if (node.is_sequence()) {
        for (const Node& element : node.elements()) {
            read(element);
        }
    } else {
        read(node);
    }
    return all;
}

void read_holidays(
    const Node& node, const std::string& folder, Settings& settings, Report& report
) {
    MapReader regions{node, report};
    regions.allow_any_key();
    if (!node.is_map()) {
        return;
    }
    for (const Node::Entry& entry : node.entries()) {
        settings.holidays[entry.key.text()] = read_calendar_files(entry.value, folder, report);
    }
}

void check_region_names(const Node& people, const Settings& settings, Report& report) {
    if (!people.is_map()) {
        return;
    }
    for (const Node::Entry& person : people.entries()) {
        const Node* region = person.value.is_map() ? person.value.find("region") : nullptr;
        if (region != nullptr && region->is_scalar() && !region->text().empty()) {
            check_region(*region, settings, report);
        }
    }
}

} // namespace reviewd::config
