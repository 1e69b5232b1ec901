// Many seeds in a row, for nightly runs and for the mutants: stops at the first violation unless
// told otherwise, and says how to replay it.
#include "daemon/simulation/simulation.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <iostream>

using namespace reviewd;
using namespace std::chrono_literals;

int main(int count, char** arguments) {
    simulation::Plan plan;
    plan.from = Date{2026y / 1 / 5};
    std::uint64_t seed = 1;
    std::uint64_t seeds = 100;
    bool goes_on = false;
    bool is_calm = false;
    CLI::App app{"runs seeds one after the other", "simulate_seeds"};
    app.add_option("--seed", seed, "the first one");
    app.add_option("--seeds", seeds, "how many");
    app.add_option("--days", plan.days, "of each run, without the 30 quiet ones");
    app.add_option("--accounts", plan.accounts, "of the company");
    app.add_option("--trace", plan.kept_trace_lines, "how many of the last events to print");
    app.add_flag("--go-on", goes_on, "also after a violation");
    app.add_flag("--calm", is_calm, "without faults");
    CLI11_PARSE(app, count, arguments);
    if (is_calm) {
        plan.possible_faults.reset();
    }
    std::uint64_t violations = 0;
    std::uint64_t done = 0;
    for (plan.seed = seed; plan.seed < seed + seeds; ++plan.seed) {
        const simulation::Report report = simulation::simulate(plan);
        ++done;
        if (seeds == 1) {
            for (const std::string& line : report.trace) {
                fmt::print("{}\n", line);
            }
            for (const auto& [what, times] : report.happened) {
                fmt::print("{}: {}\n", what, times);
            }
            for (const auto& [what, times] : report.checked) {
                fmt::print("checked {}: {}\n", what, times);
            }
            fmt::print("{} events, {:016x}\n", report.events, report.trace_hash);
        }
        if (report.violation) {
            ++violations;
            fmt::print(
                "seed {}, {}, {}\n  expected {}\n  found    {}\n",
                plan.seed,
                to_string(report.violation->at),
                report.violation->invariant,
                report.violation->expected,
                report.violation->found
            );
            if (!goes_on) {
                break;
            }
        }
        if (seeds >= 100 && done % 100 == 0) {
            std::cerr << fmt::format("{} of {} seeds, {} violations\n", done, seeds, violations);
        }
    }
    fmt::print("{} seeds, {} with a violation\n", done, violations);
    return violations == 0 ? 0 : 1;
}
