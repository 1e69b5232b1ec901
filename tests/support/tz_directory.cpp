#include "tests/support/tz_directory.hpp"

#include <cstdlib>

namespace reviewd::test {
namespace {

constexpr auto variable = "TZDIR";

std::filesystem::path system_zones() {
    return "/usr/share/zoneinfo";
}

} // namespace

TzDirectory::TzDirectory(std::initializer_list<std::string> zones) {
    for (const std::string& zone : zones) {
        update(zone, zone);
    }
    const char* const set = std::getenv(variable); // NOLINT(concurrency-mt-unsafe)
    before_ = set == nullptr ? "" : set;
    ::setenv(variable, directory_.path().c_str(), 1); // NOLINT(concurrency-mt-unsafe)
}

TzDirectory::~TzDirectory() {
    if (before_.empty()) {
        ::unsetenv(variable); // NOLINT(concurrency-mt-unsafe)
    } else {
        ::setenv(variable, before_.c_str(), 1); // NOLINT(concurrency-mt-unsafe)
    }
}

void TzDirectory::update(const std::string& zone, const std::string& other) const {
    const std::filesystem::path file = directory_.path() / zone;
    std::filesystem::create_directories(file.parent_path());
    // As a package does it: the new file takes the old one's name.
    const std::filesystem::path fresh = file.string() + ".new";
    std::filesystem::copy_file(system_zones() / other, fresh);
    std::filesystem::rename(fresh, file);
}

void TzDirectory::remove(const std::string& zone) const {
    std::filesystem::remove(directory_.path() / zone);
}

} // namespace reviewd::test
