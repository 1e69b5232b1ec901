#pragma once

#include "scoring/base/result.hpp"

#include <filesystem>
#include <string_view>

namespace reviewd::ctl {

/// Why a file could not be made, from an errno.
[[nodiscard]] Error cannot_make(const std::filesystem::path& path, int number);

/// Makes a folder for customers' data, with those above it, unless it is there: mode 0700.
/// @errors `no_permission`, `cannot_create`
[[nodiscard]] Result<void> make_private_folder(const std::filesystem::path& folder);

/// Writes a new file that only its owner may read: mode 0600. What has the name already, be it a
/// symbolic link, is neither followed nor replaced.
/// @errors `no_permission`, `cannot_create` (it is there already), `io_failed`; nothing is left
/// then
[[nodiscard]] Result<void> write_private_file(
    const std::filesystem::path& path, std::string_view text
);

} // namespace reviewd::ctl
