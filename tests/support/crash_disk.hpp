#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace reviewd::test {

/// What happens to the disk under SQLite. "The process ends" by SIGKILL to itself.
enum class DiskFault {
    crash,      ///< the process ends just before the operation
    torn_write, ///< half of the write is done, then the process ends
    power_loss, ///< what was not synced is undone (all, or a part chosen by `seed`), then it ends
    disk_full,  ///< writes fail from here on
    read_only,  ///< the same as a file system that was remounted read-only
    sync_error, ///< this sync fails, later ones do not
};

struct DiskFaultPlan {
    DiskFault fault = DiskFault::crash;
    /// The operation that it happens to, from 1. Writes, truncations, syncs and deletions count;
    /// for sync_error only syncs do.
    std::int64_t at = 1;
    /// power_loss: 0 loses everything that was not synced, another number a part of it.
    std::uint64_t seed = 0;
};

/// Puts a layer between SQLite and the disk that counts from now on and does what `plan` says.
/// Databases opened before are not touched. May be called again, with another plan.
void install_crash_disk(const DiskFaultPlan& plan);

/// Until `file` exists nothing is counted and nothing happens: for a program that shall come to
/// rest before its end is prepared.
void arm_crash_disk_by(std::string file);

/// As soon as `file` exists the disk has room, or may be written to, again.
void end_crash_disk_by(std::string file);

/// Counts an operation beside SQLite's own, the renaming of a file for instance, as one of these;
/// of the faults only those that end the process strike it.
void count_crash_disk_operation();

/// From now on the layer only counts.
void disarm_crash_disk();

/// Operations counted since the last install.
[[nodiscard]] std::int64_t crash_disk_operations();

/// "crash:12", "torn_write:3", "power_loss:7:42", "disk_full:1", "read_only:1", "sync_error:2", or
/// just "12".
[[nodiscard]] std::optional<DiskFaultPlan> parse_disk_fault(std::string_view text);

} // namespace reviewd::test
