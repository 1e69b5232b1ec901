#pragma once

#include "daemon/store/read_database.hpp"
#include "scoring/base/result.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace reviewd::store {

/// Name of the marker (markers.hpp) with the moment of the last backup, in milliseconds.
inline constexpr std::string_view backup_marker = "backup.last";

/// Name of the marker with the directory in which a series of backups is kept.
inline constexpr std::string_view backup_directory_marker = "backup.directory";

/// Names of the markers with the end of the last restore drill, in milliseconds, and with why the
/// backup would not have served: empty when it would.
inline constexpr std::string_view drill_marker = "drill.last";
inline constexpr std::string_view drill_problem_marker = "drill.problem";

/// What a copy is compared by.
struct CopyFacts {
    int schema_version = 0;
    std::int64_t pages = 0;
    std::map<std::string, std::int64_t> rows; ///< of each table

    friend bool operator==(const CopyFacts&, const CopyFacts&) = default;
};

/// Told now and then which share of the pages is copied; false: give up.
using CopyProgress = std::function<bool(double share)>;

/// Copies the database as of one commit, within one read transaction, into the new file `target`
/// (mode 0600), compares it with the source, checks it as check_copy does, and syncs it. Writers
/// go on meanwhile. The copy is a single file without a write-ahead log. Nothing is left of it on
/// failure.
/// @errors `cannot_create` when the file exists or cannot be made; `try_later` when the disk is
/// full or `progress` gave up; `bad_data` when the copy is not sound, and so the source neither
[[nodiscard]] Result<CopyFacts> copy_database(
    ReadDatabase& source, const std::filesystem::path& target, const CopyProgress& progress = {}
);

/// Opens a file that no daemon uses, for reading only, and checks that it is ours, whole (SQLite's
/// integrity and reference checks), not newer than this program, and that its tables, indexes,
/// triggers and views are exactly those that this program makes.
/// @errors `not_found`, `bad_data` with what is wrong
[[nodiscard]] Result<CopyFacts> check_copy(const std::filesystem::path& file);

/// Writes the bytes of a published copy to an open file and syncs it.
/// @param descriptor open for writing, at its beginning
/// @param is_wanted asked before each block; false: give up
/// @errors `io_failed`, `try_later` when the disk is full or nobody wants it any more
[[nodiscard]] Result<std::int64_t> stream_copy(
    const std::filesystem::path& copy, int descriptor, const std::function<bool()>& is_wanted = {}
);

} // namespace reviewd::store
