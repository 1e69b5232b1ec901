#include "config/loader/zone_names.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <system_error>
#include <tuple>
#include <utility>

namespace reviewd::config {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t longest_zone_name = 63;
constexpr std::string_view zone_directory = "/usr/share/zoneinfo";

bool is_zone_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '/'
           || c == '_' || c == '-' || c == '+';
}

/// The names in use, of a list of the tz database; the directory has old aliases, too.
std::set<std::string> names_in_use() {
    std::set<std::string> names;
    for (const char* const list : {"zone1970.tab", "zone.tab"}) {
        std::ifstream lines{fs::path{zone_directory} / list};
        for (std::string line; std::getline(lines, line);) {
            std::istringstream fields{line};
            std::string countries;
            std::string place;
            std::string name;
            if (line.rfind('#', 0) != 0 && fields >> countries >> place >> name) {
                names.insert(name);
            }
        }
    }
    return names;
}

} // namespace

bool is_installed_zone(std::string_view name) {
    if (name == "UTC") {
        return true;
    }
    const bool is_clean = !name.empty() && name.front() != '/' && name.size() <= longest_zone_name
                          && std::all_of(name.begin(), name.end(), is_zone_letter);
    std::error_code ignored;
    return is_clean && fs::is_regular_file(fs::path{zone_directory} / std::string{name}, ignored);
}

std::vector<std::string> installed_zones() {
    std::vector<std::string> zones;
    std::error_code problem;
    const fs::recursive_directory_iterator end;
    for (fs::recursive_directory_iterator at{zone_directory, problem}; !problem && at != end;
         at.increment(problem)) {
        std::string name = at->path().lexically_relative(zone_directory).string();
        // The names of zones begin with a capital; beside them are lists and, below `posix` and
        // `right`, the same zones again.
        if (name.front() < 'A' || name.front() > 'Z') {
            at.disable_recursion_pending();
        } else if (is_installed_zone(name)) {
            zones.push_back(std::move(name));
        }
    }
    const std::set<std::string> in_use = names_in_use();
    std::sort(zones.begin(), zones.end(), [&](const std::string& a, const std::string& b) {
        return std::tuple{in_use.count(a) == 0, a} < std::tuple{in_use.count(b) == 0, b};
    });
    return zones;
}

} // namespace reviewd::config
