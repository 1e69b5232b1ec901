// SQLite's own backup interface copies the pages while a read transaction keeps the source at one
// commit: in write-ahead mode nobody waits for it. The copy then leaves that mode, so that it is
// one file, and is opened anew to be checked before anybody relies on it.
#include "daemon/store/backup.hpp"

#include "daemon/store/errors.hpp"
#include "daemon/store/internal/copy.hpp"
#include "daemon/store/internal/migration.hpp"
#include "daemon/store/internal/schema.hpp"

#include <SQLiteCpp/Exception.h>
#include <fmt/core.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <memory>
#include <set>
#include <system_error>
#include <utility>

namespace reviewd::store {
namespace {

namespace fs = std::filesystem;
using Handle = Connection::Implementation;

constexpr int pages_at_once = 128; // 1 MiB
constexpr int findings_shown = 5;

Error file_error(const fs::path& file, int number) {
    const bool is_full = number == ENOSPC || number == EDQUOT || number == EFBIG;
    return fail(
        is_full ? ErrorCode::try_later : ErrorCode::io_failed,
        fmt::format("{}: {}", file.string(), std::generic_category().message(number))
    );
}

/// Closes what it was given at the end.
struct OpenFile {
    int descriptor = -1;
    explicit OpenFile(int opened) : descriptor(opened) {}
    OpenFile(const OpenFile&) = delete;
    OpenFile& operator=(const OpenFile&) = delete;
    ~OpenFile() {
        if (descriptor >= 0) {
            ::close(descriptor);
        }
    }
};

/// Waits until the disk has what was written so far. Were it left to the sync at the end, or queued
/// ahead of it, the syncs of the daemon's own commits would wait behind hundreds of megabytes.
/// A write that failed is told once, to whoever asks first: after this the sync knows nothing of
/// it.
Result<void> write_out(const fs::path& file, int descriptor) {
    constexpr unsigned all_of_it =
        SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER;
    if (::sync_file_range(descriptor, 0, 0, all_of_it) == 0) {
        return {};
    }
    // Where it does not exist or may not be asked for, the sync at the end is all there is.
    const int number = errno;
    const bool is_unknown =
        number == ESPIPE || number == EINVAL || number == ENOSYS || number == EPERM;
    return is_unknown ? Result<void>{} : file_error(file, number);
}

Result<void> make_empty(const fs::path& file) {
    const OpenFile made{::open(
        file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR
    )};
    if (made.descriptor < 0) {
        Error error = file_error(file, errno);
        error.code = ErrorCode::cannot_create;
        return error;
    }
    return {};
}

/// A read transaction, begun by its first read.
class Reading {
public:
    explicit Reading(Handle& connection) : connection_(connection) {
        connection_.execute("BEGIN DEFERRED");
    }
    Reading(const Reading&) = delete;
    Reading& operator=(const Reading&) = delete;
    ~Reading() { connection_.roll_back(); }

private:
    Handle& connection_;
};

std::int64_t read_count(Handle& connection, std::string_view sql) {
    const Query query{connection, sql};
    return query->step() ? query->integer(0) : 0;
}

std::string in_quotes(std::string_view name) {
    std::string quoted = "\"";
    for (const char letter : name) {
        quoted += letter == '"' ? "\"\"" : std::string(1, letter);
    }
    return quoted + '"';
}

CopyFacts read_facts(Handle& connection) {
    CopyFacts facts;
    facts.schema_version = static_cast<int>(read_count(connection, "PRAGMA user_version"));
    facts.pages = read_count(connection, "PRAGMA page_count");
    std::vector<std::string> tables;
    {
        const Query names{
            connection,
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"};
        while (names->step()) {
            tables.push_back(names->text(0));
        }
    }
    for (const std::string& table : tables) {
        // Only names that stand in the file's own schema come here.
        const std::string sql = "SELECT count(*) FROM " + in_quotes(table);
        facts.rows[table] = read_count(connection, sql);
    }
    return facts;
}

using SchemaRows = std::set<std::string>;

SchemaRows schema_rows(Handle& connection) {
    SchemaRows rows;
    const Query query{
        connection,
        "SELECT type, name, tbl_name, coalesce(sql, '') FROM sqlite_schema WHERE name NOT LIKE"
        " 'sqlite_%'"};
    while (query->step()) {
        rows.insert(fmt::format(
            "{} {} of {}: {}",
            query->text_view(0),
            query->text_view(1),
            query->text_view(2),
            query->text_view(3)
        ));
    }
    return rows;
}

/// What is in the file and not made by this program, or the other way round; empty: nothing.
std::string find_foreign_schema(Handle& connection, int version) {
    Handle model{":memory:", SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, Access::write};
    const Definable definable{model};
    const auto known = schema_steps().first(static_cast<std::size_t>(version));
    for (const SchemaStep& step : known) {
        model.execute(std::string{step.sql}.c_str());
    }
    const SchemaRows expected = schema_rows(model);
    const SchemaRows found = schema_rows(connection);
    for (const std::string& row : found) {
        if (expected.count(row) == 0) {
            return "it has a foreign " + row.substr(0, row.find(" of "));
        }
    }
    for (const std::string& row : expected) {
        if (found.count(row) == 0) {
            return "it lacks the " + row.substr(0, row.find(" of "));
        }
    }
    return {};
}

std::string find_damage(Handle& connection) {
    std::string findings;
    int count = 0;
    const Query query{connection, "PRAGMA integrity_check(20)"};
    while (query->step() && count < findings_shown) {
        const std::string finding = query->text(0);
        if (finding != "ok") {
            findings += (findings.empty() ? "" : "; ") + finding;
            ++count;
        }
    }
    const Query references{connection, "PRAGMA foreign_key_check"};
    if (findings.empty() && references->step()) {
        findings = fmt::format("a row of {} refers to nothing", references->text_view(0));
    }
    return findings;
}

Result<CopyFacts> check_opened(Handle& connection, const fs::path& file) {
    const Result<void> origin = check_origin(connection, schema_steps().size());
    if (origin.has_error()) {
        return origin.error();
    }
    if (const std::string wrong = configure(connection); !wrong.empty()) {
        return fail(
            ErrorCode::io_failed, fmt::format("SQLite does not keep its settings: {}", wrong)
        );
    }
    const auto version = static_cast<int>(read_count(connection, "PRAGMA user_version"));
    std::string wrong = version < 1 ? "it holds nothing" : find_foreign_schema(connection, version);
    if (wrong.empty()) {
        wrong = find_damage(connection);
    }
    if (!wrong.empty()) {
        return fail(
            ErrorCode::bad_data,
            fmt::format("{} is no sound database of reviewd: {}", file.string(), wrong)
        );
    }
    return read_facts(connection);
}

Error given_up() {
    return fail(ErrorCode::try_later, "the copy was given up");
}

/// Why SQLite's copy ended before it was whole; SQLITE_OK: nobody wants it any more.
Error not_copied(const fs::path& file, int code) {
    if (code == SQLITE_OK) {
        return given_up();
    }
    const bool is_full = (code & 0xff) == SQLITE_FULL;
    return fail(
        is_full ? ErrorCode::try_later : ErrorCode::io_failed,
        fmt::format("{}: {} (SQLite {})", file.string(), sqlite3_errstr(code), code)
    );
}

Result<void> copy_pages(Handle& source, const fs::path& file, const CopyProgress& progress) {
    const OpenFile written{::open(file.c_str(), O_WRONLY | O_CLOEXEC | O_NOFOLLOW)};
    if (written.descriptor < 0) {
        return file_error(file, errno);
    }
    Handle target{
        file.string(),
        SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_EXRESCODE,
        Access::write};
    // What is half written is thrown away, and what is whole is synced below.
    target.execute("PRAGMA journal_mode = OFF");
    target.execute("PRAGMA synchronous = OFF");
    sqlite3_backup* const backup =
        sqlite3_backup_init(target.handle(), "main", source.handle(), "main");
    if (backup == nullptr) {
        return fail(
            ErrorCode::io_failed,
            fmt::format("{}: {}", file.string(), sqlite3_errmsg(target.handle()))
        );
    }
    int code = SQLITE_OK;
    bool goes_on = true;
    Result<void> written_out;
    while (code == SQLITE_OK && goes_on && written_out.has_value()) {
        code = sqlite3_backup_step(backup, pages_at_once);
        written_out = write_out(file, written.descriptor);
        const double all = sqlite3_backup_pagecount(backup);
        const double left = sqlite3_backup_remaining(backup);
        goes_on = !progress || all <= 0 || progress(1.0 - left / all);
    }
    sqlite3_backup_finish(backup);
    if (written_out.has_error()) {
        return written_out;
    }
    if (code == SQLITE_DONE) {
        target.execute("PRAGMA journal_mode = DELETE");
        return {};
    }
    return not_copied(file, code);
}

Result<CopyFacts> copy_and_check(
    Handle& source, const fs::path& target, const CopyProgress& progress
) {
    CopyFacts facts;
    {
        const Reading reading{source};
        facts = read_facts(source);
        const Result<void> copied = copy_pages(source, target, progress);
        if (copied.has_error()) {
            return copied.error();
        }
    }
    Result<CopyFacts> checked = check_copy(target);
    if (checked.has_error()) {
        return checked;
    }
    if (*checked != facts) {
        return fail(
            ErrorCode::bad_data,
            fmt::format("{} is not what was copied: rows are missing", target.string())
        );
    }
    const Result<void> synced = sync_path(target);
    return synced.has_error() ? Result<CopyFacts>{synced.error()} : checked;
}

} // namespace

Result<void> sync_path(const fs::path& path) {
    const OpenFile opened{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW)};
    if (opened.descriptor < 0 || ::fsync(opened.descriptor) != 0) {
        return file_error(path, errno);
    }
    return {};
}

Result<CopyFacts> copy_connection(
    Handle& source, const fs::path& target, const CopyProgress& progress
) {
    if (Result<void> made = make_empty(target); made.has_error()) {
        return made.error();
    }
    Result<CopyFacts> copied = fail(ErrorCode::internal, "");
    try {
        copied = copy_and_check(source, target, progress);
    } catch (const SQLite::Exception& problem) {
        copied = describe_open_failure(target.string(), problem.getErrorCode(), problem.what());
    } catch (const Failure& problem) {
        copied = problem.error();
    } catch (...) {
        std::error_code ignored;
        fs::remove(target, ignored);
        throw;
    }
    if (copied.has_error()) {
        std::error_code ignored;
        fs::remove(target, ignored);
    }
    return copied;
}

Result<CopyFacts> copy_database(
    ReadDatabase& source, const fs::path& target, const CopyProgress& progress
) {
    Handle& connection = source.implementation();
    connection.check_use();
    return copy_connection(connection, target, progress);
}

Result<CopyFacts> check_copy(const fs::path& file) {
    std::error_code problem;
    const fs::path path = fs::canonical(file, problem);
    if (problem) {
        return fail(ErrorCode::not_found, fmt::format("{}: {}", file.string(), problem.message()));
    }
    std::unique_ptr<Handle> connection;
    try {
        connection = std::make_unique<Handle>(
            path.string(),
            SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW
                | SQLITE_OPEN_EXRESCODE,
            Access::read
        );
        return check_opened(*connection, path);
    } catch (const SQLite::Exception& error) {
        return describe_open_failure(path.string(), error.getErrorCode(), error.what());
    } catch (const StorageLost& error) {
        const int code = sqlite3_extended_errcode(connection->handle());
        return describe_open_failure(path.string(), code, error.what());
    } catch (const Failure& error) {
        return fail(ErrorCode::bad_data, error.what());
    }
}

Result<std::int64_t> stream_copy(
    const fs::path& copy, int descriptor, const std::function<bool()>& is_wanted
) {
    const OpenFile source{::open(copy.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW)};
    if (source.descriptor < 0) {
        return file_error(copy, errno);
    }
    constexpr std::size_t block = 1024UL * 1024UL;
    const std::unique_ptr<std::array<char, block>> buffer =
        std::make_unique<std::array<char, block>>();
    std::int64_t total = 0;
    for (;;) {
        if (is_wanted && !is_wanted()) {
            return given_up();
        }
        const ssize_t got = ::read(source.descriptor, buffer->data(), buffer->size());
        if (got < 0) {
            return file_error(copy, errno);
        }
        if (got == 0) {
            break;
        }
        ssize_t done = 0;
        while (done < got) {
            const ssize_t written =
                ::write(descriptor, buffer->data() + done, static_cast<std::size_t>(got - done));
            if (written < 0) {
                return file_error("the backup", errno);
            }
            done += written;
        }
        total += got;
        if (Result<void> written_out = write_out("the backup", descriptor);
            written_out.has_error()) {
            return written_out.error();
        }
    }
    if (::fsync(descriptor) != 0) {
        return file_error("the backup", errno);
    }
    return total;
}

} // namespace reviewd::store
