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
    const TimePoint start = runtime::noon(Date{2018y / 1 / 2}, "Europe/Berlin").value();
    const runtime::ShiftedClock shifted{base, start};
    CHECK(shifted.now() == start);
    base.time += 90min;
    CHECK(shifted.now() == start + 90min);
    CHECK(shifted.since_boot() == 5s);
}

TEST_CASE("noon is noon of the zone, in summer and in winter", "[runtime]") {
    CHECK(
        to_string(runtime::noon(Date{2018y / 1 / 2}, "Europe/Berlin").value())
        == "2018-01-02T11:00:00.000Z"
    );
    CHECK(
        to_string(runtime::noon(Date{2018y / 7 / 2}, "Europe/Berlin").value())
        == "2018-07-02T10:00:00.000Z"
    );
    CHECK(
        to_string(runtime::noon(Date{2018y / 7 / 2}, "Asia/Kolkata").value())
        == "2018-07-02T06:30:00.000Z"
    );
}

TEST_CASE("an unknown zone is an error that names it", "[runtime]") {
    const Result<TimePoint> time = runtime::noon(Date{2018y / 1 / 2}, "Europe/Berlín");
    REQUIRE(time.has_error());
    CHECK(time.error().code == ErrorCode::bad_config);
    REVIEWD_CHECK_CONTAINS(time.error().message, "Europe/Berlín");
}

TEST_CASE("the system's clocks do not run backwards between two reads", "[runtime]") {
    const runtime::SystemClock clock;
    const auto first = clock.since_boot();
    CHECK(first > 0ms);
    CHECK(clock.since_boot() >= first);
    CHECK(clock.now() > TimePoint{1'700'000'000'000ms});
}
