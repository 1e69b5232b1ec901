#include "config/loader/rules_places.hpp"

#include "config/node/parse.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <set>

namespace reviewd::config {
namespace {

/// "rules/room-to-grow", "facts/budget", "levels/high"; nothing of a file that is no YAML map.
std::set<std::string> definitions_of(const RulesFile& file) {
    std::set<std::string> names;
    Report unused;
    const auto root = parse_yaml_for_checking(file.name, file.text, unused);
    if (!root || !root->is_map()) {
        return names;
    }
    for (const Node::Entry& section : root->entries()) {
        const std::string prefix = section.key.text() + "/";
        if (section.value.is_map()) {
            for (const Node::Entry& entry : section.value.entries()) {
                names.insert(prefix + entry.key.text());
            }
        } else if (section.value.is_sequence()) {
            for (const Node& element : section.value.elements()) {
                const Node* const id = element.is_map() ? element.find("id") : nullptr;
                names.insert(prefix + (id != nullptr && id->is_scalar() ? id->text() : ""));
            }
        }
    }
    return names;
}

std::string base_name(const std::string& name) {
    return std::filesystem::path{name}.filename().string();
}

} // namespace

std::vector<std::optional<std::size_t>> find_places(
    const std::vector<RulesFile>& files, const std::vector<RulesFile>& drafts
) {
    std::vector<std::optional<std::size_t>> places(drafts.size());
    std::vector<bool> is_taken(files.size(), false);
    const auto take = [&](std::size_t draft, std::size_t place) {
        places[draft] = place;
        is_taken[place] = true;
    };
    for (std::size_t i = 0; i < drafts.size(); ++i) {
        const auto same = std::find_if(files.begin(), files.end(), [&](const RulesFile& file) {
            return base_name(file.name) == base_name(drafts[i].name);
        });
        if (same != files.end()) {
            take(i, static_cast<std::size_t>(same - files.begin()));
        }
    }
    std::vector<std::set<std::string>> defined;
    for (std::size_t i = 0; i < drafts.size(); ++i) {
        if (places[i]) {
            continue;
        }
        if (defined.empty()) { // only where names do not tell
            std::transform(files.begin(), files.end(), std::back_inserter(defined), definitions_of);
        }
        const std::set<std::string> own = definitions_of(drafts[i]);
        std::size_t most = 0;
        std::size_t best = 0;
        for (std::size_t place = 0; place < files.size(); ++place) {
            const auto shared = static_cast<std::size_t>(std::count_if(
                own.begin(),
                own.end(),
                [&](const std::string& name) { return defined[place].contains(name); }
            ));
            const bool is_edition = 2 * shared >= defined[place].size();
            if (!is_taken[place] && is_edition && shared > most) {
                most = shared;
                best = place;
            }
        }
        if (most > 0) {
            take(i, best);
        }
    }
    return places;
}

} // namespace reviewd::config
