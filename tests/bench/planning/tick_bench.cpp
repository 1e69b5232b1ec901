// What one tick of the service costs with many open reviews: with nothing due, and on a morning on
// which thousands of reminders come up. Times are those of the processor (user and system), because
// other work on the machine does not count; the wall's clock stands beside them.
//
// Usage: tick_bench [ACCOUNTS] [DIRECTORY]   (1000000; a temporary one, removed at the end)
#include "config/loader/configuration.hpp"
#include "daemon/service/service.hpp"
#include "daemon/store/database.hpp"
#include "daemon/store/instance_lock.hpp"
#include "daemon/store/outbox.hpp"
#include "daemon/store/outbox_health.hpp"
#include "scoring/base/diagnostic.hpp"
#include "tests/unit/service/run_until_idle.hpp"

#include <fmt/core.h>

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

using namespace reviewd;
using namespace std::chrono_literals;

namespace {

constexpr int accounts_per_owner = 2000;
const Date friday{2026y / 11 / 20};

constexpr auto settings = R"(---
company: { name: Bench, zone: Europe/London, language: en, currency: EUR }
data_directory: data
rules: { directory: rules }
sources:
  people: { file: people.csv, every: 7 days }
  accounts: { file: accounts.csv, every: 7 days }
channels:
  desk: { type: file, path: reminders.jsonl }
people:
  defaults: { channels: [desk], remind_at: 07:30, capacity_per_day: 15, capacity_per_week: 60 }
...
)";

constexpr auto rules_text = R"(---
facts:
  budget: { type: money, from: accounts.budget }
rules:
  - id: rich
    when: budget > 95000
    points: 45
  - id: some-budget
    when: budget > 70000 && budget <= 95000
    points: 20
score: { base: 20, min: 0, max: 100 }
levels:
  high: { from: 60, not_before: 2 weeks, review_every: 1 month, at_latest: 6 weeks }
  medium: { from: 35, not_before: 2 months, review_every: 4 months, at_latest: 6 months }
  low: { from: 0, not_before: 9 months, review_every: 11 months, at_latest: 12 months }
...
)";

struct Spent {
    double processor_ms = 0;
    double wall_ms = 0;
};

class Stopwatch {
public:
    [[nodiscard]] Spent spent() const {
        const std::chrono::duration<double, std::milli> wall =
            std::chrono::steady_clock::now() - start_;
        return {processor_ms() - begun_, wall.count()};
    }

private:
    static double processor_ms() {
        timespec time{};
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
        return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) * 1e-6;
    }
    double begun_ = processor_ms();
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

void write_file(const std::filesystem::path& path, const std::string& text) {
    std::filesystem::create_directories(path.parent_path());
    std::ofstream{path, std::ios::binary} << text;
}

void write_files(const std::filesystem::path& directory, int accounts) {
    write_file(directory / "reviewd.yaml", settings);
    write_file(directory / "rules" / "scoring.yaml", rules_text);
    write_file(
        directory / "agenda.yaml",
        "---\ninvitation: { en: \"May we come by?\" }\nquestions:\n  - id: needs\n    topic: needs\n"
        "    text: { en: \"What else should it do for you?\" }\n...\n"
    );
    const int owners = std::max(1, accounts / accounts_per_owner);
    std::string people = "key,name,email,manager\n";
    for (int i = 0; i < owners; ++i) {
        people += fmt::format("p{0},Owner {0},p{0}@example.test,\n", i);
    }
    write_file(directory / "data" / "people.csv", people);
    std::string rows = "key,name,owner,budget\n";
    std::uint64_t state = 1;
    for (int i = 0; i < accounts; ++i) {
        state = state * 6364136223846793005U + 1442695040888963407U;
        rows += fmt::format("a{0},Account {0},p{1},{2}\n", i, i % owners, (state >> 33) % 100'000);
    }
    write_file(directory / "data" / "accounts.csv", rows);
}

config::Configuration load(const std::filesystem::path& directory) {
    config::LoadOptions options;
    options.state_directory = (directory / "state").string();
    options.control_socket = (directory / "control.sock").string();
    config::LoadedConfiguration loaded =
        config::load_configuration((directory / "reviewd.yaml").string(), options);
    if (!loaded.configuration) {
        fmt::print(stderr, "{}", render(loaded.diagnostics));
        std::exit(1);
    }
    return std::move(*loaded.configuration);
}

int peak_mib() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return static_cast<int>(usage.ru_maxrss / 1024);
}

TimePoint at(Date day, std::chrono::minutes time) {
    return TimePoint{day.time_since_epoch()} + time;
}

void measure_idle(service::Service& service, TimePoint now) {
    std::vector<double> times;
    for (int i = 0; i < 2000; ++i) {
        const Stopwatch watch;
        if (!service.tick(now + i * 1ms).has_value()) {
            std::exit(1);
        }
        times.push_back(watch.spent().processor_ms * 1e3);
    }
    std::sort(times.begin(), times.end());
    fmt::print(
        "a tick with nothing due: {:.1f} µs (99 % below {:.1f})\n",
        times[times.size() / 2],
        times[times.size() * 99 / 100]
    );
}

std::size_t planned(store::Database& database) {
    std::size_t found = 0;
    for (const store::DeliveryCount& count : store::count_deliveries(database)) {
        found += count.state == store::DeliveryState::planned
                     ? static_cast<std::size_t>(count.deliveries)
                     : 0;
    }
    return found;
}

/// The morning of `day`: the day's work before it, the reminders, and the messages made of them.
void measure_morning(service::Service& service, store::Database& database, Date day) {
    const Stopwatch night;
    static_cast<void>(test::run_until_idle(service, at(day, 1min)));
    fmt::print(
        "{}: the new day {:.0f} ms of processor, ", to_string(day), night.spent().processor_ms
    );
    const TimePoint morning = at(day, 7h + 30min);
    double slowest = 0;
    Spent total;
    std::size_t messages = planned(database);
    const std::size_t begun = messages;
    for (;;) {
        const Stopwatch watch;
        const auto tick = service.tick(morning);
        const Spent spent = watch.spent();
        if (!tick.has_value()) {
            std::exit(1);
        }
        const std::size_t now = planned(database);
        if (now < messages || !tick->wake || *tick->wake > morning) {
            break; // the messages are written now, no reminders any more
        }
        messages = now;
        slowest = std::max(slowest, spent.wall_ms);
        total.processor_ms += spent.processor_ms;
        total.wall_ms += spent.wall_ms;
    }
    std::int64_t reminders = 0;
    for (const store::Delivery& one : store::Outbox{database}.list({.limit = 1'000'000})) {
        if (one.not_before >= morning) {
            reminders +=
                static_cast<std::int64_t>(store::Outbox{database}.reminders(one.id).size());
        }
    }
    fmt::print(
        "{} reminders in {} messages planned in {:.0f} ms of processor, {:.0f} on the wall; the "
        "slowest tick {:.0f} ms\n",
        reminders,
        messages - begun,
        total.processor_ms,
        total.wall_ms,
        slowest
    );
    const Stopwatch writing;
    static_cast<void>(test::run_until_idle(service, morning));
    fmt::print(
        "  their messages written in {:.0f} ms of processor\n", writing.spent().processor_ms
    );
}

} // namespace

int main(int count, char** words) {
    const int accounts = count > 1 ? std::stoi(words[1]) : 1'000'000;
    const bool is_kept = count > 2;
    const std::filesystem::path directory =
        is_kept ? std::filesystem::path{words[2]}
                : std::filesystem::temp_directory_path() / "reviewd-tick-bench";
    const bool is_new = !std::filesystem::exists(directory / "state" / "reviewd.db");
    if (is_new) {
        write_files(directory, accounts);
    }
    config::Configuration configuration = load(directory);
    std::filesystem::create_directories(directory / "state");
    const auto lock = store::InstanceLock::acquire(directory / "state").value();
    const auto database = store::Database::open(lock).value();
    service::Service service{*database, std::move(configuration), {}};
    Stopwatch watch;
    const TimePoint noon = at(friday, 12h);
    if (!service.start(noon).has_value() || !test::run_until_idle(service, noon).has_value()) {
        return 1;
    }
    fmt::print(
        "{} accounts read, scored, planned: {:.1f} s of processor, {:.1f} s on the wall, {} MiB\n",
        accounts,
        watch.spent().processor_ms / 1e3,
        watch.spent().wall_ms / 1e3,
        peak_mib()
    );
    measure_idle(service, noon + 1min);
    for (const int later : {3, 4, 5}) {
        measure_morning(service, *database, friday + std::chrono::days{later});
    }
    measure_idle(service, at(friday + std::chrono::days{5}, 12h));
    if (!is_kept) {
        std::filesystem::remove_all(directory);
    }
    return 0;
}
