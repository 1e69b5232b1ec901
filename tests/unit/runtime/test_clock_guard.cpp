#include "daemon/runtime/clock_guard.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/temporary_directory.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <array>
#include <filesystem>

namespace reviewd::test::test_clock_guard {

using namespace reviewd;
using runtime::ClockGuard;
using std::chrono::hours;
using std::chrono::minutes;

namespace {

constexpr TimePoint noon =
    TimePoint{std::chrono::sys_days{std::chrono::year{2026} / 11 / 20}} + hours{12};

/// A clock whose wall and boot time a test moves.
class HandClock final : public Clock {
public:
    [[nodiscard]] TimePoint now() const override { return wall; }
    [[nodiscard]] std::chrono::milliseconds since_boot() const override { return boot; }
    void pass(std::chrono::milliseconds time) {
        wall += time;
        boot += time;
    }

    TimePoint wall = noon;
    std::chrono::milliseconds boot{hours{5}};
};

struct GuardFixture {
    HandClock clock;
    bool is_synchronised = false;
    ClockGuard guard{clock, {.built = noon - hours{24 * 30}, .is_synchronised = [this] {
                                 return is_synchronised;
                             }}};
};

} // namespace

TEST_CASE_METHOD(
    GuardFixture, "a correction of less than three hours is believed", "[runtime][clock][F9]"
) {
    CHECK(guard.begin(noon - hours{1}) == noon);
    for (const auto step : {hours{1}, -hours{1}, hours{2}, -hours{2}}) {
        clock.pass(minutes{10});
        clock.wall += step;
        CHECK(guard.now() == clock.wall);
        CHECK_FALSE(guard.suspicion());
    }
}

TEST_CASE_METHOD(
    GuardFixture,
    "a jump of a day or ten years is suspect, and time goes on from the boot clock",
    "[runtime][clock][F10][F11][T42]"
) {
    CHECK(guard.begin(noon) == noon);
    const auto jump = GENERATE(hours{24}, -hours{24}, hours{24 * 3652}, hours{3});
    clock.pass(minutes{1});
    clock.wall += jump;
    CHECK(guard.now() == noon + minutes{1});
    REQUIRE(guard.suspicion());
    clock.pass(minutes{30});
    CHECK(guard.now() == noon + minutes{31});
    SECTION("until the clock agrees again") {
        clock.wall -= jump;
        CHECK(guard.now() == noon + minutes{31});
        CHECK_FALSE(guard.suspicion());
    }
    SECTION("until the system says that it is synchronised") {
        is_synchronised = true;
        CHECK(guard.now() == clock.wall);
        CHECK_FALSE(guard.suspicion());
    }
    SECTION("until a person says that it is right") {
        guard.confirm();
        CHECK(guard.now() == clock.wall);
        CHECK_FALSE(guard.suspicion());
    }
}

TEST_CASE_METHOD(
    GuardFixture, "a synchronised clock may be set to anything", "[runtime][clock][F10]"
) {
    is_synchronised = true;
    CHECK(guard.begin(noon) == noon);
    clock.wall += hours{24 * 400};
    CHECK(guard.now() == clock.wall);
    CHECK_FALSE(guard.suspicion());
}

TEST_CASE_METHOD(
    GuardFixture,
    "a start in 1970 or 2098 goes on from the last moment known",
    "[runtime][clock][F12]"
) {
    const std::optional<TimePoint> seen = GENERATE(std::optional{noon}, std::optional<TimePoint>{});
    const TimePoint known = seen.value_or(noon - hours{24 * 30});
    SECTION("1970") {
        clock.wall = TimePoint{} + hours{1};
        CHECK(guard.begin(seen) == known);
        CHECK(guard.suspicion());
    }
    SECTION("2098, of a database that has seen a day") {
        clock.wall = noon + hours{24 * 365 * 72};
        const TimePoint begun = guard.begin(seen);
        CHECK(begun == (seen ? known : clock.wall));
        CHECK(guard.suspicion().has_value() == seen.has_value());
    }
    SECTION("46 days of absence") {
        clock.wall = noon + hours{24 * 46};
        static_cast<void>(guard.begin(seen));
        CHECK(guard.suspicion().has_value() == seen.has_value());
    }
    SECTION("44 days of absence") {
        clock.wall = noon + hours{24 * 44};
        CHECK(guard.begin(seen) == clock.wall);
        CHECK_FALSE(guard.suspicion());
    }
}

TEST_CASE("without a guard every moment is believed", "[runtime][clock]") {
    HandClock clock;
    ClockGuard guard{clock, {}};
    CHECK(guard.begin(noon + hours{24 * 3650}) == noon);
    clock.wall += hours{24 * 3650};
    CHECK(guard.now() == clock.wall);
}

TEST_CASE("the program knows the day of its build", "[runtime][clock][F12]") {
    CHECK(runtime::build_moment() > TimePoint{});
}

TEST_CASE(
    "a synchronisation counts while the clock is where it left it", "[runtime][clock][F10][T42]"
) {
    const test::TemporaryDirectory directory;
    const std::filesystem::path mark = directory.write("synchronized", "");
    const timespec noon_of_mark{
        .tv_sec = std::chrono::floor<std::chrono::seconds>(noon).time_since_epoch().count(),
        .tv_nsec = 0};
    const std::array<timespec, 2> times{noon_of_mark, noon_of_mark};
    REQUIRE(::utimensat(AT_FDCWD, mark.c_str(), times.data(), 0) == 0);
    CHECK(runtime::is_synchronised_by(mark, noon));
    CHECK(runtime::is_synchronised_by(mark, noon + minutes{40}));
    // The file is still there when somebody sets the clock.
    for (const hours jump : {hours{24 * 3652}, hours{24}, hours{3}, -hours{3}, -hours{24}}) {
        INFO(jump.count());
        CHECK_FALSE(runtime::is_synchronised_by(mark, noon + jump));
    }
    CHECK_FALSE(runtime::is_synchronised_by(directory.path() / "none", noon));
}

TEST_CASE("a clock is kept by whoever tells the kernel how wrong it is", "[runtime][clock][F10]") {
    using std::chrono::microseconds;
    using std::chrono::seconds;
    CHECK(runtime::is_synchronised_within(microseconds{0}));
    CHECK(runtime::is_synchronised_within(seconds{15})); // an hour without an answer, or two
    CHECK_FALSE(runtime::is_synchronised_within(seconds{16}));
    CHECK_FALSE(runtime::is_synchronised_within(seconds{500}));
    CHECK_FALSE(runtime::is_synchronised_within(std::nullopt));
    // The kernel of this machine is asked, or refuses; neither ends the program.
    const auto error = runtime::clock_error_most();
    CHECK((!error || *error >= microseconds{0}));
    CHECK((!runtime::is_synchronised_within(error) || runtime::is_clock_synchronised()));
}

} // namespace reviewd::test::test_clock_guard
