// Two backups at once into one directory.
#include "daemon/ctl/backup_turn.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/files.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/unit/ctl/run.hpp"

#include <filesystem>

namespace reviewd::ctl::test::test_backup_turn {

namespace fs = std::filesystem;
using reviewd::test::read_file;
using reviewd::test::TemporaryDirectory;

TEST_CASE("one command at a time makes a backup in a directory", "[ctl][backup]") {
    const TemporaryDirectory directory;
    const TemporaryDirectory other;
    {
        const Result<BackupTurn> first = BackupTurn::take(directory.path());
        REQUIRE(first.has_value());
        const Result<BackupTurn> second = BackupTurn::take(directory.path());
        REQUIRE(second.has_error());
        CHECK(second.error().code == ErrorCode::try_later);
        REVIEWD_CHECK_CONTAINS(second.error().message, "another `reviewctl backup` is at work in");
        REVIEWD_CHECK_CONTAINS(second.error().message, directory.path().string());
        CHECK(BackupTurn::take(other.path()).has_value());
        CHECK(BackupTurn::take(directory.path()).has_error()); // the refused one took nothing away
    }
    CHECK(fs::is_empty(directory.path()));
    CHECK(BackupTurn::take(directory.path()).has_value());
}

TEST_CASE("what a killed backup left keeps nobody waiting", "[ctl][backup]") {
    const TemporaryDirectory directory;
    directory.write(".reviewd-backup.lock", "");
    CHECK(BackupTurn::take(directory.path()).has_value());
    CHECK(fs::is_empty(directory.path()));
    fs::create_symlink(directory.path() / "elsewhere", directory.path() / ".reviewd-backup.lock");
    const Result<BackupTurn> followed = BackupTurn::take(directory.path());
    REQUIRE(followed.has_error());
    CHECK(followed.error().code == ErrorCode::cannot_create);
    CHECK_FALSE(fs::exists(directory.path() / "elsewhere"));
}

TEST_CASE("a second backup leaves the file of the first alone, and says why", "[ctl][backup]") {
    const TemporaryDirectory directory;
    directory.write(".reviewd-backup.part", "half of it");
    const Result<BackupTurn> first = BackupTurn::take(directory.path());
    REQUIRE(first.has_value());
    const Ran second =
        run({"--offline", "--state", "/no/such/state", "backup", directory.path().string()});
    CHECK(second.code == 75);
    REVIEWD_CHECK_CONTAINS(second.error, "another `reviewctl backup` is at work in");
    CHECK(read_file(directory.path() / ".reviewd-backup.part") == "half of it");
}

} // namespace reviewd::ctl::test::test_backup_turn
