#include "daemon/app/backup_desk.hpp"
#include "daemon/store/backup.hpp"
#include "daemon/store/instance_lock.hpp"
#include "daemon/store/restore.hpp"
#include "tests/support/await.hpp"
#include "tests/support/files.hpp"
#include "tests/unit/app/stage.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/json/array.hpp>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>

using namespace reviewd;
using app::test::Running;
using app::test::Stage;

namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

Result<json::value> back_up(const Running& daemon, int descriptor) {
    return daemon.connect().call("backup", {}, {}, std::span<const int>{&descriptor, 1});
}

Result<json::value> back_up(const Running& daemon, const fs::path& file) {
    const runtime::FileDescriptor target{
        ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, S_IRUSR | S_IWUSR)};
    REQUIRE(target.get() >= 0);
    return back_up(daemon, target.get());
}

std::int64_t delivered(const Stage& stage) {
    const fs::path file = fs::path{stage.places().state_directory} / "reminders.jsonl";
    if (!fs::exists(file)) {
        return 0;
    }
    const std::string text = reviewd::test::read_file(file);
    return std::count(text.begin(), text.end(), '\n');
}

} // namespace

TEST_CASE("a running daemon hands a checked backup to an open file", "[app][backup][I20][T43]") {
    const Stage stage;
    Running daemon{stage};
    CHECK(daemon.call("import").is_object());
    const fs::path file = stage.directory.path() / "copy.db";
    const json::value answer = back_up(daemon, file).value();
    CHECK(answer.at("rows").at("accounts") == 3);
    // Whatever becomes of the copy: who has it is known.
    const json::value trail = daemon.call("audit", {{"limit", 1}});
    const json::value& entry = trail.at("trail").at(0);
    CHECK(entry.at("what") == "exported");
    CHECK(entry.at("details") == json::value{{"command", "backup"}, {"rows", "3"}});
    const Result<store::CopyFacts> facts = store::check_copy(file);
    REQUIRE(facts.has_value());
    CHECK(facts->rows.at("accounts") == 3);
    // Nobody knows yet whether it gets its name.
    CHECK(daemon.call("status").at("last_backup").is_null());
    const json::value& taken = answer.at("taken_ms");
    CHECK(daemon.call("backup.published", {{"taken_ms", taken}}).at("taken") == answer.at("taken"));
    CHECK(daemon.call("status").at("last_backup") == answer.at("taken"));
    CHECK_FALSE(fs::exists(fs::path{stage.places().state_directory} / "backup.new"));
    CHECK(daemon.stop() == 0);
}

TEST_CASE("a drill that fails is seen until one succeeds", "[app][backup]") {
    const Stage stage;
    Running daemon{stage};
    CHECK(daemon.call("status").at("last_drill").is_null());
    CHECK(daemon.call("status").at("drill_problem").is_null());
    static_cast<void>(daemon.call("drill.ended", {{"problem", "page 7\nis damaged"}}));
    const json::value failed = daemon.call("status");
    CHECK(failed.at("last_drill").is_string());
    REVIEWD_CHECK_CONTAINS(std::string{failed.at("drill_problem").as_string()}, "page 7");
    static_cast<void>(daemon.call("drill.ended", {{"problem", ""}}));
    CHECK(daemon.call("status").at("last_drill").is_string());
    CHECK(daemon.call("status").at("drill_problem").is_null());
    CHECK(daemon.stop() == 0);
    REVIEWD_CHECK_CONTAINS(stage.lines.str(), "drill.failed");
}

TEST_CASE("a drill in another directory than the backups' says nothing of them", "[app][backup]") {
    const Stage stage;
    Running daemon{stage};
    const json::value now = stage.clock.now().time_since_epoch().count();
    const json::object published{{"taken_ms", now}, {"directory", "/var/backups/reviewd"}};
    CHECK(daemon.call("backup.published", published).is_object());
    // One beside the series does not change where that is.
    CHECK(daemon.call("backup.published", {{"taken_ms", now}}).is_object());
    const auto ended = [&](std::string_view directory, std::string_view problem) {
        return daemon.call("drill.ended", {{"directory", directory}, {"problem", problem}});
    };
    const json::value elsewhere = ended("/tmp/old", "page 7 is damaged");
    CHECK(elsewhere.at("backups_are_in") == "/var/backups/reviewd");
    CHECK(daemon.call("status").at("last_drill").is_null());
    CHECK(ended("/var/backups/reviewd", "page 7 is damaged").at("problem").is_string());
    CHECK(ended("/tmp/good", "").at("backups_are_in").is_string());
    CHECK(daemon.call("status").at("drill_problem").is_string());
    CHECK(daemon.stop() == 0);
}

TEST_CASE(
    "a backup that cannot be written is an error and disturbs nothing", "[app][backup][F50]"
) {
    const Stage stage;
    Running daemon{stage};
    CHECK(daemon.call("import").is_object());
    const runtime::FileDescriptor sealed{::memfd_create("copy", MFD_CLOEXEC | MFD_ALLOW_SEALING)};
    REQUIRE(::fcntl(sealed.get(), F_ADD_SEALS, F_SEAL_WRITE) == 0);
    const Result<json::value> closed = back_up(daemon, sealed.get());
    REQUIRE(closed.has_error());
    CHECK(closed.error().code == ErrorCode::io_failed);
    const Result<json::value> without = daemon.try_call("backup");
    REQUIRE(without.has_error());
    CHECK(without.error().code == ErrorCode::usage);
    CHECK(daemon.call("status").at("last_backup").is_null());
    CHECK_FALSE(fs::exists(fs::path{stage.places().state_directory} / "backup.new"));
    CHECK(back_up(daemon, stage.directory.path() / "copy.db").has_value());
    CHECK(daemon.stop() == 0);
}

TEST_CASE("a backup goes to nothing that a reader could hold up", "[app][backup]") {
    const Stage stage;
    Running daemon{stage};
    std::array<int, 2> pipe{};
    REQUIRE(::pipe2(pipe.data(), O_CLOEXEC) == 0);
    const runtime::FileDescriptor reader{pipe[0]};
    const runtime::FileDescriptor writer{pipe[1]};
    const Result<json::value> refused = back_up(daemon, writer.get());
    REQUIRE(refused.has_error());
    CHECK(refused.error().code == ErrorCode::usage);
    REVIEWD_CHECK_CONTAINS(refused.error().message, "a backup goes to a regular file");
    CHECK(back_up(daemon, "/dev/full").error().code == ErrorCode::usage);
    CHECK(daemon.stop() == 0);
}

TEST_CASE("a daemon that ends gives up its backup", "[app][backup]") {
    const Stage stage;
    CHECK(stage.make(app::DaemonOptions::Mode::once)->run() == 0);
    const runtime::FileDescriptor target{::memfd_create("copy", MFD_CLOEXEC)};
    boost::asio::io_context loop{1};
    app::BackupDesk desk{stage.places().state_directory};
    const auto copy = [&](const runtime::ProgressSink& progress) {
        return reviewd::test::await(
            loop, desk.make(runtime::FileDescriptor{::dup(target.get())}, progress)
        );
    };
    CHECK(copy([](const json::value&) {}).has_value());
    const Result<json::value> given_up = copy([&](const json::value&) { desk.give_up(); });
    REQUIRE(given_up.has_error());
    CHECK(given_up.error().code == ErrorCode::try_later);
    CHECK_FALSE(fs::exists(fs::path{stage.places().state_directory} / "backup.new"));
}

TEST_CASE("which backup was published must be said", "[app][backup]") {
    const Stage stage;
    Running daemon{stage};
    for (const json::object& wrong :
         {json::object{}, json::object{{"taken_ms", 0}}, json::object{{"taken_ms", "today"}}}) {
        const Result<json::value> refused = daemon.try_call("backup.published", wrong);
        REQUIRE(refused.has_error());
        CHECK(refused.error().code == ErrorCode::usage);
    }
    CHECK(daemon.call("status").at("last_backup").is_null());
    // None is newer than now.
    const json::object later{
        {"taken_ms", (stage.clock.now() + std::chrono::hours{24}).time_since_epoch().count()}};
    CHECK(daemon.call("backup.published", later).at("taken").is_string());
    const std::string noted{daemon.call("status").at("last_backup").as_string()};
    REVIEWD_CHECK_CONTAINS(noted, "2026-11-20");
    // An older one that gets its name later does not take its place.
    const json::object older{
        {"taken_ms", (stage.clock.now() - std::chrono::hours{24}).time_since_epoch().count()}};
    CHECK(daemon.call("backup.published", older).at("taken").is_string());
    CHECK(daemon.call("status").at("last_backup") == json::string{noted});
    CHECK(daemon.stop() == 0);
}

TEST_CASE("a restored database sends nothing until a person says so", "[app][restore][T41][I16]") {
    Stage stage;
    stage.directory.write("reviewd.yaml", R"(company: { name: Test, zone: UTC }
data_directory: data
rules: { directory: rules }
sources:
  people: { file: people.csv }
  accounts: { file: accounts.csv }
channels:
  desk: { type: file, path: reminders.jsonl }
people:
  defaults: { channels: [desk], remind_at: 00:00 }
)");
    const fs::path copy = stage.directory.path() / "copy.db";
    {
        Running daemon{stage};
        CHECK(daemon.call("import").is_object());
        CHECK(back_up(daemon, copy).has_value());
        CHECK(daemon.stop() == 0);
    }
    CHECK(stage.make(app::DaemonOptions::Mode::once)->run() == 0);
    const std::int64_t before = delivered(stage);
    REQUIRE(before > 0);
    {
        const auto lock = store::InstanceLock::acquire(stage.places().state_directory).value();
        REQUIRE(store::restore_database(lock, copy, stage.clock.now()).has_value());
    }
    Running daemon{stage};
    CHECK(daemon.call("import").is_object());
    CHECK(daemon.call("status").at("restored").is_string());
    CHECK(delivered(stage) == before);
    CHECK(daemon.call("resume", {{"drop", true}}).is_object());
    CHECK(daemon.call("status").at("restored").is_null());
    const Result<json::value> again = daemon.try_call("resume");
    REQUIRE(again.has_error());
    CHECK(again.error().code == ErrorCode::not_found);
    CHECK(daemon.stop() == 0);
    CHECK(delivered(stage) == before);
}
