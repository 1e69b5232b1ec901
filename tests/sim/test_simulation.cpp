// The daemon's core through simulated days, one seed after the other. A seed that fails says how to
// replay it; longer runs are for `reviewctl simulate` and tests/sim/simulate_seeds.
#include "daemon/simulation/simulation.hpp"
#include "tests/support/catch.hpp"

#include <sqlite3.h>

#include <filesystem>
#include <iterator>
#include <map>

using namespace reviewd;
using namespace std::chrono_literals;

namespace {

simulation::Plan short_plan(std::uint64_t seed) {
    simulation::Plan plan;
    plan.seed = seed;
    // Somewhere in the year: holidays, ends of months and changes of daylight saving come up.
    plan.from = Date{2027y / 12 / 1} + std::chrono::days{seed * 29 % 366};
    plan.days = 12;
    plan.quiet_days = 3;
    plan.accounts = 10;
    plan.kept_trace_lines = 30;
    return plan;
}

std::string last_events(const simulation::Report& report) {
    std::string text;
    for (const std::string& line : report.trace) {
        text += "\n    " + line;
    }
    return text;
}

void keep_promises(std::uint64_t first, std::uint64_t last) {
    for (std::uint64_t seed = first; seed <= last; ++seed) {
        const simulation::Report report = simulation::simulate(short_plan(seed));
        if (report.violation) {
            FAIL_CHECK(
                "seed " << seed << " breaks " << report.violation->invariant << " on "
                        << to_string(report.violation->at) << "\n  expected "
                        << report.violation->expected << "\n  found    " << report.violation->found
                        << "\n  the last events:" << last_events(report)
            );
        }
        CHECK(report.events > 5);
    }
}

std::ptrdiff_t open_descriptors() {
    return std::distance(std::filesystem::directory_iterator{"/proc/self/fd"}, {});
}

} // namespace

// In parts, so that several cores share them.
TEST_CASE("seeds 1 to 25 keep every promise", "[sim][I1][I3][I4][I5][I11][I12][I14]") {
    keep_promises(1, 25);
}

TEST_CASE("seeds 26 to 50 keep every promise", "[sim][I17][I19]") {
    keep_promises(26, 50);
}

TEST_CASE("seeds 51 to 75 keep every promise", "[sim][I2][I6][I8][I9][I10]") {
    keep_promises(51, 75);
}

TEST_CASE("seeds 76 to 100 keep every promise", "[sim][I13][I15][I16][I18][I22]") {
    keep_promises(76, 100);
}

TEST_CASE(
    "leave, handovers and merges keep every promise, over crashes too", "[sim][I1][I14][I17][I22]"
) {
    std::map<std::string, std::int64_t> happened;
    // As the first run leaves them, which makes what is made once for ever.
    std::int64_t memory = 0;
    std::ptrdiff_t descriptors = 0;
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
        simulation::Plan plan = short_plan(seed);
        plan.days = 80;
        plan.accounts = 12;
        plan.possible_faults.reset();
        for (const simulation::Fault fault :
             {simulation::Fault::leave,
              simulation::Fault::handover,
              simulation::Fault::merges,
              simulation::Fault::process_crash,
              simulation::Fault::power_loss}) {
            plan.certain_faults.set(static_cast<std::size_t>(fault));
        }
        const simulation::Report report = simulation::simulate(plan);
        if (report.violation) {
            FAIL_CHECK(
                "seed " << seed << " breaks " << report.violation->invariant << "\n  expected "
                        << report.violation->expected << "\n  found    " << report.violation->found
                        << last_events(report)
            );
        }
        for (const auto& [what, count] : report.happened) {
            happened[what] += count;
        }
        memory = seed == 1 ? sqlite3_memory_used() : memory;
        descriptors = seed == 1 ? open_descriptors() : descriptors;
        CHECK(sqlite3_memory_used() <= memory);
        CHECK(open_descriptors() == descriptors);
    }
    CHECK(happened["leaves taken"] > 0);
    CHECK(happened["leaves ended"] > 0);
    CHECK(happened["reviews handed over"] > 0);
    CHECK(happened["reviews of portfolios handed over"] > 0);
    CHECK(happened["reviews merged"] > 0);
    CHECK(happened["crashes at a write"] > 0);
}

TEST_CASE("two runs of a seed are the same", "[sim][determinism][I21]") {
    for (const std::uint64_t seed : {3U, 14U, 15U}) {
        const simulation::Report first = simulation::simulate(short_plan(seed));
        const simulation::Report second = simulation::simulate(short_plan(seed));
        CHECK(first.events == second.events);
        CHECK(first.trace_hash == second.trace_hash);
        CHECK(first.happened == second.happened);
    }
}

TEST_CASE("the whole database is looked through at growing intervals", "[sim][I19]") {
    simulation::Plan plan = short_plan(4);
    plan.days = 150;
    plan.possible_faults.reset();
    plan.certain_faults.set(static_cast<std::size_t>(simulation::Fault::process_crash));
    const auto looks = [](const simulation::Report& report) {
        REQUIRE_FALSE(report.violation);
        // One look at the end, and after each start one at the settings.
        return report.checked.at("I19") - 1 - report.happened.at("starts");
    };
    const simulation::Report usual = simulation::simulate(plan);
    plan.file_checks = simulation::Plan::FileChecks::every_crash;
    const simulation::Report replay = simulation::simulate(plan);
    REQUIRE(usual.happened.at("starts") > 12);
    CHECK(looks(replay) == replay.happened.at("starts"));
    CHECK(looks(usual) >= 8);
    CHECK(looks(usual) < usual.happened.at("starts"));
}

TEST_CASE("another seed is another run", "[sim][determinism]") {
    CHECK(
        simulation::simulate(short_plan(1)).trace_hash
        != simulation::simulate(short_plan(2)).trace_hash
    );
}

TEST_CASE("without faults nothing fails and nothing crashes", "[sim]") {
    simulation::Plan plan = short_plan(8);
    plan.days = 60;
    plan.possible_faults.reset();
    const simulation::Report report = simulation::simulate(plan);
    CHECK_FALSE(report.violation.has_value());
    CHECK(report.happened.at("starts") == 1);
    CHECK(report.happened.at("attempts to deliver") == report.happened.at("messages accepted"));
    CHECK(report.happened.at("reviews done") > 3);
}
