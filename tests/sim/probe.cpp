#include "daemon/simulation/simulation.hpp"
#include <fmt/format.h>
#include <cstdlib>
using namespace reviewd;
using namespace std::chrono_literals;
int main(int argc, char** argv) {
    const std::uint64_t first = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1;
    const int count = argc > 2 ? std::atoi(argv[2]) : 1;
    simulation::Plan plan;
    plan.from = Date{2026y / 1 / 5};
    plan.days = argc > 3 ? std::atoi(argv[3]) : 365;
    plan.accounts = argc > 4 ? std::atoi(argv[4]) : 60;
    const bool no_faults = argc > 5 && std::string{argv[5]} == "calm";
    if (no_faults) plan.possible_faults.reset();
    plan.kept_trace_lines = argc > 6 ? std::strtoull(argv[6], nullptr, 10) : 0;
    int bad = 0;
    for (std::uint64_t seed = first; seed < first + static_cast<std::uint64_t>(count); ++seed) {
        plan.seed = seed;
        const auto report = simulation::simulate(plan);
        for (const auto& line : report.trace) fmt::print("{}\n", line);
        if (report.violation) {
            ++bad;
            const auto& v = *report.violation;
            fmt::print("seed {} {} {}: expected {}\n   found {}\n", seed, to_string(v.at), v.invariant, v.expected, v.found);
        }
        if (count == 1) {
            fmt::print("hash {:x} events {}\n", report.trace_hash, report.events);
            for (auto& [k, n] : report.happened) fmt::print("{}: {}\n", k, n);
            for (auto& [k, n] : report.checked) fmt::print("checked {}: {}\n", k, n);
            for (auto f : report.faults) fmt::print("{} ", simulation::name(f));
            fmt::print("\n");
        }
    }
    fmt::print("{} of {} with violations\n", bad, count);
}
