#pragma once

#include "scoring/base/result.hpp"

#include <filesystem>

namespace reviewd::store {

/// The right to open the database of a state directory: an exclusive flock on a file of its own,
/// held before the database is opened and until this object dies. The lock file stays behind;
/// closing its descriptor is what gives the lock back, so a crash leaves nothing to clean up.
class InstanceLock {
public:
    /// Takes the lock of `state_directory` (which must exist) without waiting.
    /// @errors `cannot_create` when another process holds it (nothing was touched) or the file
    /// cannot be made; `try_later` for want of descriptors, memory or room, and on a file system that
    /// is mounted to read only; `bad_config` when the directory lies on a network file system, where
    /// SQLite's write-ahead log cannot work
    [[nodiscard]] static Result<InstanceLock> acquire(const std::filesystem::path& state_directory);

    InstanceLock(InstanceLock&& other) noexcept;
    InstanceLock& operator=(InstanceLock&& other) noexcept;
    InstanceLock(const InstanceLock&) = delete;
    InstanceLock& operator=(const InstanceLock&) = delete;
    ~InstanceLock();

    /// Where the database of this lock lies: `reviewd.db` in the state directory.
    [[nodiscard]] std::filesystem::path database_file() const { return directory_ / "reviewd.db"; }

private:
    InstanceLock(std::filesystem::path directory, int descriptor);

    std::filesystem::path directory_;
    int descriptor_ = -1;
};

} // namespace reviewd::store
