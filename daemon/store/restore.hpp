#pragma once

#include "daemon/store/backup.hpp"
#include "daemon/store/instance_lock.hpp"
#include "scoring/base/date.hpp"
#include "scoring/base/result.hpp"

#include <filesystem>
#include <string_view>

namespace reviewd::store {

/// Name of the marker (markers.hpp) that stands in a restored database until a person lets
/// deliveries go; its value is the moment of the restore.
inline constexpr std::string_view restored_marker = "hold.restored";

struct Restored {
    CopyFacts facts;
    std::filesystem::path kept; ///< folder with the database there was before; empty: none
};

/// Puts a checked copy of `backup` in the place of the database, in hold: the marker stands in it
/// before it becomes visible. The database there was is kept in a folder beside it. A restore that
/// is interrupted leaves a note in the directory which keeps Database::open from starting on half
/// of it; running it again completes it.
/// @errors those of check_copy and copy_database; `io_failed`
[[nodiscard]] Result<Restored> restore_database(
    const InstanceLock& lock, const std::filesystem::path& backup, TimePoint now
);

/// The note of an unfinished restore beside a database.
[[nodiscard]] std::filesystem::path unfinished_restore(const std::filesystem::path& database_file);

} // namespace reviewd::store
