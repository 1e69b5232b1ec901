#pragma once

#include "scoring/base/result.hpp"

#include <filesystem>

namespace reviewd::store {

/// Whether the open file is a plain one that has no other name. What root opens in a directory of
/// another user might be a hard link to any file of the system.
[[nodiscard]] bool is_plain_file(int descriptor);

/// What a root shell leaves in a directory belongs to whom the directory belongs: the service reads
/// it later. Looks at what is open, so that a name that was exchanged meanwhile gives nothing away.
/// For other users nothing is done.
/// @errors `no_permission` when `path` is neither a directory nor a plain file; `io_failed`
[[nodiscard]] Result<void> give_to_owner_of(
    const std::filesystem::path& directory, const std::filesystem::path& path
);

/// Whether this user may read and write the database and what stands beside it, as far as they are
/// there: a shell of root may have left them. Opens nothing.
/// @errors `no_permission`
[[nodiscard]] Result<void> check_access(const std::filesystem::path& database);

} // namespace reviewd::store
