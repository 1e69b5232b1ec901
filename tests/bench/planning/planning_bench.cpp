// How long plans take: one owner of 2,000 accounts, from nothing and after a change, and 1,000,000
// accounts of 500 owners from nothing on two threads. Times are those of the processor (user and
// system), because other work on the machine does not count; the wall's clock stands beside them.
//
// Usage: planning_bench [OWNERS]
#include "daemon/review/planner.hpp"

#include <fmt/core.h>

#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <ctime>
#include <string>
#include <thread>
#include <vector>

using namespace reviewd;
using namespace std::chrono_literals;
using review::PlanItem;
using review::PlanRequest;
using std::chrono::days;

namespace {

constexpr int accounts = 2'000;
const Date monday{2026y / 11 / 23};

struct Random {
    std::uint64_t state;
    int below(int bound) {
        state = state * 6364136223846793005U + 1442695040888963407U;
        return static_cast<int>((state >> 33) % static_cast<std::uint64_t>(bound));
    }
};

/// A level's share of the accounts and its cadence in days.
struct Level {
    int tier;
    int share; ///< of 20
    int not_before;
    int review_every;
    int at_latest;
};
constexpr Level levels[]{{2, 1, 14, 30, 42}, {1, 5, 61, 122, 182}, {0, 14, 274, 335, 365}};

PlanRequest empty_request(int per_week) {
    PlanRequest request;
    request.first_day = monday;
    request.frozen_until = monday + days{13};
    request.capacity = {(per_week + 3) / 4, per_week};
    request.calendar = review::Calendar{
        {}, {{monday + days{32}, monday + days{44}}, {monday + days{240}, monday + days{260}}}};
    return request;
}

void add(PlanRequest& request, const Level& level, review::Window window, int weight) {
    const auto working = [&](Date day) {
        return request.calendar.next_working(std::max(day, monday));
    };
    PlanItem item;
    item.review = ReviewId{static_cast<std::int64_t>(request.items.size()) + 1};
    item.tier = level.tier;
    item.weight = weight;
    item.window.earliest = working(window.earliest);
    item.window.target = working(std::max(window.target, window.earliest));
    item.window.latest = working(std::max(window.latest, window.target));
    request.items.push_back(item);
}

/// Nobody was ever reviewed: each level is spread over its cadence.
PlanRequest new_portfolio(Random& random, int per_week) {
    PlanRequest request = empty_request(per_week);
    for (const Level& level : levels) {
        const int count = accounts * level.share / 20;
        for (int i = 0; i < count; ++i) {
            const Date target = monday + days{i * level.review_every / count};
            add(request, level, {monday, target, monday + days{level.at_latest}}, random.below(999)
            );
        }
    }
    return request;
}

/// In the middle of its life: each was reviewed at some time within its cadence.
PlanRequest living_portfolio(Random& random, int per_week) {
    PlanRequest request = empty_request(per_week);
    for (const Level& level : levels) {
        for (int i = 0; i < accounts * level.share / 20; ++i) {
            const Date held = monday - days{random.below(level.review_every)};
            add(request,
                level,
                {held + days{level.not_before},
                 held + days{level.review_every},
                 held + days{level.at_latest}},
                random.below(999));
        }
    }
    return request;
}

double processor_ms(clockid_t clock) {
    timespec time{};
    clock_gettime(clock, &time);
    return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) * 1e-6;
}

std::string spread(std::vector<double> times) {
    std::sort(times.begin(), times.end());
    return fmt::format(
        "{:6.1f} ms (from {:.1f} to {:.1f})", times[times.size() / 2], times.front(), times.back()
    );
}

void measure_owner(const char* name, int per_week, PlanRequest (*make)(Random&, int)) {
    std::vector<double> first;
    std::vector<double> again;
    int late = 0;
    for (int round = 0; round < 7; ++round) {
        Random random{static_cast<std::uint64_t>(round) + 1};
        PlanRequest request = make(random, per_week);
        double begun = processor_ms(CLOCK_THREAD_CPUTIME_ID);
        const review::PlanResult plan = review::plan_owner(request);
        first.push_back(processor_ms(CLOCK_THREAD_CPUTIME_ID) - begun);
        late += plan.late_count;
        for (std::size_t i = 0; i < request.items.size(); ++i) {
            request.items[i].published = plan.placements[i].due;
        }
        // The change: an account rises to the highest level.
        PlanItem& raised = request.items[request.items.size() / 2];
        raised.tier = 2;
        raised.window = {monday + days{14}, monday + days{28}, monday + days{42}};
        begun = processor_ms(CLOCK_THREAD_CPUTIME_ID);
        (void)review::plan_owner(request);
        again.push_back(processor_ms(CLOCK_THREAD_CPUTIME_ID) - begun);
    }
    fmt::print(
        "{:<32} {:3} a week: from nothing {}, after a change {}, late on average {}\n",
        name,
        per_week,
        spread(first),
        spread(again),
        late / 7
    );
}

void measure_all(int owners) {
    const double begun = processor_ms(CLOCK_PROCESS_CPUTIME_ID);
    const auto start = std::chrono::steady_clock::now();
    std::atomic<int> next{0};
    std::atomic<std::int64_t> late{0};
    const auto work = [&] {
        for (int owner = next++; owner < owners; owner = next++) {
            Random random{static_cast<std::uint64_t>(owner) + 1};
            late += review::plan_owner(new_portfolio(random, 45)).late_count;
        }
    };
    std::thread other{work};
    work();
    other.join();
    const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - start;
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    fmt::print(
        "{} accounts of {} owners, two threads: {:.1f} s of processor, {:.1f} s on the wall, "
        "{} late, {} MiB at most\n",
        owners * accounts,
        owners,
        (processor_ms(CLOCK_PROCESS_CPUTIME_ID) - begun) / 1e3,
        wall.count(),
        late.load(),
        usage.ru_maxrss / 1024
    );
}

} // namespace

int main(int count, char** words) {
    for (const int per_week : {60, 50, 40, 12}) {
        measure_owner("2,000 accounts, new", per_week, &new_portfolio);
        measure_owner("2,000 accounts, living", per_week, &living_portfolio);
    }
    measure_all(count > 1 ? std::stoi(words[1]) : 500);
    return 0;
}
