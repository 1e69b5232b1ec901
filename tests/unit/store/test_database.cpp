#include "daemon/store/errors.hpp"
#include "daemon/store/internal/implementation.hpp"
#include "daemon/store/internal/migration.hpp"
#include "daemon/store/internal/table_sql.hpp"
#include "daemon/store/read_database.hpp"
#include "daemon/store/transaction.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/files.hpp"
#include "tests/unit/store/store_fixture.hpp"

#include <SQLiteCpp/Database.h>
#include <fmt/core.h>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

namespace reviewd::test::test_database {

namespace {

using namespace reviewd;
using namespace reviewd::store;
using namespace reviewd::test;

/// What `work` returns in another process, which shares no lock with this one. It must not use
/// databases opened here.
template <class Work>
int in_child(const Work& work) {
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        ::_exit(work());
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    REQUIRE(WIFEXITED(status));
    return WEXITSTATUS(status);
}

/// A database as an earlier version left it.
void make_version(
    const std::filesystem::path& file, std::size_t version, const std::string& rows = {}
) {
    SQLite::Database old{file.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE};
    old.exec("PRAGMA application_id = " + std::to_string(application_id));
    for (const SchemaStep& step : schema_steps().first(version)) {
        old.exec(std::string{step.sql});
    }
    old.exec("PRAGMA user_version = " + std::to_string(version));
    old.exec(rows);
}

/// Statements that write a row of every state and cause.
std::string rows_of_every_state() {
    std::string rows =
        "INSERT INTO sources (id, name, table_name) VALUES (1, 'crm', 'accounts');"
        "INSERT INTO rules_versions (id, hash, loaded_at_ms, who, note) VALUES (1, '', 0, '', '');";
    for (const char* state :
         {"planned",
          "held",
          "ready",
          "sending",
          "wait",
          "uncertain",
          "accepted",
          "failed",
          "expired",
          "cancelled",
          "superseded"}) {
        rows += fmt::format(
            "INSERT INTO deliveries (key, channel, person_id, digest, state, phase, lease,"
            " not_before_ms, next_at_ms, is_frozen, created_ms, changed_ms)"
            " SELECT '{0}', 'mail', 1, '', '{0}', iif('{0}' = 'sending', 'begin', NULL),"
            " iif('{0}' = 'sending', 'x', NULL), 0, iif('{0}' IN ('ready', 'wait'), 0, NULL),"
            " '{0}' <> 'planned', 0, 0;",
            state
        );
    }
    int number = 0;
    for (const char* state :
         {"planned", "invited", "appointment", "done", "missed", "skipped", "cancelled"}) {
        rows += fmt::format(
            "INSERT INTO accounts (id, source_id, key, name, generation, content_hash, recorded)"
            " VALUES ({0}, 1, 'A{0}', '{0}', 1, 0, 0);",
            ++number
        );
        rows += fmt::format(
            "INSERT INTO reviews (account_id, state, occurrence, version, kind, earliest, target,"
            " due, latest, level, cadence, reasons, created_ms, held_on, closed_at_ms)"
            " SELECT {1}, '{0}', 1, 1, '', 0, 0, 0, 0, '', '', '[]', 0, iif('{0}' = 'done', 0,"
            " NULL), iif('{0}' IN ('planned', 'invited', 'appointment'), NULL, 0);",
            state,
            number
        );
    }
    for (const char* cause : {"first", "facts", "rules", "day", "person", "override"}) {
        rows += fmt::format(
            "INSERT INTO score_changes (account_id, day, from_level, to_level, points,"
            " rules_version_id, cause, detail) VALUES (1, 0, '', '', 0, 1, '{}', '');",
            cause
        );
    }
    for (const char* state : {"open", "deferred", "answered", "gone"}) {
        rows += fmt::format(
            "INSERT INTO occasions (account_id, trigger_id, event, happened, noticed, detail,"
            " state, stands) VALUES (1, 'x', '{0}', 0, 0, '', '{0}', 0);",
            state
        );
    }
    return rows;
}

} // namespace

TEST_CASE_METHOD(StoreFixture, "a fresh database has every setting it must have", "[store][open]") {
    CHECK(database->check_settings().empty());
    CHECK(database->check_integrity() == "ok");
    CHECK(database->schema_version() == newest_schema_version());
    CHECK(ask("PRAGMA application_id") == std::to_string(application_id));
    CHECK(ask("PRAGMA auto_vacuum") == "2");
    CHECK(ask("SELECT count(*) FROM sqlite_schema WHERE type IN ('trigger', 'view')") == "0");
}

TEST_CASE_METHOD(StoreFixture, "a setting that is lost is named", "[store][open]") {
    REQUIRE(try_sql("PRAGMA synchronous = NORMAL").empty());
    REVIEWD_CHECK_CONTAINS(database->check_settings(), "synchronous is 1 instead of 2");
}

TEST_CASE_METHOD(StoreFixture, "every table is strict", "[store][schema]") {
    CHECK(ask("SELECT group_concat(name) FROM pragma_table_list"
              " WHERE schema = 'main' AND type = 'table' AND strict = 0"
              " AND name NOT LIKE 'sqlite%'")
              .empty());
}

TEST_CASE_METHOD(StoreFixture, "values of a wrong type or range are refused", "[store][schema]") {
    const SourceId people = source("people", rules::Table::people);
    REQUIRE(people);
    REVIEWD_CHECK_CONTAINS(
        try_sql("UPDATE sources SET generation = 'one'"), "cannot store TEXT value in INTEGER"
    );
    REVIEWD_CHECK_CONTAINS(try_sql("UPDATE sources SET generation = -1"), "CHECK constraint");
    REVIEWD_CHECK_CONTAINS(try_sql("UPDATE sources SET table_name = 'x'"), "CHECK constraint");
    REVIEWD_CHECK_CONTAINS(
        try_sql("INSERT INTO audit (at_ms, who, origin, what, details) VALUES (1,'a','b','c','{')"),
        "CHECK constraint"
    );
}

TEST_CASE_METHOD(
    StoreFixture, "the tables have exactly the built-in columns of the rules", "[store][schema]"
) {
    for (const rules::Table table : rules::all_tables()) {
        for (const rules::Column& column : schema[table].columns) {
            const bool is_text = column.type == rules::ColumnType::text;
            const std::string sql = "SELECT type FROM pragma_table_info('"
                                    + std::string{rules::name(table)} + "') WHERE name = '"
                                    + column.name + "'";
            CAPTURE(sql);
            CHECK(ask(sql) == (is_text ? "TEXT" : "INTEGER"));
        }
    }
}

TEST_CASE("a log whose index finds no room is a full disk", "[store][F5]") {
    const Error error = describe_open_failure("reviewd.db", SQLITE_IOERR_SHMSIZE, "disk I/O error");
    CHECK(error.code == ErrorCode::try_later);
    REVIEWD_CHECK_CONTAINS(error.message, "full");
    CHECK(
        describe_open_failure("reviewd.db", SQLITE_IOERR_READ, "disk I/O error").code
        == ErrorCode::io_failed
    );
}

TEST_CASE("a second daemon is refused and touches nothing", "[store][lock][F36]") {
    StoreFixture first;
    const std::filesystem::path state = first.directory.path();
    const auto before = std::filesystem::last_write_time(state / "reviewd.lock");
    const int code = in_child([&] {
        const Result<InstanceLock> second = InstanceLock::acquire(state);
        if (second.has_value()) {
            return 0;
        }
        const bool names_holder = second.error().message.find("(process ") != std::string::npos;
        return names_holder ? exit_code(second.error().code) : 1;
    });
    CHECK(code == 73);
    CHECK(std::filesystem::last_write_time(state / "reviewd.lock") == before);
}

TEST_CASE("the lock is free again when its holder is gone", "[store][lock]") {
    const TemporaryDirectory directory;
    const int code = in_child([&] {
        const Result<InstanceLock> lock = InstanceLock::acquire(directory.path());
        return lock.has_value() ? 0 : 1;
    });
    REQUIRE(code == 0);
    CHECK(InstanceLock::acquire(directory.path()).has_value());
}

TEST_CASE("a state directory that is not there is an error, not made", "[store][lock]") {
    const TemporaryDirectory directory;
    const auto lock = InstanceLock::acquire(directory.path() / "missing");
    REQUIRE(lock.has_error());
    CHECK(lock.error().code == ErrorCode::cannot_create);
    CHECK_FALSE(std::filesystem::exists(directory.path() / "missing"));
}

TEST_CASE("opening an existing database does not create one", "[store][open]") {
    const TemporaryDirectory directory;
    const InstanceLock lock = InstanceLock::acquire(directory.path()).value();
    const auto opened = Database::open(lock, OpenMode::existing);
    REQUIRE(opened.has_error());
    CHECK(opened.error().code == ErrorCode::not_found);
    CHECK_FALSE(std::filesystem::exists(lock.database_file()));
}

TEST_CASE("a file that is no database is refused and left alone", "[store][open]") {
    const TemporaryDirectory directory;
    const std::string text(5000, 'x');
    directory.write("reviewd.db", text);
    const InstanceLock lock = InstanceLock::acquire(directory.path()).value();
    const auto opened = Database::open(lock);
    REQUIRE(opened.has_error());
    CHECK(opened.error().code == ErrorCode::bad_data);
    REVIEWD_CHECK_CONTAINS(opened.error().message, "reviewctl restore FILE");
    CHECK(read_file(lock.database_file()) == text);
}

TEST_CASE("a database of another program is refused and left alone", "[store][open]") {
    const TemporaryDirectory directory;
    const InstanceLock lock = InstanceLock::acquire(directory.path()).value();
    {
        SQLite::Database other{
            lock.database_file().string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE};
        other.exec("CREATE TABLE notes (text)");
    }
    const std::string before = read_file(lock.database_file());
    const auto opened = Database::open(lock);
    REQUIRE(opened.has_error());
    CHECK(opened.error().code == ErrorCode::bad_data);
    REVIEWD_CHECK_CONTAINS(opened.error().message, "not a database of reviewd");
    REVIEWD_CHECK_CONTAINS(opened.error().message, "another program");
    CHECK(read_file(lock.database_file()) == before);
}

TEST_CASE("an older binary refuses a newer file and leaves it alone", "[store][migration][F51]") {
    StoreFixture newer;
    newer.try_sql("PRAGMA user_version = 99");
    newer.database.reset();
    const std::string before = read_file(newer.lock->database_file());
    const auto opened = Database::open(*newer.lock);
    REQUIRE(opened.has_error());
    CHECK(opened.error().code == ErrorCode::bad_data);
    REVIEWD_CHECK_CONTAINS(opened.error().message, "schema version 99");
    CHECK(read_file(newer.lock->database_file()) == before);
}

TEST_CASE("a migration that fails leaves the version before it", "[store][migration][F51]") {
    StoreFixture fixture;
    const auto newest = static_cast<std::size_t>(newest_schema_version());
    std::vector<SchemaStep> steps{schema_steps().begin(), schema_steps().end()};
    steps.push_back({"good", "CREATE TABLE extra (id INTEGER PRIMARY KEY) STRICT;"});
    steps.push_back({"bad", "CREATE TABLE half (id INTEGER PRIMARY KEY) STRICT; nonsense;"});
    CHECK_THROWS_AS(static_cast<void>(migrate(fixture.database->implementation(), steps)), Failure);
    CHECK(fixture.ask("PRAGMA user_version") == std::to_string(newest));
    CHECK(fixture.ask("SELECT count(*) FROM sqlite_schema WHERE name = 'extra'") == "0");
    CHECK(fixture.ask("SELECT count(*) FROM sqlite_schema WHERE name = 'half'") == "0");
}

TEST_CASE(
    "a database of any earlier version becomes what a new one is", "[store][migration][F51]"
) {
    const std::string whole_schema =
        "SELECT group_concat(type || ' ' || name || ' of ' || tbl_name || ': '"
        " || coalesce(sql, ''), char(10)) FROM (SELECT * FROM sqlite_schema ORDER BY type, name)";
    const StoreFixture fresh;
    StoreFixture fixture;
    const std::filesystem::path file = fixture.lock->database_file();
    for (std::size_t version = 1; version < schema_steps().size(); ++version) {
        CAPTURE(version);
        fixture.database.reset();
        std::filesystem::remove(file);
        make_version(file, version);
        fixture.restart();
        CHECK(fixture.ask(whole_schema) == fresh.ask(whole_schema));
        CHECK(fixture.database->check_settings().empty());
        CHECK(fixture.database->check_integrity() == "ok");
    }
}

TEST_CASE("an upgrade knows from which day a review was pulled", "[store][migration][F51]") {
    StoreFixture fixture;
    const std::filesystem::path file = fixture.lock->database_file();
    fixture.database.reset();
    std::filesystem::remove(file);
    const auto moved = [](const char* from) {
        return fmt::format(
            "INSERT INTO review_events (review_id, at_ms, who, origin, what, details)"
            " VALUES (1, 0, '', '', 'moved', '{{\"from\":\"{}\",\"to\":\"2026-11-25\"}}');",
            from
        );
    };
    const std::string pulled = "UPDATE reviews SET due = 20782, reasons = '[\"x\"]' WHERE id = 1;";
    const auto upgraded = [&](const std::string& rows) {
        make_version(file, 15, rows_of_every_state() + rows);
        fixture.restart();
        return fixture.ask("SELECT coalesce(pulled_from, 'none') FROM reviews WHERE id = 1");
    };
    SECTION("by the last move") {
        CHECK(upgraded(pulled + moved("2027-04-15") + moved("2026-12-14")) == "20801");
    }
    SECTION("from an earlier day none was taken") {
        CHECK(upgraded(pulled + moved("2026-11-20")) == "none");
    }
    SECTION("what has no reason was moved for another one") {
        CHECK(upgraded("UPDATE reviews SET due = 20782;" + moved("2026-12-14")) == "none");
    }
}

TEST_CASE("an upgrade keeps what a row may hold, and nothing else", "[store][migration][F51]") {
    StoreFixture fixture;
    const std::filesystem::path file = fixture.lock->database_file();
    fixture.database.reset();
    std::filesystem::remove(file);
    make_version(file, 12, rows_of_every_state());
    fixture.restart();
    CHECK(fixture.ask("SELECT count(*) FROM deliveries") == "11");
    CHECK(fixture.database->check_integrity() == "ok");
    for (const char* good :
         {"UPDATE deliveries SET state = state, is_frozen = is_frozen",
          "UPDATE deliveries SET is_frozen = 0"
          " WHERE state IN ('planned', 'held', 'expired', 'cancelled', 'superseded')",
          "UPDATE reviews SET state = state, closed_at_ms = closed_at_ms",
          "UPDATE score_changes SET cause = cause",
          "UPDATE occasions SET state = state"}) {
        CAPTURE(good);
        CHECK(fixture.try_sql(good).empty());
    }
    const auto refuses = [&](const std::string& sql) {
        return fixture.try_sql(sql).find("CHECK constraint failed") != std::string::npos;
    };
    CHECK(refuses("UPDATE deliveries SET state = 'none' WHERE state = 'accepted'"));
    for (const char* state : {"ready", "sending", "wait", "uncertain", "accepted", "failed"}) {
        CAPTURE(state);
        CHECK(refuses(fmt::format("UPDATE deliveries SET is_frozen = 0 WHERE state = '{}'", state))
        );
    }
    CHECK(refuses("UPDATE reviews SET state = 'none' WHERE state = 'missed'"));
    for (const char* state : {"planned", "invited", "appointment"}) {
        CAPTURE(state);
        CHECK(refuses(fmt::format("UPDATE reviews SET closed_at_ms = 0 WHERE state = '{}'", state))
        );
    }
    for (const char* state : {"done", "missed", "skipped", "cancelled"}) {
        CAPTURE(state);
        CHECK(
            refuses(fmt::format("UPDATE reviews SET closed_at_ms = NULL WHERE state = '{}'", state))
        );
    }
    CHECK(refuses("UPDATE score_changes SET cause = 'none'"));
    CHECK(refuses("UPDATE occasions SET state = 'none'"));
}

TEST_CASE_METHOD(StoreFixture, "an error rolls the transaction back", "[store][transaction]") {
    const auto failed = write(*database, [&]() -> Result<void> {
        static_cast<void>(Sources{*database}.declare("lost", rules::Table::people).value());
        return fail(ErrorCode::bad_data, "no");
    });
    CHECK(failed.has_error());
    CHECK_FALSE(Sources{*database}.find("lost"));
    CHECK_FALSE(database->is_in_transaction());
}

TEST_CASE_METHOD(StoreFixture, "an exception rolls the transaction back", "[store][transaction]") {
    CHECK_THROWS_AS(
        static_cast<void>(write(
            *database,
            [&]() -> Result<void> {
                static_cast<void>(Sources{*database}.declare("lost", rules::Table::people).value());
                throw std::runtime_error("stop");
            }
        )),
        std::runtime_error
    );
    CHECK_FALSE(Sources{*database}.find("lost"));
}

TEST_CASE_METHOD(StoreFixture, "a nested failure undoes its own part", "[store][transaction]") {
    Sources sources{*database};
    const auto outer = write(*database, [&]() -> Result<void> {
        static_cast<void>(sources.declare("kept", rules::Table::people).value());
        const auto inner = write(*database, [&]() -> Result<void> {
            static_cast<void>(sources.declare("undone", rules::Table::people).value());
            return fail(ErrorCode::conflict, "no");
        });
        CHECK(inner.has_error());
        return {};
    });
    CHECK(outer.has_value());
    CHECK(sources.find("kept"));
    CHECK_FALSE(sources.find("undone"));
}

TEST_CASE_METHOD(
    StoreFixture, "a database that another process took over is not written", "[store][F37]"
) {
    static_cast<void>(source("crm", rules::Table::accounts)); // transactions that were ours
    SECTION("by another connection") {
        sqlite3* other = nullptr;
        const std::string file = database->implementation().database.getFilename();
        REQUIRE(sqlite3_open(file.c_str(), &other) == SQLITE_OK);
        const char* const sql = "UPDATE instance SET instance_id = 'another'";
        CHECK(sqlite3_exec(other, sql, nullptr, nullptr, nullptr) == SQLITE_OK);
        sqlite3_close(other);
    }
    SECTION("by this one") {
        REQUIRE(try_sql("UPDATE instance SET instance_id = 'another'").empty());
    }
    CHECK_THROWS_AS(Transaction{*database}, StorageLost);
    CHECK_THROWS_AS(Sources{*database}.list(), StorageLost);
}

TEST_CASE_METHOD(StoreFixture, "each opening has its own instance id", "[store][open]") {
    const std::string first = database->instance_id();
    CHECK(first.size() == 32);
    restart();
    CHECK(database->instance_id() != first);
}

TEST_CASE_METHOD(StoreFixture, "the latest moment seen never goes back", "[store][clock]") {
    CHECK_FALSE(database->last_seen());
    const auto see = [&](TimePoint now) {
        return write(*database, [&]() -> Result<void> {
            database->remember_seen(now);
            return {};
        });
    };
    REQUIRE(see(minute(5)).has_value());
    REQUIRE(see(minute(3)).has_value());
    restart();
    CHECK(database->last_seen() == minute(5));
}

TEST_CASE_METHOD(StoreFixture, "a reader sees commits and cannot write", "[store][reader]") {
    const auto reader = ReadDatabase::open(lock->database_file()).value();
    CHECK(Sources{*reader}.list().empty());
    static_cast<void>(source("new", rules::Table::people));
    CHECK(Sources{*reader}.list().size() == 1);
    {
        const Snapshot snapshot{*reader};
        CHECK(Sources{*reader}.list().size() == 1);
        static_cast<void>(source("newer", rules::Table::people));
        CHECK(Sources{*reader}.list().size() == 1);
    }
    CHECK(Sources{*reader}.list().size() == 2);
    CHECK_THROWS_AS(Query(*reader, "UPDATE instance SET last_seen_ms = 1").run(), StorageFull);
}

TEST_CASE_METHOD(StoreFixture, "a reader's long statement can be ended", "[store][reader]") {
    const auto reader = ReadDatabase::open(lock->database_file()).value();
    const auto count_to = [&](int last) {
        Query query{
            *reader,
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)"
            " SELECT count(*) FROM n"};
        query.bind(last);
        const bool is_counted = query.step(); // not within CHECK, which would take what it throws
        CHECK(is_counted);
    };
    constexpr int many = 100'000;
    constexpr int endless = 2'000'000'000;
    int begun = 0;
    reader->limit_reads([&] {
        ++begun;
        return [left = 200]() mutable {
            return --left < 0;
        };
    });
    CHECK_THROWS_AS(count_to(endless), StorageBusy);
    CHECK(begun == 1);
    // Each of many short ones has its own time, and nobody waits longer for the first of them.
    for (int i = 0; i < 10; ++i) {
        count_to(many);
    }
    CHECK(begun == 11);
    {
        // What is read of one commit holds back as long as all of it takes.
        const Snapshot snapshot{*reader};
        CHECK(begun == 12);
        const auto all = [&] {
            for (int i = 0; i < 10; ++i) {
                count_to(many);
            }
        };
        CHECK_THROWS_AS(all(), StorageBusy);
        CHECK(begun == 12);
    }
    reader->limit_reads({});
    const int limited = begun;
    count_to(many);
    CHECK(Sources{*reader}.list().empty());
    CHECK(begun == limited);
}

TEST_CASE_METHOD(StoreFixture, "the checkpoint empties the write-ahead log", "[store][wal]") {
    static_cast<void>(source("one", rules::Table::people));
    const std::filesystem::path log = lock->database_file().string() + "-wal";
    REQUIRE(std::filesystem::file_size(log) > 0);
    CHECK(checkpoint(*database));
    CHECK(std::filesystem::file_size(log) == 0);
}

} // namespace reviewd::test::test_database
