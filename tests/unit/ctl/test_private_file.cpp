#include "daemon/ctl/private_file.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/files.hpp"
#include "tests/support/temporary_directory.hpp"

#include <sys/stat.h>

#include <filesystem>

namespace reviewd::ctl::test::test_private_file {

namespace fs = std::filesystem;
using reviewd::test::read_file;
using reviewd::test::TemporaryDirectory;

TEST_CASE("customers' data are for their owner's eyes", "[ctl][sheets]") {
    const TemporaryDirectory directory;
    const fs::path folder = directory.path() / "for" / "kim";
    const mode_t before = ::umask(0);
    const Result<void> made = make_private_folder(folder);
    const Result<void> written = write_private_file(folder / "review-1.txt", "Hartley Print");
    ::umask(before);
    REQUIRE(made.has_value());
    REQUIRE(written.has_value());
    CHECK(fs::status(folder).permissions() == fs::perms::owner_all);
    CHECK(
        fs::status(folder / "review-1.txt").permissions()
        == (fs::perms::owner_read | fs::perms::owner_write)
    );
    CHECK(read_file(folder / "review-1.txt") == "Hartley Print");
    CHECK(make_private_folder(folder).has_value()); // it is there
}

TEST_CASE("a sheet goes through no link and over no file", "[ctl][sheets]") {
    const TemporaryDirectory directory;
    const fs::path kept = directory.write("kept", "somebody's");
    fs::create_symlink(kept, directory.path() / "link");
    for (const char* name : {"link", "kept"}) {
        const fs::path path = directory.path() / name;
        const Result<void> written = write_private_file(path, "Hartley Print");
        REQUIRE(written.has_error());
        CHECK(written.error().code == ErrorCode::cannot_create);
        CHECK(written.error().message == path.string() + ": File exists");
        CHECK(read_file(kept) == "somebody's");
    }
}

TEST_CASE("a folder that cannot be made is named", "[ctl][sheets]") {
    const TemporaryDirectory directory;
    const fs::path folder = directory.write("file", "") / "sheets";
    const Result<void> made = make_private_folder(folder);
    REQUIRE(made.has_error());
    REVIEWD_CHECK_CONTAINS(made.error().message, folder.string() + ": ");
}

} // namespace reviewd::ctl::test::test_private_file
