#include "daemon/runtime/clock.hpp"
#include "tests/support/catch.hpp"

namespace reviewd::test::test_clock {

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
    const TimePoint start = TimePoint{1'514'890'800'000ms};
    const runtime::ShiftedClock shifted{base, start};
    CHECK(shifted.now() == start);
    base.time += 90min;
    CHECK(shifted.now() == start + 90min);
    CHECK(shifted.since_boot() == 5s);
}

TEST_CASE("a second run of a day goes on where the first one stopped", "[runtime]") {
    HandClock base;
    const TimePoint noon{1'514'890'800'000ms};
    runtime::ShiftedClock shifted{base, noon};
    shifted.go_on_from(noon + 5s);
    CHECK(shifted.now() == noon + 5s);
    shifted.go_on_from(noon - 1h); // behind already
    CHECK(shifted.now() == noon + 5s);
    shifted.go_on_from(noon + 48h); // a later day is refused elsewhere, not jumped to
    CHECK(shifted.now() == noon + 5s);
}

TEST_CASE("the system's clocks do not run backwards between two reads", "[runtime]") {
    const runtime::SystemClock clock;
    const auto first = clock.since_boot();
    CHECK(first > 0ms);
    CHECK(clock.since_boot() >= first);
    CHECK(clock.now() > TimePoint{1'700'000'000'000ms});
}

} // namespace reviewd::test::test_clock
