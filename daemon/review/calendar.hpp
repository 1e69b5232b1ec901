#pragma once

// daemon/review: the rules of a review's life as pure functions: working days, zones, windows, the
// planner, states, reminder steps. No I/O, no clock, no threads. Includes scoring/base only; cctz
// stays inside zone.cpp.

#include "scoring/base/date.hpp"

#include <bitset>
#include <chrono>
#include <cstdint>
#include <span>
#include <vector>

namespace reviewd::review {

/// Days from `first` to `last`, both included; nobody works on them.
struct DaysOff {
    Date first{};
    Date last{};
    friend auto operator<=>(const DaysOff&, const DaysOff&) = default;
};

/// The civil days on which one person works: weekdays, without holidays and leave.
///
/// A person may be away for longer than anybody plans. Every search therefore ends after two years;
/// then holidays and leave are ignored and the weekdays alone decide, so that there always is an
/// answer.
class Calendar {
public:
    /// Monday to Friday, nothing off.
    Calendar();
    /// @param weekdays working days; an empty list means Monday to Friday
    /// @param days_off holidays and leave, in any order, may overlap
    Calendar(std::span<const std::chrono::weekday> weekdays, std::vector<DaysOff> days_off);

    [[nodiscard]] bool is_working(Date day) const;
    /// The first working day on or after `day`.
    [[nodiscard]] Date next_working(Date day) const;
    /// The last working day on or before `day`.
    [[nodiscard]] Date previous_working(Date day) const;
    /// The `count`-th working day after `day` (before it when negative); next_working(day) for 0.
    [[nodiscard]] Date add_working_days(Date day, int count) const;
    /// How many working days lie in (from, to]; negative when `to` is earlier.
    [[nodiscard]] int count_working_days(Date from, Date to) const;
    /// The same for the same days; another one, as good as surely, for others. Stable over runs.
    [[nodiscard]] std::uint64_t fingerprint() const;

private:
    [[nodiscard]] bool is_weekday(Date day) const;
    [[nodiscard]] Date step(Date day, int direction) const;

    std::bitset<7> weekdays_;       // by C encoding: 0 is Sunday
    std::vector<DaysOff> days_off_; // sorted, disjoint
};

/// The Monday of the week that `day` is in.
[[nodiscard]] Date week_of(Date day);

} // namespace reviewd::review
