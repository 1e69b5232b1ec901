// A database that vanished is not replaced by an empty one: all that was sent would be sent again.
#include "daemon/store/database_mark.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/files.hpp"
#include "tests/unit/store/store_fixture.hpp"

#include <filesystem>
#include <string>

namespace reviewd::test::test_lost_database {

using namespace reviewd;
using namespace reviewd::store;
namespace fs = std::filesystem;

namespace {

/// What opening says where nobody holds the lock; empty when it opens.
std::string try_open(const fs::path& directory, OpenMode mode = OpenMode::create_if_missing) {
    const InstanceLock lock = InstanceLock::acquire(directory).value();
    const auto opened = Database::open(lock, mode);
    if (opened.has_value()) {
        return {};
    }
    CHECK(opened.error().code == ErrorCode::bad_data);
    return opened.error().message;
}

void close(StoreFixture& used) {
    used.database.reset();
    used.lock.reset();
}

} // namespace

TEST_CASE("a database that was cut to nothing is not begun anew", "[store][open]") {
    StoreFixture used;
    close(used);
    const fs::path file = used.directory.path() / "reviewd.db";
    fs::resize_file(file, 0);
    for (const OpenMode mode : {OpenMode::create_if_missing, OpenMode::existing}) {
        const std::string refusal = try_open(used.directory.path(), mode);
        REVIEWD_CHECK_CONTAINS(refusal, "is lost: the file is empty, and there was one");
        REVIEWD_CHECK_CONTAINS(refusal, "reviewctl restore FILE");
        REVIEWD_CHECK_CONTAINS(refusal, "move reviewd.made out of");
    }
    CHECK(fs::file_size(file) == 0);
}

TEST_CASE("a database that is gone is not begun anew, until its mark is gone", "[store][open]") {
    StoreFixture used;
    close(used);
    const fs::path file = used.directory.path() / "reviewd.db";
    fs::remove(file);
    REVIEWD_CHECK_CONTAINS(try_open(used.directory.path()), "is lost: there is no such file");
    CHECK_FALSE(fs::exists(file));
    fs::remove(database_mark(file));
    CHECK(try_open(used.directory.path()).empty());
}

TEST_CASE("a log without its database is kept, also of an earlier version", "[store][open]") {
    const TemporaryDirectory directory;
    const bool is_empty = GENERATE(false, true);
    const fs::path file = directory.path() / "reviewd.db";
    if (is_empty) {
        directory.write("reviewd.db", "");
    }
    directory.write("reviewd.db-wal", "committed");
    REVIEWD_CHECK_CONTAINS(try_open(directory.path()), "reviewd.db-wal has transactions");
    CHECK(fs::exists(file) == is_empty);
    CHECK(read_file(directory.path() / "reviewd.db-wal") == "committed");
}

TEST_CASE("a first start that was interrupted is no loss", "[store][open]") {
    const TemporaryDirectory directory;
    directory.write("reviewd.db", "");
    directory.write("reviewd.db-wal", "");
    CHECK(try_open(directory.path()).empty());
    CHECK(fs::exists(directory.path() / "reviewd.made"));
}

TEST_CASE("a database says whether this opening made it", "[store][open]") {
    StoreFixture fixture;
    CHECK(fixture.database->is_new());
    fixture.restart();
    CHECK_FALSE(fixture.database->is_new());
}

TEST_CASE("a file without bytes is no existing database", "[store][open]") {
    const TemporaryDirectory directory;
    directory.write("reviewd.db", "");
    const InstanceLock lock = InstanceLock::acquire(directory.path()).value();
    const auto opened = Database::open(lock, OpenMode::existing);
    REQUIRE(opened.has_error());
    CHECK(opened.error().code == ErrorCode::not_found);
    CHECK(fs::file_size(lock.database_file()) == 0);
}

} // namespace reviewd::test::test_lost_database
