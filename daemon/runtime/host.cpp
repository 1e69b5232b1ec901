#include "daemon/runtime/host.hpp"

#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <random>
#include <vector>

namespace reviewd::runtime {

std::string host_name() {
    std::array<char, 256> bytes{};
    if (::gethostname(bytes.data(), bytes.size() - 1) != 0) {
        return "localhost.invalid";
    }
    const std::string name{bytes.data()};
    const auto is_fit = [](char letter) {
        return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z')
               || (letter >= '0' && letter <= '9') || letter == '-' || letter == '.';
    };
    const bool is_good = !name.empty() && std::all_of(name.begin(), name.end(), is_fit)
                         && name.front() != '.' && name.back() != '.';
    return is_good ? name : "localhost.invalid";
}

std::string user_name(uid_t user) {
    constexpr std::size_t record_bytes = 16 * 1024;
    std::vector<char> bytes(record_bytes);
    passwd entry{};
    passwd* found = nullptr;
    const bool is_known =
        ::getpwuid_r(user, &entry, bytes.data(), bytes.size(), &found) == 0 && found != nullptr;
    return is_known ? found->pw_name : std::to_string(user);
}

std::uint64_t random_seed() {
    std::random_device device;
    return (std::uint64_t{device()} << 32U) | device();
}

std::string environment(const char* name) {
    const char* const value = std::getenv(name); // NOLINT(concurrency-mt-unsafe)
    return value == nullptr ? "" : value;
}

} // namespace reviewd::runtime
