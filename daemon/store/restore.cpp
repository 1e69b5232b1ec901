// The restored file is made whole under another name, its hold included; then the old database with
// its log moves away and the new one takes its place. Only renames happen while the note stands; it
// says where the old one goes, so that a restore that is run again brings no parts of it elsewhere.
#include "daemon/store/restore.hpp"

#include "daemon/store/internal/copy.hpp"
#include "daemon/store/internal/implementation.hpp"
#include "daemon/store/internal/next_id.hpp"
#include "daemon/store/ownership.hpp"

#include <SQLiteCpp/Exception.h>
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <string>
#include <string_view>
#include <system_error>

namespace reviewd::store {
namespace {

namespace fs = std::filesystem;
using Handle = Connection::Implementation;

constexpr std::string_view folder_prefix = "before-restore-";

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

/// What was planned since the backup was made stands in links and calendars of people: those
/// numbers mean nobody and nothing else from now on. The moment is part of it, because the same
/// backup may be restored twice.
void skip_numbers(Handle& connection, TimePoint now) {
    constexpr TimePoint begin_of_2026{std::chrono::sys_days{std::chrono::year{2026} / 1 / 1}};
    constexpr std::int64_t more_than_were_given = 1'000'000;
    const auto passed = std::chrono::floor<std::chrono::seconds>(now - begin_of_2026);
    const Query query{
        connection,
        "INSERT OR REPLACE INTO markers (name, value) SELECT ?1, max("
        "ifnull((SELECT max(id) FROM reviews), 0), ifnull((SELECT max(id) FROM people), 0)) + ?2"};
    query->bind(1, first_id_marker);
    query->bind(2, more_than_were_given + std::max<std::int64_t>(passed.count(), 0));
    query->step();
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
        skip_numbers(connection, now);
    } catch (const SQLite::Exception& error) {
        return describe_open_failure(file.string(), error.getErrorCode(), error.what());
    } catch (const Failure& error) {
        return error.error();
    }
    return sync_path(file);
}

/// The file that is to take the database's place, its hold included.
Result<void> make_restored(const fs::path& backup, const fs::path& restored, TimePoint now) {
    std::error_code problem;
    fs::remove(restored, problem);
    const Result<CopyFacts> copied = copy_backup(fs::canonical(backup, problem), restored);
    if (!copied) {
        return copied.error();
    }
    const Result<void> marked = mark_restored(restored, now);
    return marked ? give_to_owner_of(restored.parent_path(), restored) : marked;
}

Result<fs::path> free_folder(const fs::path& directory) {
    for (int number = 1; number < 1000; ++number) {
        const fs::path folder = directory / fmt::format("{}{}", folder_prefix, number);
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

constexpr std::array database_first{"", "-wal", "-shm"};
// While the database is there its log tells what it is: removed the other way round.
constexpr std::array log_first{"-wal", "-shm", ""};

fs::path with_suffix(const fs::path& database, const char* suffix) {
    return database.string() + suffix;
}

/// The folder that an interrupted restore had begun to move the database into; empty: none.
fs::path begun_folder(const fs::path& note) {
    std::ifstream file{note};
    std::string line;
    std::string name;
    while (std::getline(file, line)) {
        name = line;
    }
    if (name.rfind(folder_prefix, 0) != 0 || name.find('/') != std::string::npos) {
        return {};
    }
    std::error_code problem;
    const fs::path folder = note.parent_path() / name;
    return fs::is_directory(fs::symlink_status(folder, problem)) ? folder : fs::path{};
}

/// Where the database there was goes; an empty path when there is none.
Result<fs::path> choose_folder(const fs::path& database, const fs::path& note) {
    if (fs::path begun = begun_folder(note); !begun.empty()) {
        return begun;
    }
    std::error_code problem;
    const bool is_any =
        std::any_of(database_first.begin(), database_first.end(), [&](const char* suffix) {
            return fs::exists(with_suffix(database, suffix), problem);
        });
    if (!is_any) {
        return fs::path{};
    }
    const Result<fs::path> folder = free_folder(database.parent_path());
    if (!folder) {
        return folder;
    }
    const Result<void> given = give_to_owner_of(database.parent_path(), *folder);
    return given ? folder : Result<fs::path>{given.error()};
}

/// Keeps Database::open away from now on, and says where a restore that is run again goes on.
Result<void> leave_note(const fs::path& note, const fs::path& folder) {
    const fs::path begun = note.string() + ".new";
    std::ofstream text{begun};
    text << "a restore was interrupted: run it again\n" << folder.filename().string() << '\n';
    text.close();
    if (!text) {
        return as_result(std::make_error_code(std::errc::no_space_on_device), begun);
    }
    const Result<void> written = sync_path(begun);
    if (!written) {
        return written;
    }
    std::error_code problem;
    fs::rename(begun, note, problem);
    return problem ? as_result(problem, note) : sync_path(note.parent_path());
}

/// Moves the database there was into the folder, with its log.
Result<void> put_aside(const fs::path& database, const fs::path& folder) {
    if (folder.empty()) {
        return {};
    }
    std::error_code problem;
    // It is there already: in its place stands what an interrupted restore put there.
    if (fs::exists(folder / database.filename(), problem) && fs::exists(database, problem)) {
        for (const char* suffix : log_first) {
            fs::remove(with_suffix(database, suffix), problem);
        }
    }
    for (const char* suffix : database_first) {
        const fs::path from = with_suffix(database, suffix);
        if (!fs::exists(from, problem)) {
            continue;
        }
        fs::rename(from, folder / from.filename(), problem);
        if (problem) {
            return as_result(problem, from);
        }
    }
    return sync_path(folder);
}

Result<void> exchange(const fs::path& database, const fs::path& restored, const fs::path& folder) {
    const Result<void> kept = put_aside(database, folder);
    if (!kept) {
        return kept;
    }
    std::error_code problem;
    fs::rename(restored, database, problem);
    return problem ? as_result(problem, database) : sync_path(database.parent_path());
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
    const Result<void> made = make_restored(backup, restored, now);
    if (!made) {
        return made.error();
    }
    const fs::path note = unfinished_restore(database);
    const Result<fs::path> folder = choose_folder(database, note);
    if (!folder) {
        return folder.error();
    }
    const Result<void> noted = leave_note(note, *folder);
    if (!noted) {
        return noted.error();
    }
    const Result<void> exchanged = exchange(database, restored, *folder);
    if (!exchanged) {
        return exchanged.error();
    }
    std::error_code problem;
    fs::remove(note, problem);
    const Result<void> ended = sync_path(directory);
    if (!ended) {
        return ended.error();
    }
    return Restored{*facts, *folder};
}

} // namespace reviewd::store
