#pragma once

#include "daemon/simulation/fault.hpp"
#include "scoring/base/date.hpp"

#include <cstdint>

namespace reviewd::simulation {

/// What is to be simulated; equal plans give equal runs.
struct Plan {
    std::uint64_t seed = 1;
    Date from{};
    /// Days with faults; `quiet_days` without follow, in which everything has to come right.
    int days = 365;
    int quiet_days = 30;
    int accounts = 200;
    FaultPlan::Set possible_faults = FaultPlan::Set{}.set();
    FaultPlan::Set certain_faults{}; ///< whatever the seed, and often
    std::size_t kept_trace_lines = 0;
    /// After which crashes every page of the database is read; see Checker::is_file_checked.
    enum class FileChecks {
        growing_intervals,
        every_crash
    } file_checks = FileChecks::growing_intervals;

    [[nodiscard]] Date last_day() const { return from + std::chrono::days{days + quiet_days}; }
};

} // namespace reviewd::simulation
