#pragma once

#include "daemon/simulation/random.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace reviewd::simulation {

/// A disk in memory under SQLite (a VFS) that keeps apart what was written and what was synced.
///
/// A crash ends the process just before one of its operations: from then on every call fails, so
/// that nothing the dying code still does can be seen. When all databases on it are closed,
/// `restart` gives the disk as the next process finds it: all that was written when only the
/// process died, and of what was not synced only some sectors when the power went.
class Disk {
public:
    /// Registers the VFS with SQLite under a name of its own, until the object dies. One thread.
    explicit Disk(std::uint64_t seed);
    ~Disk();
    Disk(const Disk&) = delete;
    Disk& operator=(const Disk&) = delete;

    /// The VFS's name, for store::Database::open_simulated.
    [[nodiscard]] const std::string& vfs() const;

    enum class Ending {
        process, ///< what was written stays, synced or not
        power,   ///< of what was not synced, some sectors stay
    };
    /// The process ends before the `operations`-th write, truncation, sync or deletion from now on
    /// (1: the next one); of a write, half may be done.
    void crash_at(std::int64_t operations, Ending ending);
    /// The process ends now.
    void crash_now(Ending ending);
    [[nodiscard]] bool is_crashed() const;
    /// A crash that was planned and did not come will not come.
    void call_off_crash();
    /// The disk as the next process finds it. @pre every database on it is closed
    void restart();

    enum class Room { enough, none };
    /// Without room, every write fails.
    void set_room(Room room);
    /// The next sync fails, and later ones do not.
    void fail_next_sync();
    /// Whether that sync has come since it was asked for.
    [[nodiscard]] bool has_failed_sync() const;

    /// Whether the crash before the last restart may have left a page of a database itself, not of
    /// its log, in half or without a write that was not synced.
    [[nodiscard]] bool has_torn_pages() const;

    /// Whether every byte of every file would outlive a power loss.
    [[nodiscard]] bool is_synced() const;
    [[nodiscard]] std::int64_t operations() const;
    /// Sizes of all files together, now and at most so far.
    [[nodiscard]] std::int64_t bytes() const;
    [[nodiscard]] std::int64_t largest_log_bytes() const;

    struct State;

private:
    std::unique_ptr<State> state_;
};

} // namespace reviewd::simulation
