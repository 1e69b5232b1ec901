#pragma once

#include "daemon/runtime/file_descriptor.hpp"
#include "scoring/base/result.hpp"

#include <cstddef>
#include <string>

namespace reviewd::runtime {

/// Opens a file to read.
/// @errors `not_found`, `no_permission`, `io_failed`, with the path and the reason
[[nodiscard]] Result<FileDescriptor> open_file(const std::string& path);

/// All that an open file holds, from its beginning on.
/// @param name how messages call it
/// @errors `usage` when it is no ordinary file or has more than `limit_bytes`; `io_failed`
[[nodiscard]] Result<std::string> read_open_file(
    const FileDescriptor& file, const std::string& name, std::size_t limit_bytes
);

} // namespace reviewd::runtime
