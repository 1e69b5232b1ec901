#pragma once

#include "daemon/runtime/file_descriptor.hpp"
#include "scoring/base/result.hpp"

#include <filesystem>
#include <utility>

namespace reviewd::ctl {

/// The turn of one command at making a backup in a directory: while it lives, no other has one
/// there. It is a lock on the file `.reviewd-backup.lock`, which goes with it; one that a killed
/// command left is nobody's. Not on the copy itself, since on some network file systems SQLite's
/// own locks would collide with it.
class BackupTurn {
public:
    /// @errors `try_later` while another command has it; `no_permission`, `cannot_create`
    [[nodiscard]] static Result<BackupTurn> take(const std::filesystem::path& directory);

    BackupTurn(BackupTurn&&) noexcept = default;
    BackupTurn& operator=(BackupTurn&&) = delete;
    BackupTurn(const BackupTurn&) = delete;
    BackupTurn& operator=(const BackupTurn&) = delete;
    ~BackupTurn();

private:
    BackupTurn(std::filesystem::path path, runtime::FileDescriptor file)
        : path_{std::move(path)}, file_{std::move(file)} {}

    std::filesystem::path path_;
    runtime::FileDescriptor file_;
};

} // namespace reviewd::ctl
