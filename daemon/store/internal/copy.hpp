#pragma once

#include "daemon/store/backup.hpp"
#include "daemon/store/internal/implementation.hpp"

#include <filesystem>

namespace reviewd::store {

/// copy_database for any connection that is in no transaction.
[[nodiscard]] Result<CopyFacts> copy_connection(
    Connection::Implementation& source,
    const std::filesystem::path& target,
    const CopyProgress& progress
);

/// Makes what was written to the file, or renamed within the directory, durable.
[[nodiscard]] Result<void> sync_path(const std::filesystem::path& path);

} // namespace reviewd::store
