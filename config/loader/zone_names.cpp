#include "config/loader/zone_names.hpp"

#include <algorithm>
#include <filesystem>
#include <string>
#include <system_error>

namespace reviewd::config {
namespace {

constexpr std::size_t longest_zone_name = 63;

bool is_zone_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '/'
           || c == '_' || c == '-' || c == '+';
}

} // namespace

bool is_installed_zone(std::string_view name) {
    if (name == "UTC") {
        return true;
    }
    const bool is_clean = !name.empty() && name.front() != '/' && name.size() <= longest_zone_name
                          && std::all_of(name.begin(), name.end(), is_zone_letter);
    std::error_code ignored;
    return is_clean
           && std::filesystem::is_regular_file(
               std::filesystem::path{"/usr/share/zoneinfo"} / std::string{name}, ignored
           );
}

} // namespace reviewd::config
