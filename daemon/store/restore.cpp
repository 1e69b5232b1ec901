// The restored file is made whole under another name, its hold included; then the old database with
// its log moves away and the new one takes its place. Only renames happen while the note stands.
#include "daemon/store/restore.hpp"

#include "daemon/store/internal/copy.hpp"
#include "daemon/store/internal/implementation.hpp"

#include <SQLiteCpp/Exception.h>
#include <fmt/core.h>

#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <system_error>

namespace reviewd::store {
namespace {

namespace fs = std::filesystem;
using Handle = Connection::Implementation;

Result<void> as_result(const std::error_code& problem, const fs::path& path) {
    if (problem) {
        return fail(ErrorCode::io_failed, fmt::format("{}: {}", path.string(), problem.message()));
    }
    return {};
}

/// Opens the backup itself, not a copy of its bytes: a log beside it counts.
Result<CopyFacts> copy_backup(const fs::path& backup, const fs::path& target) {
    try {
        Handle source{
            backup.string(),
            SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW
                | SQLITE_OPEN_EXRESCODE,
            Access::read};
        return copy_connection(source, target, {});
    } catch (const SQLite::Exception& error) {
        return describe_open_failure(backup.string(), error.getErrorCode(), error.what());
    }
}

Result<void> mark_restored(const fs::path& file, TimePoint now) {
    try {
        Handle connection{
            file.string(),
            SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW
                | SQLITE_OPEN_EXRESCODE,
            Access::write};
        const std::string moment = reviewd::to_string(now);
        const Query query{
            connection, "INSERT OR REPLACE INTO markers (name, value) VALUES (?1, ?2)"};
        query->bind(1, restored_marker);
        query->bind(2, std::string_view{moment});
        query->step();
    } catch (const SQLite::Exception& error) {
        return describe_open_failure(file.string(), error.getErrorCode(), error.what());
    } catch (const Failure& error) {
        return error.error();
    }
    return sync_path(file);
}

/// A root shell restores for the service's user: the state belongs to whom its directory belongs.
Result<void> give_to_owner_of(const fs::path& directory, const fs::path& path) {
    struct stat about {};
    if (::geteuid() != 0 || ::stat(directory.c_str(), &about) != 0) {
        return {};
    }
    if (::lchown(path.c_str(), about.st_uid, about.st_gid) != 0) {
        return as_result(std::error_code{errno, std::generic_category()}, path);
    }
    return {};
}

Result<fs::path> free_folder(const fs::path& directory) {
    for (int number = 1; number < 1000; ++number) {
        const fs::path folder = directory / fmt::format("before-restore-{}", number);
        std::error_code problem;
        if (fs::create_directory(folder, problem)) {
            fs::permissions(folder, fs::perms::owner_all, problem);
            return folder;
        }
        if (problem) {
            return fail(
                ErrorCode::cannot_create, fmt::format("{}: {}", folder.string(), problem.message())
            );
        }
    }
    return fail(
        ErrorCode::cannot_create,
        fmt::format("{} has a thousand folders before-restore-*; remove some", directory.string())
    );
}

/// Moves the database there was away, with its log; the folder, or an empty path.
Result<fs::path> put_aside(const fs::path& database) {
    const fs::path directory = database.parent_path();
    std::error_code problem;
    bool is_any = false;
    for (const char* suffix : {"", "-wal", "-shm"}) {
        is_any = is_any || fs::exists(database.string() + suffix, problem);
    }
    if (!is_any) {
        return fs::path{};
    }
    const Result<fs::path> folder = free_folder(directory);
    if (!folder) {
        return folder;
    }
    for (const char* suffix : {"", "-wal", "-shm"}) {
        const fs::path from = database.string() + suffix;
        if (fs::exists(from, problem)) {
            fs::rename(from, *folder / from.filename(), problem);
            if (problem) {
                return as_result(problem, from).error();
            }
        }
    }
    const Result<void> given = give_to_owner_of(directory, *folder);
    return given ? folder : Result<fs::path>{given.error()};
}

Result<fs::path> exchange(const fs::path& database, const fs::path& restored) {
    const Result<fs::path> kept = put_aside(database);
    if (!kept) {
        return kept;
    }
    std::error_code problem;
    fs::rename(restored, database, problem);
    if (problem) {
        return as_result(problem, database).error();
    }
    const Result<void> synced = sync_path(database.parent_path());
    return synced ? kept : Result<fs::path>{synced.error()};
}

/// Said of what was given as a backup; nothing was touched yet.
Error with_remedy(Error error) {
    if (error.code == ErrorCode::bad_data) {
        error.message += "; nothing was changed. A backup is a file reviewd-DATE.db as `reviewctl "
                         "backup` wrote it; take another one";
    }
    return error;
}

} // namespace

fs::path unfinished_restore(const fs::path& database_file) {
    return database_file.parent_path() / "restore.unfinished";
}

Result<Restored> restore_database(const InstanceLock& lock, const fs::path& backup, TimePoint now) {
    Result<CopyFacts> facts = check_copy(backup);
    if (!facts) {
        return with_remedy(facts.error());
    }
    const fs::path database = lock.database_file();
    const fs::path directory = database.parent_path();
    const fs::path restored = directory / "restored.new";
    std::error_code problem;
    fs::remove(restored, problem);
    const Result<CopyFacts> copied = copy_backup(fs::canonical(backup, problem), restored);
    if (!copied) {
        return copied.error();
    }
    for (const Result<void>& done :
         {mark_restored(restored, now), give_to_owner_of(directory, restored)}) {
        if (!done) {
            return done.error();
        }
    }
    const fs::path note = unfinished_restore(database);
    std::ofstream{note} << "a restore was interrupted: run it again\n";
    const Result<void> noted = sync_path(directory);
    if (!noted) {
        return noted.error();
    }
    const Result<fs::path> kept = exchange(database, restored);
    if (!kept) {
        return kept.error();
    }
    fs::remove(note, problem);
    const Result<void> ended = sync_path(directory);
    if (!ended) {
        return ended.error();
    }
    return Restored{*facts, *kept};
}

} // namespace reviewd::store
