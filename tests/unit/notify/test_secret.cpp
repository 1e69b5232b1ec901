#include "daemon/notify/api/outcome.hpp"
#include "daemon/notify/api/secret.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/no_descriptors.hpp"
#include "tests/support/temporary_directory.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>

namespace reviewd::test::test_secret {

using reviewd::notify::Secret;
using reviewd::notify::SecretSource;
using reviewd::test::TemporaryDirectory;
namespace fs = std::filesystem;

namespace {

fs::path write(const TemporaryDirectory& directory, const std::string& content) {
    const fs::path file = directory.write("secret", content);
    fs::permissions(file, fs::perms::owner_read | fs::perms::owner_write);
    return file;
}

} // namespace

TEST_CASE("a secret prints as stars", "[notify][secret][T35]") {
    const Secret secret{"canary"};
    std::ostringstream out;
    out << secret;
    CHECK(out.str() == "***");
    CHECK(secret.reveal() == "canary");
}

TEST_CASE("a secret is read anew at each use", "[notify][secret]") {
    const TemporaryDirectory directory;
    const SecretSource source{write(directory, "first\n").string()};
    CHECK(source.read().value().reveal() == "first");
    std::ofstream{source.path()} << "second\r\n\n";
    CHECK(source.read().value().reveal() == "second");
}

TEST_CASE("a secret that everybody can read is refused", "[notify][secret][T35]") {
    const TemporaryDirectory directory;
    const fs::path file = write(directory, "canary\n");
    for (const fs::perms others : {fs::perms::others_read, fs::perms::others_write}) {
        fs::permissions(file, fs::perms::owner_read | others);
        const auto secret = SecretSource{file.string()}.read();
        REQUIRE(secret.has_error());
        REVIEWD_CHECK_CONTAINS(secret.error().message, "chmod o-rwx");
        CHECK(secret.error().message.find("canary") == std::string::npos);
    }
    fs::permissions(file, fs::perms::owner_read | fs::perms::group_read);
    CHECK(SecretSource{file.string()}.read().has_value());
}

TEST_CASE("a secret that cannot be opened now does not stop its channel", "[notify][secret][F49]") {
    const TemporaryDirectory directory;
    const SecretSource source{write(directory, "canary\n").string()};
    // The sanitizers look at each type once, and want a descriptor for that.
    REQUIRE(SecretSource{(directory.path() / "none").string()}.read().has_error());
    std::optional<Result<Secret>> starved;
    {
        const test::NoDescriptors nothing_left;
        starved.emplace(source.read());
    }
    REQUIRE(starved->has_error());
    CHECK(notify::cannot_begin(starved->error()).verdict == notify::Verdict::temporary);
    fs::remove(directory.path() / "secret");
    const Result<Secret> gone = source.read();
    CHECK(notify::cannot_begin(gone.error()).verdict == notify::Verdict::misconfigured);
}

TEST_CASE("a secret that is not there says so", "[notify][secret]") {
    const TemporaryDirectory directory;
    CHECK(SecretSource{(directory.path() / "none").string()}.read().has_error());
    CHECK(SecretSource{directory.path().string()}.read().has_error());
    CHECK(SecretSource{write(directory, "\n").string()}.read().has_error());
    CHECK(SecretSource{write(directory, std::string(70'000, 'x')).string()}.read().has_error());
}

} // namespace reviewd::test::test_secret
