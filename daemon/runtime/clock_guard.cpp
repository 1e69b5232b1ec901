#include "daemon/runtime/clock_guard.hpp"

#include "daemon/runtime/clock.hpp"
#include "scoring/base/date.hpp"

#include <fmt/format.h>

#include <sys/stat.h>
#include <sys/timex.h>

#include <algorithm>

namespace reviewd::runtime {

namespace {

constexpr std::chrono::hours largest_correction{3};
constexpr std::chrono::hours longest_absence{45 * 24};
/// What the kernel says of a clock that nobody keeps, or that was set since: NTP_PHASE_LIMIT.
constexpr std::chrono::seconds error_of_nobody{16};

} // namespace

TimePoint ClockGuard::extrapolated() const {
    return anchor_->wall + (clock_.since_boot() - anchor_->boot);
}

void ClockGuard::trust() const {
    anchor_ = Anchor{clock_.now(), clock_.since_boot()};
    suspicion_.reset();
}

TimePoint ClockGuard::begin(std::optional<TimePoint> last_seen) {
    if (!facts_.is_synchronised) {
        return clock_.now();
    }
    const TimePoint now = clock_.now();
    const TimePoint earliest = std::max(facts_.built, last_seen.value_or(facts_.built));
    const bool is_early = now < earliest - largest_correction;
    const bool is_late = last_seen && now > *last_seen + longest_absence;
    if ((!is_early && !is_late) || facts_.is_synchronised()) {
        trust();
        return now;
    }
    anchor_ = Anchor{earliest, clock_.since_boot()};
    suspicion_ = fmt::format(
        "the clock says {}, and the last moment known is {}", to_string(now), to_string(earliest)
    );
    return earliest;
}

TimePoint ClockGuard::now() const {
    const TimePoint now = clock_.now();
    if (!facts_.is_synchronised) {
        return now;
    }
    if (!anchor_) {
        trust();
        return now;
    }
    const TimePoint expected = extrapolated();
    const bool agrees = now > expected - largest_correction && now < expected + largest_correction;
    if (agrees || facts_.is_synchronised()) {
        trust();
        return now;
    }
    if (!suspicion_) {
        suspicion_ = fmt::format(
            "the clock was set to {} at {}, and does not say that it is synchronised",
            to_string(now),
            to_string(expected)
        );
    }
    return expected;
}

void ClockGuard::confirm() {
    trust();
}

bool is_clock_synchronised() {
    return is_synchronised_by("/run/systemd/timesync/synchronized", SystemClock{}.now())
           || is_synchronised_within(clock_error_most());
}

std::optional<std::chrono::microseconds> clock_error_most() {
    struct timex state {}; // no modes: nothing is set
    if (::adjtimex(&state) < 0) {
        return std::nullopt;
    }
    return std::chrono::microseconds{state.maxerror};
}

bool is_synchronised_within(std::optional<std::chrono::microseconds> error_most) {
    return error_most && *error_most < error_of_nobody;
}

bool is_synchronised_by(const std::filesystem::path& mark, TimePoint now) {
    struct stat about {};
    if (::stat(mark.c_str(), &about) != 0) {
        return false;
    }
    const TimePoint touched{std::chrono::seconds{about.st_mtim.tv_sec}};
    return now > touched - largest_correction && now < touched + largest_correction;
}

TimePoint build_moment() {
    const Result<Date> day = parse_date(REVIEWD_BUILD_DAY);
    return day ? TimePoint{std::chrono::sys_days{day->time_since_epoch()}} : TimePoint{};
}

} // namespace reviewd::runtime
