#include "daemon/store/backup.hpp"
#include "daemon/store/internal/implementation.hpp"
#include "daemon/store/internal/schema.hpp"
#include "daemon/store/markers.hpp"
#include "daemon/store/portfolio.hpp"
#include "daemon/store/restore.hpp"
#include "daemon/store/reviews.hpp"
#include "daemon/store/transaction.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/files.hpp"
#include "tests/unit/store/store_fixture.hpp"

#include <SQLiteCpp/Database.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <fstream>

namespace {

/// What the disk answers to who waits for it; 0: what it has to say.
std::atomic<int> disk_error = 0;

} // namespace

/// In the place of the library's, since no disk fails when it is told to.
extern "C" int sync_file_range(int descriptor, off64_t offset, off64_t count, unsigned int flags) {
    if (const int number = disk_error) {
        errno = number;
        return -1;
    }
    return static_cast<int>(::syscall(SYS_sync_file_range, descriptor, offset, count, flags));
}

namespace reviewd::test::test_backup {

namespace {

using namespace reviewd;
using namespace reviewd::store;
using namespace reviewd::test;
namespace fs = std::filesystem;

/// A database of some MiB in which both ends of every change must agree.
struct BackupFixture : StoreFixture {
    BackupFixture() {
        const std::string block(100'000, 'x');
        for (int number = 0; number < 60; ++number) {
            set("block." + std::to_string(number), block);
        }
        change(0);
    }

    void set(const std::string& name, const std::string& value) {
        REQUIRE(write(*database, [&]() -> Result<void> {
                    Markers{*database}.set(name, value);
                    return {};
                }).has_value());
    }

    /// One commit that touches the first and the last page.
    void change(int number) {
        REQUIRE(write(*database, [&]() -> Result<void> {
                    Markers{*database}.set("a", std::to_string(number));
                    Markers{*database}.set("z", std::to_string(number));
                    Markers{*database}.set("row." + std::to_string(number), "there");
                    return {};
                }).has_value());
    }

    [[nodiscard]] std::unique_ptr<ReadDatabase> reader() const {
        return ReadDatabase::open(lock->database_file()).value();
    }

    [[nodiscard]] fs::path target() const { return directory.path() / "copy.db"; }
};

std::string ask_file(const fs::path& file, const std::string& sql) {
    SQLite::Database database{file.string(), SQLite::OPEN_READONLY};
    return database.execAndGet(sql).getString();
}

void change_file(const fs::path& file, const std::string& sql) {
    SQLite::Database database{file.string(), SQLite::OPEN_READWRITE};
    database.exec(sql);
}

} // namespace

TEST_CASE_METHOD(
    BackupFixture,
    "a backup made while the writer commits equals the source at one commit",
    "[store][backup][I20][F50]"
) {
    const std::unique_ptr<ReadDatabase> source = reader();
    int commits = 0;
    const Result<CopyFacts> copied = copy_database(*source, target(), [&](double) {
        change(++commits);
        return true;
    });
    REQUIRE(copied.has_value());
    CHECK(commits > 1);
    CHECK(copied->rows.at("markers") == 63); // as it was when the copy began
    CHECK(ask_file(target(), "SELECT value FROM markers WHERE name = 'a'") == "0");
    CHECK(ask_file(target(), "SELECT value FROM markers WHERE name = 'z'") == "0");
    CHECK(ask_file(target(), "PRAGMA journal_mode") == "delete");
    CHECK_FALSE(fs::exists(target().string() + "-wal"));
    CHECK(check_copy(target()).value() == *copied);
    struct stat about {};
    REQUIRE(::stat(target().c_str(), &about) == 0);
    CHECK((about.st_mode & 0777U) == 0600U);
}

TEST_CASE_METHOD(
    BackupFixture, "a backup that is interrupted leaves nothing behind", "[store][backup][F50]"
) {
    const std::unique_ptr<ReadDatabase> source = reader();
    const Result<CopyFacts> given_up =
        copy_database(*source, target(), [](double) { return false; });
    REQUIRE(given_up.has_error());
    CHECK(given_up.error().code == ErrorCode::try_later);
    CHECK_FALSE(fs::exists(target()));

    std::ofstream{target()} << "somebody's";
    const Result<CopyFacts> refused = copy_database(*source, target());
    REQUIRE(refused.has_error());
    CHECK(refused.error().code == ErrorCode::cannot_create);
    CHECK(read_file(target()) == "somebody's");
}

TEST_CASE_METHOD(
    BackupFixture,
    "a backup onto a full disk says so and keeps what there was",
    "[store][backup][F50]"
) {
    REQUIRE(copy_database(*reader(), target()).has_value());
    const int full = ::open("/dev/full", O_WRONLY | O_CLOEXEC);
    REQUIRE(full >= 0);
    const Result<std::int64_t> streamed = stream_copy(target(), full);
    ::close(full);
    REQUIRE(streamed.has_error());
    CHECK(streamed.error().code == ErrorCode::try_later);
    CHECK(check_copy(target()).has_value());
}

TEST_CASE_METHOD(
    BackupFixture, "a copy that nobody wants any more ends at the next block", "[store][backup]"
) {
    REQUIRE(copy_database(*reader(), target()).has_value());
    const fs::path other = directory.path() / "other.db";
    const int opened = ::open(other.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
    REQUIRE(opened >= 0);
    int asked = 0;
    const auto is_wanted = [&asked] {
        return ++asked <= 1;
    };
    const Result<std::int64_t> streamed = stream_copy(target(), opened, is_wanted);
    ::close(opened);
    REQUIRE(streamed.has_error());
    CHECK(streamed.error().code == ErrorCode::try_later);
    CHECK(asked == 2);
    CHECK(fs::file_size(other) > 0);
}

TEST_CASE_METHOD(
    BackupFixture,
    "a write that fails on its way to the disk makes no backup",
    "[store][backup][F50]"
) {
    REQUIRE(copy_database(*reader(), target()).has_value());
    const fs::path other = directory.path() / "other.db";
    const int opened = ::open(other.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
    REQUIRE(opened >= 0);
    disk_error = EIO;
    const Result<std::int64_t> streamed = stream_copy(target(), opened);
    REQUIRE(fs::remove(target()));
    const Result<CopyFacts> copied = copy_database(*reader(), target());
    // Where nobody can wait for the disk, the sync at the end does.
    disk_error = ENOSYS;
    const Result<CopyFacts> synced = copy_database(*reader(), directory.path() / "synced.db");
    disk_error = 0;
    ::close(opened);
    REQUIRE(streamed.has_error());
    CHECK(streamed.error().code == ErrorCode::io_failed);
    REQUIRE(copied.has_error());
    CHECK(copied.error().code == ErrorCode::io_failed);
    CHECK_FALSE(fs::exists(target()));
    CHECK(synced.has_value());
}

TEST_CASE_METHOD(
    BackupFixture, "a damaged or hostile backup is refused", "[store][backup][T40][F50]"
) {
    REQUIRE(copy_database(*reader(), target()).has_value());
    const std::string sound = read_file(target());
    const auto refused = [&](const std::string& what) {
        const Result<CopyFacts> checked = check_copy(target());
        REQUIRE(checked.has_error());
        CHECK(checked.error().code == ErrorCode::bad_data);
        INFO(checked.error().message);
        CHECK(checked.error().message.find(what) != std::string::npos);
        const std::string before = read_file(lock->database_file());
        const auto restored = restore_database(*lock, target(), some_moment);
        REQUIRE(restored.has_error());
        REVIEWD_CHECK_CONTAINS(restored.error().message, "nothing was changed");
        CHECK(read_file(lock->database_file()) == before);
    };
    database.reset();
    SECTION("cut off") {
        fs::resize_file(target(), sound.size() / 2);
        refused("damaged");
    }
    SECTION("a page of garbage") {
        std::string bytes = sound;
        bytes.replace(8192UL * 3, 8192, std::string(8192, '\x5a'));
        std::ofstream{target(), std::ios::binary} << bytes;
        refused("");
    }
    SECTION("no database at all") {
        std::ofstream{target(), std::ios::binary} << std::string(8192, 'x');
        refused("not a database");
    }
    SECTION("a trigger") {
        change_file(
            target(), "CREATE TRIGGER gift AFTER INSERT ON audit BEGIN DELETE FROM audit; END"
        );
        refused("foreign trigger gift");
    }
    SECTION("a view in the place of a table") {
        change_file(target(), "CREATE VIEW more AS SELECT * FROM markers");
        refused("foreign view more");
    }
    SECTION("a missing index") {
        change_file(target(), "DROP INDEX deliveries_due");
        refused("lacks the index deliveries_due");
    }
    SECTION("another program's") {
        change_file(target(), "PRAGMA application_id = 7");
        refused("not a database of reviewd");
    }
    SECTION("a newer version's") {
        change_file(target(), "PRAGMA user_version = 99");
        refused("schema version 99");
    }
    SECTION("a row that refers to nothing") {
        change_file(
            target(),
            "PRAGMA foreign_keys = OFF; INSERT INTO delivery_attempts (delivery_id, number,"
            " instance_id, phase, started_ms) VALUES (4711, 1, 'i', 'begin', 0)"
        );
        refused("refers to nothing");
    }
}

TEST_CASE_METHOD(
    BackupFixture,
    "a restore brings the backup in hold and keeps what there was",
    "[store][restore][T41]"
) {
    REQUIRE(copy_database(*reader(), target()).has_value());
    change(7);
    database.reset();
    const Result<Restored> restored = restore_database(*lock, target(), minute(5));
    REQUIRE(restored.has_value());
    CHECK(
        ask_file(restored->kept / "reviewd.db", "SELECT value FROM markers WHERE name = 'a'") == "7"
    );
    database = Database::open(*lock).value();
    CHECK(Markers{*database}.find("a").value() == "0");
    CHECK(Markers{*database}.find(restored_marker).value() == to_string(minute(5)));
    CHECK(database->check_integrity() == "ok");
}

TEST_CASE_METHOD(
    BackupFixture,
    "after a restore no number is given again that stands in a link or a calendar",
    "[store][restore][T41]"
) {
    const SourceId crm = source("crm", rules::Table::accounts);
    const auto add = [&](const std::string& key) {
        load(crm, rules::Table::accounts, {account(schema, key, key)});
        Review planned;
        planned.account = Portfolio{*database, schema}.find_account(key)->id;
        planned.kind = "periodic";
        planned.created = some_moment;
        return write(*database, [&] { return Reviews{*database}.insert(planned); }).value();
    };
    add("A");
    REQUIRE(copy_database(*reader(), target()).has_value());
    ReviewId last = add("B");
    for (const int restored : {5, 6}) { // the same backup, twice
        database.reset();
        REQUIRE(restore_database(*lock, target(), minute(restored)).has_value());
        database = Database::open(*lock).value();
        const ReviewId given = add("C");
        CHECK(given.value > last.value);
        CHECK(add("D").value == given.value + 1);
        last = ReviewId{given.value + 1};
    }
    const rules::TableSchema& people = schema[rules::Table::people];
    load(
        source("staff", rules::Table::people),
        rules::Table::people,
        {row(people, {{"key", "jo"}, {"name", "Jo"}}), row(people, {{"key", "mo"}, {"name", "Mo"}})}
    );
    CHECK(std::stoll(ask("SELECT min(id) FROM people")) > 1'000'000);
    CHECK(ask("SELECT max(id) - min(id) FROM people") == "1");
}

TEST_CASE_METHOD(
    BackupFixture,
    "an interrupted restore is not started upon, and can be run again",
    "[store][restore][F50]"
) {
    REQUIRE(copy_database(*reader(), target()).has_value());
    database.reset();
    std::ofstream{unfinished_restore(lock->database_file())} << "x";
    fs::remove(lock->database_file());
    const auto opened = Database::open(*lock);
    REQUIRE(opened.has_error());
    REVIEWD_CHECK_CONTAINS(opened.error().message, "restore");
    CHECK_FALSE(fs::exists(lock->database_file()));
    REQUIRE(restore_database(*lock, target(), some_moment).has_value());
    CHECK(Database::open(*lock).has_value());
}

TEST_CASE_METHOD(
    BackupFixture,
    "a restore that is run again keeps the old database whole, in one folder",
    "[store][restore][F50]"
) {
    REQUIRE(copy_database(*reader(), target()).has_value());
    change(7);
    // A process that is killed leaves the log beside its database.
    const fs::path file = lock->database_file();
    const fs::path folder = file.parent_path() / "before-restore-1";
    fs::create_directory(folder);
    fs::copy_file(file, folder / file.filename());
    const std::string log = file.filename().string() + "-wal";
    const fs::path kept_log = directory.path() / "kept.log";
    fs::copy_file(file.parent_path() / log, kept_log);
    database.reset();
    std::ofstream{unfinished_restore(file)} << "interrupted\nbefore-restore-1\n";
    SECTION("interrupted between the database and its log") {
        fs::remove(file);
        fs::copy_file(kept_log, file.parent_path() / log);
    }
    SECTION("interrupted after the exchange") {
        fs::copy_file(kept_log, folder / log);
        fs::copy_file(target(), file, fs::copy_options::overwrite_existing);
    }
    const Result<Restored> restored = restore_database(*lock, target(), some_moment);
    REQUIRE(restored.has_value());
    CHECK(restored->kept == folder);
    CHECK_FALSE(fs::exists(file.parent_path() / "before-restore-2"));
    CHECK_FALSE(fs::exists(unfinished_restore(file)));
    CHECK(ask_file(folder / file.filename(), "SELECT value FROM markers WHERE name = 'a'") == "7");
    database = Database::open(*lock).value();
    CHECK(Markers{*database}.find("a").value() == "0");
}

TEST_CASE("an upgrade of the schema begins with a checked backup", "[store][migration][F51]") {
    StoreFixture fixture;
    const fs::path file = fixture.lock->database_file();
    fixture.database.reset();
    fs::remove(file);
    const std::size_t before = schema_steps().size() - 1;
    {
        SQLite::Database old{file.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE};
        old.exec(
            "PRAGMA journal_mode = WAL; PRAGMA application_id = " + std::to_string(application_id)
        );
        for (const SchemaStep& step : schema_steps().first(before)) {
            old.exec(std::string{step.sql});
        }
        old.exec("PRAGMA user_version = " + std::to_string(before));
        old.exec("INSERT INTO markers VALUES ('old', 'yes')");
    }
    fixture.database = Database::open(*fixture.lock).value();
    CHECK(fixture.database->schema_version() == newest_schema_version());
    const fs::path kept =
        file.parent_path() / ("before-upgrade-from-" + std::to_string(before) + ".db");
    const Result<CopyFacts> facts = check_copy(kept);
    REQUIRE(facts.has_value());
    CHECK(facts->schema_version == static_cast<int>(before));
    CHECK(ask_file(kept, "SELECT value FROM markers WHERE name = 'old'") == "yes");
}

} // namespace reviewd::test::test_backup
