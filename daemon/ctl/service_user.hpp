#pragma once

#include <filesystem>

namespace reviewd::ctl {

/// Whether the service's own user, to whom the state directory belongs, may read `file`: root, who
/// asks, may read whatever there is. True as well where that cannot be tried.
/// @threads takes a thread of its own for the moment in which it is the other user
[[nodiscard]] bool may_service_read(
    const std::filesystem::path& state_directory, const std::filesystem::path& file
);

} // namespace reviewd::ctl
