#include "daemon/ctl/backup_files.hpp"
#include "daemon/ctl/restore_drill.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/temporary_directory.hpp"

using namespace reviewd;
using namespace reviewd::ctl;
using std::chrono::days;
using std::chrono::hours;

namespace {

constexpr TimePoint friday =
    TimePoint{std::chrono::sys_days{std::chrono::year{2026} / 11 / 20}} + hours{3};

} // namespace

TEST_CASE("a backup's name says when it was taken", "[ctl][backup]") {
    CHECK(backup_name(friday) == "reviewd-20261120T030000Z.db");
    CHECK(backup_time("reviewd-20261120T030000Z.db") == friday);
    for (const char* other :
         {"reviewd-20261120T030000.db",
          "reviewd-20261320T030000Z.db",
          "reviewd-2026112xT030000Z.db",
          "reviewd-20261120x030000Z.db",
          ".reviewd-backup.part",
          "accounts.csv",
          ""}) {
        INFO(other);
        CHECK_FALSE(backup_time(other));
    }
}

TEST_CASE("pruning keeps days, weeks and months beyond a year of reviews", "[ctl][backup]") {
    std::vector<BackupFile> backups;
    for (int day = 0; day < 800; ++day) {
        backups.push_back({backup_name(friday - days{day}), friday - days{day}});
    }
    std::vector<BackupFile> kept = backups;
    for (const BackupFile& extra : superfluous(backups)) {
        const auto same = [&](const BackupFile& each) {
            return each.path == extra.path;
        };
        kept.erase(std::find_if(kept.begin(), kept.end(), same));
    }
    CHECK(kept.size() >= 7 + 3 + 12);
    CHECK(kept.size() <= 7 + 5 + 14);
    CHECK(kept.front().taken == friday);
    CHECK(kept[6].taken == friday - days{6});
    CHECK(kept.back().taken < friday - days{365});
    CHECK(superfluous(kept).empty());
    CHECK(superfluous({}).empty());
}

TEST_CASE("only a backup that was tried can be a bad one", "[ctl][backup]") {
    CHECK(is_fault_of_backup(ErrorCode::bad_data));
    CHECK(is_fault_of_backup(ErrorCode::io_failed));
    CHECK_FALSE(is_fault_of_backup(ErrorCode::not_found));     // there is none
    CHECK_FALSE(is_fault_of_backup(ErrorCode::no_permission)); // to read it
    CHECK_FALSE(is_fault_of_backup(ErrorCode::cannot_create)); // no directory for it
    CHECK_FALSE(is_fault_of_backup(ErrorCode::try_later));     // the disk is full
    CHECK_FALSE(is_fault_of_backup(ErrorCode::bad_config));
}

TEST_CASE("pruning never takes the only backup, however old", "[ctl][backup]") {
    CHECK(superfluous({{"a", friday - days{4000}}}).empty());
}

TEST_CASE("only backups are listed, the newest first", "[ctl][backup]") {
    const reviewd::test::TemporaryDirectory directory;
    directory.write("reviewd-20261119T030000Z.db", "");
    directory.write("reviewd-20261120T030000Z.db", "");
    directory.write(".reviewd-backup.part", "");
    directory.write("notes.txt", "");
    const auto backups = list_backups(directory.path()).value();
    REQUIRE(backups.size() == 2);
    CHECK(backups.front().taken == friday);
    CHECK(list_backups(directory.path() / "nowhere").error().code == ErrorCode::not_found);
}
