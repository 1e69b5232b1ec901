// Every zone of the installed database against the C library: transitions come from zdump, local
// times from localtime_r, neither of which shares code with the library that Zone stands on.
#include "daemon/review/zone.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/temporary_directory.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <map>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace reviewd::test::test_all_zones {

using namespace reviewd;
using namespace std::chrono_literals;
using std::chrono::days;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

#ifdef __SANITIZE_ADDRESS__
constexpr std::size_t share = 12; ///< one zone of so many: sanitizers take time
#else
constexpr std::size_t share = 1;
#endif

/// Zones and their other names, out of the database's own list.
std::vector<std::string> zone_names() {
    std::ifstream file{"/usr/share/zoneinfo/tzdata.zi"};
    std::set<std::string> names;
    for (std::string line; std::getline(file, line);) {
        std::istringstream words{line};
        std::string kind;
        std::string first;
        std::string second;
        words >> kind >> first >> second;
        if (kind == "Z") {
            names.insert(first);
        } else if (kind == "L") {
            names.insert(second);
        }
    }
    return {names.begin(), names.end()};
}

/// Runs a program of the path, without a shell; what it prints goes into the file.
void run_into(const std::string& file, std::vector<std::string> words) {
    std::vector<char*> arguments;
    for (std::string& word : words) {
        arguments.push_back(word.data());
    }
    arguments.push_back(nullptr);
    posix_spawn_file_actions_t actions{};
    REQUIRE(posix_spawn_file_actions_init(&actions) == 0);
    const int opened = posix_spawn_file_actions_addopen(
        &actions, STDOUT_FILENO, file.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600
    );
    pid_t child = 0;
    const int spawned =
        posix_spawnp(&child, arguments[0], &actions, nullptr, arguments.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    REQUIRE(opened == 0);
    REQUIRE(spawned == 0);
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    REQUIRE(status == 0);
}

/// Moments at which the zone's clock changes, from 1973 to 2037, as zdump prints them:
/// "Zone  Sun Mar 29 01:00:00 2026 UT = Sun Mar 29 02:00:00 2026 BST isdst=1 gmtoff=3600".
std::vector<TimePoint> transitions(const std::string& zone) {
    const test::TemporaryDirectory directory;
    const std::string printed = directory.path() / "zdump";
    run_into(printed, {"zdump", "-v", "-c", "1973,2038", zone});
    std::ifstream lines{printed};
    std::set<TimePoint> found;
    for (std::string line; std::getline(lines, line);) {
        std::tm time{};
        const char* text = line.c_str() + std::min(zone.size(), line.size());
        if (strptime(text, " %a %b %d %H:%M:%S %Y UT", &time) != nullptr && time.tm_year >= 73) {
            // The second before a change is printed, too: rounding up joins the two.
            const TimePoint moment{seconds{timegm(&time)}};
            found.insert(std::chrono::ceil<minutes>(moment));
        }
    }
    return {found.begin(), found.end()};
}

/// What a clock on the wall shows, by the C library.
struct Shown {
    Date day{};
    minutes clock{};
    friend auto operator<=>(const Shown&, const Shown&) = default;
};

Shown shown_at(TimePoint moment) {
    const std::time_t time = std::chrono::floor<seconds>(moment.time_since_epoch()).count();
    std::tm local{};
    localtime_r(&time, &local);
    const std::chrono::year_month_day day{
        std::chrono::year{local.tm_year + 1900},
        std::chrono::month{static_cast<unsigned>(local.tm_mon) + 1},
        std::chrono::day{static_cast<unsigned>(local.tm_mday)}};
    return {
        std::chrono::local_days{day}, std::chrono::hours{local.tm_hour} + minutes{local.tm_min}};
}

/// The rule of the documentation, by search: the first moment that shows the wanted time; if none
/// does, the time is shifted by the gap, that is, counted with the offset before it.
TimePoint expected_moment(Date day, minutes clock, const std::vector<TimePoint>& changes) {
    const TimePoint as_utc{std::chrono::sys_days{day.time_since_epoch()} + clock};
    const Shown wanted{day, clock};
    std::optional<TimePoint> first;
    const auto offset_at = [](TimePoint moment) {
        const Shown shown = shown_at(moment);
        const TimePoint read{std::chrono::sys_days{shown.day.time_since_epoch()} + shown.clock};
        return read - std::chrono::floor<minutes>(moment);
    };
    std::set<std::chrono::milliseconds> offsets{offset_at(as_utc - 26h), offset_at(as_utc + 26h)};
    for (const TimePoint change : changes) {
        if (change > as_utc - 28h && change < as_utc + 28h) {
            offsets.insert(offset_at(change - 1min));
            offsets.insert(offset_at(change));
        }
    }
    for (const auto offset : offsets) {
        const TimePoint candidate = as_utc - offset;
        if (shown_at(candidate) == wanted) {
            first = std::min(first.value_or(candidate), candidate);
        }
    }
    if (first) {
        return *first;
    }
    for (const TimePoint change : changes) {
        const TimePoint by_former = as_utc - offset_at(change - 1min);
        if (by_former >= change && as_utc - offset_at(change) < change) {
            return by_former;
        }
    }
    return {};
}

TimePoint expected_start(Date day, const std::vector<TimePoint>& changes) {
    const TimePoint midnight = expected_moment(day, 0min, changes);
    if (shown_at(midnight) == Shown{day, 0min}) {
        return midnight;
    }
    // Without a midnight the day begins where the gap ends.
    for (const TimePoint change : changes) {
        if (change <= midnight && midnight - change < 26h && shown_at(change).day >= day
            && shown_at(change - 1min).day < day) {
            return change;
        }
    }
    return {};
}

struct Counts {
    int zones = 0;
    int transitions = 0;
    int gaps = 0;
    int overlaps = 0;
    int midnights = 0;
};

void check_transition(
    const review::Zone& zone,
    TimePoint change,
    const std::vector<TimePoint>& changes,
    Counts& counts
) {
    ++counts.transitions;
    const Shown before = shown_at(change - 1min);
    const Shown after = shown_at(change);
    for (const TimePoint moment : {change - 1min, change, change + 1min}) {
        const Shown shown = shown_at(moment);
        REQUIRE(zone.civil_day(moment) == shown.day);
        REQUIRE(zone.local_time(moment) == shown.clock);
    }
    const auto check = [&](Date day, minutes clock) {
        INFO(to_string(day) << " " << clock.count() / 60 << ":" << clock.count() % 60);
        REQUIRE(zone.moment(day, clock) == expected_moment(day, clock, changes));
    };
    // Around the change, in the gap or the overlap, and at both of its ends.
    const minutes last = before.clock + 1min;
    const bool is_gap = after > Shown{before.day, last % minutes{days{1}}}
                        && (after.day > before.day || after.clock > last);
    counts.gaps += is_gap ? 1 : 0;
    counts.overlaps += after < before ? 1 : 0;
    for (const Shown& at : {before, after}) {
        check(at.day, at.clock);
        check(at.day, (at.clock + 29min) % minutes{days{1}});
        check(at.day, std::max(at.clock - 31min, 0min));
    }
    for (const Date day : {before.day, before.day + days{1}, after.day}) {
        const TimePoint start = zone.start_of(day);
        REQUIRE(start == expected_start(day, changes));
        counts.midnights += shown_at(start).clock != 0min ? 1 : 0;
    }
}

} // namespace

TEST_CASE(
    "every change of every zone's clock until 2037 is as the C library has it",
    "[review][zone][F14][F15][F16]"
) {
    const char* const former = std::getenv("TZ"); // NOLINT(concurrency-mt-unsafe)
    const std::vector<std::string> names = zone_names();
    REQUIRE(names.size() > 300);
    Counts counts;
    for (std::size_t i = 0; i < names.size(); i += share) {
        INFO(names[i]);
        const Result<review::Zone> zone = review::Zone::load(names[i]);
        REQUIRE(zone.has_value());
        setenv("TZ", (":" + names[i]).c_str(), 1); // NOLINT(concurrency-mt-unsafe)
        tzset();
        const std::vector<TimePoint> changes = transitions(names[i]);
        ++counts.zones;
        for (const TimePoint change : changes) {
            check_transition(*zone, change, changes, counts);
        }
        // 29 February exists where the year has one, whatever the zone.
        for (const int year : {2028, 2032, 2036}) {
            const Date leap{std::chrono::local_days{std::chrono::year{year} / 2 / 29}};
            REQUIRE(zone->moment(leap, 9h) == expected_moment(leap, 9h, changes));
            REQUIRE(zone->civil_day(zone->start_of(leap)) == leap);
        }
    }
    if (former == nullptr) {
        unsetenv("TZ"); // NOLINT(concurrency-mt-unsafe)
    } else {
        setenv("TZ", former, 1); // NOLINT(concurrency-mt-unsafe)
    }
    tzset();
    if (share == 1) {
        CHECK(counts.transitions > 20'000);
        CHECK(counts.gaps > 8'000);
        CHECK(counts.overlaps > 8'000);
        CHECK(counts.midnights > 200);
    }
}

} // namespace reviewd::test::test_all_zones
