#include "daemon/runtime/clock.hpp"
#include "tests/support/catch.hpp"

using namespace reviewd;
using namespace std::chrono_literals;

namespace {

class HandClock final : public Clock {
public:
    [[nodiscard]] TimePoint now() const override { return time; }
    [[nodiscard]] std::chrono::milliseconds since_boot() const override { return 5s; }

    TimePoint time{1'700'000'000'000ms};
};

} // namespace

TEST_CASE(
    "a shifted clock starts at the given moment and goes on at the base's pace", "[runtime]"
) {
    HandClock base;
    const TimePoint start = TimePoint{std::chrono::sys_days{2018y / 1 / 2}} + 11h;
    const runtime::ShiftedClock shifted{base, start};
    CHECK(shifted.now() == start);
    base.time += 90min;
    CHECK(shifted.now() == start + 90min);
    CHECK(shifted.since_boot() == 5s);
}

TEST_CASE("the system's clocks do not run backwards between two reads", "[runtime]") {
    const runtime::SystemClock clock;
    const auto first = clock.since_boot();
    CHECK(first > 0ms);
    CHECK(clock.since_boot() >= first);
    CHECK(clock.now() > TimePoint{1'700'000'000'000ms});
}
