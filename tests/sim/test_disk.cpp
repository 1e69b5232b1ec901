#include "daemon/simulation/disk.hpp"
#include "daemon/store/database.hpp"
#include "daemon/store/errors.hpp"
#include "daemon/store/markers.hpp"
#include "daemon/store/transaction.hpp"
#include "tests/support/catch.hpp"

#include <sqlite3.h>

using namespace reviewd;
using simulation::Disk;

namespace {

std::unique_ptr<store::Database> open_on(Disk& disk) {
    return store::Database::open_simulated("reviewd.db", disk.vfs()).value();
}

Result<void> mark(store::Database& database, int number) {
    return store::write(database, [&]() -> Result<void> {
        store::Markers{database}.set("number", std::to_string(number));
        return {};
    });
}

/// Marks 1, 2, 3 … until the process ends. @returns the last number that was acknowledged
int mark_until_crash(store::Database& database) {
    for (int number = 1;; ++number) {
        try {
            if (!mark(database, number).has_value()) {
                return number - 1;
            }
        } catch (const store::StorageLost&) {
            return number - 1;
        }
    }
}

} // namespace

TEST_CASE("what was acknowledged outlives every crash", "[sim][disk][F1][F3][I17][I19]") {
    for (const auto ending : {Disk::Ending::process, Disk::Ending::power}) {
        for (int operation = 1; operation < 60; ++operation) {
            Disk disk{static_cast<std::uint64_t>(operation)};
            auto database = open_on(disk);
            disk.crash_at(operation, ending);
            const int acknowledged = mark_until_crash(*database);
            CHECK(disk.is_crashed());
            database.reset();
            disk.restart();
            database = open_on(disk);
            INFO("crash at operation " << operation);
            CHECK(database->check_integrity() == "ok");
            const int found = std::stoi(store::Markers{*database}.find("number").value_or("0"));
            CHECK(found >= acknowledged);
            CHECK(found <= acknowledged + 1);
        }
    }
}

TEST_CASE("a disk knows when a crash may have torn pages of a database", "[sim][disk][F3]") {
    Disk disk{1};
    sqlite3_vfs* const vfs = sqlite3_vfs_find(disk.vfs().c_str());
    // A whole write to a file, and then half of another one, as the seed has it.
    const auto write_to = [&](const char* name, int kind, Disk::Ending ending) {
        const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | kind;
        const auto file = std::make_unique<std::max_align_t[]>(
            static_cast<std::size_t>(vfs->szOsFile) / sizeof(std::max_align_t) + 1
        );
        auto* const handle = reinterpret_cast<sqlite3_file*>(file.get());
        REQUIRE(vfs->xOpen(vfs, name, handle, flags, nullptr) == SQLITE_OK);
        const std::string page(512, 'p');
        REQUIRE(handle->pMethods->xWrite(handle, page.data(), 512, 0) == SQLITE_OK);
        disk.crash_at(1, ending);
        CHECK(handle->pMethods->xWrite(handle, page.data(), 512, 0) != SQLITE_OK);
        handle->pMethods->xClose(handle);
        disk.restart();
        return disk.has_torn_pages();
    };
    CHECK(write_to("a.db", SQLITE_OPEN_MAIN_DB, Disk::Ending::power));
    CHECK_FALSE(write_to("a.db-wal", SQLITE_OPEN_WAL, Disk::Ending::power));
    int torn = 0;
    for (int i = 0; i < 20; ++i) {
        CHECK_FALSE(write_to("a.db-wal", SQLITE_OPEN_WAL, Disk::Ending::process));
        torn += write_to("a.db", SQLITE_OPEN_MAIN_DB, Disk::Ending::process) ? 1 : 0;
    }
    CHECK(torn > 0);
    CHECK(torn < 20); // of a write, half may be done or nothing
}

TEST_CASE("without syncing, a power loss loses what was acknowledged", "[sim][disk][F4]") {
    int lost = 0;
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        Disk disk{seed};
        sqlite3* raw = nullptr;
        REQUIRE(
            sqlite3_open_v2(
                "plain.db", &raw, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, disk.vfs().c_str()
            )
            == SQLITE_OK
        );
        const auto run = [&](const char* sql) {
            return sqlite3_exec(raw, sql, nullptr, nullptr, nullptr);
        };
        REQUIRE(run("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL") == SQLITE_OK);
        REQUIRE(run("CREATE TABLE t (a); PRAGMA wal_checkpoint(TRUNCATE)") == SQLITE_OK);
        REQUIRE(run("INSERT INTO t VALUES (1)") == SQLITE_OK);
        CHECK_FALSE(disk.is_synced());
        disk.crash_now(Disk::Ending::power);
        sqlite3_close(raw);
        disk.restart();
        REQUIRE(
            sqlite3_open_v2("plain.db", &raw, SQLITE_OPEN_READWRITE, disk.vfs().c_str())
            == SQLITE_OK
        );
        int rows = 0;
        const auto count = [](void* into, int, char** values, char**) {
            *static_cast<int*>(into) = std::atoi(values[0]);
            return 0;
        };
        REQUIRE(sqlite3_exec(raw, "SELECT count(*) FROM t", count, &rows, nullptr) == SQLITE_OK);
        lost += rows == 0 ? 1 : 0;
        sqlite3_close(raw);
    }
    CHECK(lost > 5);
    CHECK(lost < 20); // sometimes the sectors made it
}

TEST_CASE("a full disk refuses writes, and takes them again", "[sim][disk][F5]") {
    Disk disk{1};
    auto database = open_on(disk);
    disk.set_room(Disk::Room::none);
    const Result<void> refused = mark(*database, 1);
    REQUIRE(refused.has_error());
    CHECK(refused.error().code == ErrorCode::try_later);
    CHECK_FALSE(store::Markers{*database}.find("number").has_value());
    disk.set_room(Disk::Room::enough);
    CHECK(mark(*database, 2).has_value());
    CHECK(disk.is_synced());
}

TEST_CASE("after a failed sync the database is not used any more", "[sim][disk][F8]") {
    Disk disk{1};
    auto database = open_on(disk);
    disk.fail_next_sync();
    CHECK_THROWS_AS(mark(*database, 1).has_value(), store::StorageLost);
    CHECK(disk.has_failed_sync());
    CHECK_THROWS_AS(mark(*database, 2).has_value(), store::StorageLost);
    disk.crash_now(Disk::Ending::process);
    database.reset();
    disk.restart();
    database = open_on(disk);
    CHECK(database->check_integrity() == "ok");
    CHECK(mark(*database, 3).has_value());
}
