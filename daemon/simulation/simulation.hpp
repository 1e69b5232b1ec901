#pragma once

#include "daemon/simulation/plan.hpp"
#include "daemon/simulation/violation.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace reviewd::simulation {

/// How one run went.
struct Report {
    Plan plan;
    std::vector<Fault> faults;                    ///< that this seed switched on
    std::map<std::string, std::int64_t> happened; ///< "reviews done", "process crashes" …
    std::map<std::string, std::int64_t> checked;  ///< by invariant: how often it was looked at
    std::optional<Violation> violation;           ///< the first one, where the run ended
    std::uint64_t trace_hash = 0;
    std::int64_t events = 0;
    std::vector<std::string> trace; ///< the last Plan::kept_trace_lines events
};

/// Runs the daemon's core through the days of a plan. Progress is told as a share, 0 … 1.
/// @threads one at a time in a process: simulated disks and local time are the process's
[[nodiscard]] Report simulate(
    const Plan& plan, const std::function<void(double share)>& progress = {}
);

} // namespace reviewd::simulation
