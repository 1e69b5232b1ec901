// Bugs that simulated years have found, as scripts that need no luck. Those that need no failing
// disk stand with the tests of their part.
#include "daemon/simulation/company.hpp"
#include "daemon/simulation/machine.hpp"
#include "daemon/simulation/plan.hpp"
#include "daemon/store/reviews.hpp"
#include "tests/support/catch.hpp"

namespace reviewd::test::test_scenarios {

using namespace reviewd;
using namespace std::chrono_literals;
using simulation::Disk;
using simulation::Machine;

namespace {

const TimePoint noon = TimePoint{Date{2027y / 12 / 1}.time_since_epoch()} + 12h;
constexpr int never = -1;

#ifdef __SANITIZE_ADDRESS__
constexpr int stride = 4; ///< sanitizers take time
#else
constexpr int stride = 1;
#endif

/// Ticks until nothing is left to do; in one of the ticks the disk has no room.
/// @returns how many ticks that took
int work(Machine& machine, int full_tick) {
    constexpr int most_ticks = 2000;
    for (int tick = 0; tick < most_ticks; ++tick) {
        machine.disk().set_room(tick == full_tick ? Disk::Room::none : Disk::Room::enough);
        try {
            const Result<service::Tick> done = machine.service().tick(noon);
            if (tick > full_tick && done.has_value() && (!done->wake || *done->wake > noon)) {
                return tick;
            }
        } catch (const Failure& failure) {
            INFO(failure.what());
            REQUIRE(tick == full_tick);
        }
    }
    FAIL("there is always something left to do");
    return most_ticks;
}

void write_sources(
    Machine& machine, const std::map<std::string, std::string>& texts, const std::string& accounts
) {
    for (const auto& [name, text] : texts) {
        machine.write_source(name, name == "accounts" ? &accounts : &text, noon);
    }
}

std::size_t open_reviews(Machine& machine) {
    return store::Reviews{machine.database()}.list({}).size();
}

} // namespace

// The mark that scores are to follow could not be written, and so nothing followed: the accounts
// that had come had no review until something else was imported.
TEST_CASE("a full disk in any step of an import leaves no account behind", "[sim][I1][F5]") {
    simulation::Plan plan;
    plan.accounts = 6;
    plan.from = Date{2027y / 12 / 1};
    plan.possible_faults.reset();
    const simulation::FaultPlan faults{plan.seed, plan.possible_faults, plan.certain_faults};
    int ticks = 1;
    int complete = 0;
    for (int full_tick = never; full_tick < ticks; full_tick += stride) {
        simulation::Company company{plan, faults};
        company.publish(noon);
        const auto texts = simulation::source_texts(company.published());
        const std::string& all = texts.at("accounts");
        const std::string fewer = all.substr(0, all.find_last_of('\n', all.size() - 2) + 1);
        Machine machine{1};
        machine.write_configuration(company);
        write_sources(machine, texts, fewer);
        REQUIRE(machine.start(noon).has_value());
        work(machine, never);
        const std::size_t before = open_reviews(machine);
        REQUIRE(before > 0);
        write_sources(machine, texts, all);
        auto& importer = machine.service().importer();
        REQUIRE(importer.request({}, service::Importer::Mode::always).has_value());
        const int taken = work(machine, full_tick);
        ticks = full_tick == never ? taken : ticks;
        INFO("the disk was full in tick " << full_tick << " of " << ticks);
        CHECK(store::Reviews{machine.database()}.accounts_without_review({}, 10).empty());
        complete += open_reviews(machine) == before + 1 ? 1 : 0;
    }
    CHECK(complete > 1); // not every full disk breaks an import off
}

} // namespace reviewd::test::test_scenarios
