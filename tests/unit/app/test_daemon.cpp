#include "config/loader/built_in_files.hpp"
#include "daemon/runtime/file_descriptor.hpp"
#include "daemon/store/instance_lock.hpp"
#include "tests/support/files.hpp"
#include "tests/unit/app/stage.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <fmt/format.h>

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <filesystem>
#include <future>
#include <memory>
#include <thread>

using namespace reviewd;
using app::Core;
using app::DaemonOptions;
using app::Places;
using app::test::Running;
using app::test::Stage;

namespace {

namespace json = boost::json;

/// Time since the boot that a test lets pass.
struct HurriedClock final : Clock {
    explicit HurriedClock(const Clock& base) : base{base} {}
    [[nodiscard]] TimePoint now() const override { return base.now(); }
    [[nodiscard]] std::chrono::milliseconds since_boot() const override {
        return base.since_boot() + ahead.load();
    }

    const Clock& base;
    mutable std::atomic<std::chrono::milliseconds> ahead{};
};

std::int64_t count_lines(const std::string& text) {
    return std::count(text.begin(), text.end(), '\n');
}

} // namespace

TEST_CASE("a daemon reads its sources, scores them and answers on its socket", "[app]") {
    const Stage stage;
    Running daemon{stage};
    const json::value imported = daemon.call("import");
    REQUIRE(imported.at("imports").as_array().size() == 2);
    for (const json::value& import : imported.at("imports").as_array()) {
        CHECK(import.at("outcome") == "accepted");
    }
    const json::value status = daemon.call("status");
    CHECK(status.at("accounts").at("active") == 3);
    CHECK(status.at("accounts").at("without_review") == 0);
    CHECK(status.at("reviews").at("open") == 3);
    CHECK(status.at("daemon").at("version") == REVIEWD_VERSION);
    const json::value scores = daemon.call("score", {{"explain", true}});
    REQUIRE(scores.at("scores").as_array().size() == 3);
    CHECK(scores.at("scores").at(0).at("points") == 70);
    CHECK(scores.at("scores").at(0).at("level") == "high");
    CHECK(daemon.stop() == 0);
    CHECK_FALSE(std::filesystem::exists(stage.socket()));
}

TEST_CASE("a second daemon on the same state exits 73 and disturbs nothing", "[app][F36]") {
    const Stage stage;
    Running first{stage};
    CHECK(first.call("import").is_object());
    CHECK(stage.make(DaemonOptions::Mode::stay)->run() == 73);
    CHECK(stage.make(DaemonOptions::Mode::once)->run() == 73);
    CHECK(first.call("status").at("accounts").at("active") == 3);
    CHECK(first.stop() == 0);
}

TEST_CASE("a state directory that looks like a slip is not made", "[app]") {
    Stage stage;
    const std::filesystem::path folder = stage.directory.path();
    const auto refusal = [&](const std::filesystem::path& state) {
        Places places = stage.places();
        places.state_directory = state;
        const auto begin = [&](std::optional<TimePoint>) {
            return stage.clock.now();
        };
        const auto opened = Core::open(
            *app::load(places).configuration, store::OpenMode::create_if_missing, {}, begin
        );
        CHECK(std::filesystem::exists(state) == opened.has_value());
        return opened.has_value() ? std::string{} : opened.error().message;
    };
    CHECK(refusal(folder / "reviewd").empty()); // the first of all
    REVIEWD_CHECK_CONTAINS(refusal(folder / "reviwd" / ""), "did you mean `reviewd`?");
    CHECK(refusal(folder / "another").empty());
    const std::string nowhere = folder / "nowhere";
    REVIEWD_CHECK_CONTAINS(
        refusal(folder / "nowhere" / "reviewd"), "there is no folder " + nowhere
    );
    CHECK_FALSE(std::filesystem::exists(nowhere));
    std::filesystem::create_directory(folder / "reviwd");
    CHECK(refusal(folder / "reviwd").empty()); // somebody meant it
}

TEST_CASE("a database that had to be made is told, once, wherever its directory is from", "[app]") {
    const Stage stage;
    if (GENERATE(false, true)) { // as a service manager makes it
        std::filesystem::create_directory(stage.directory.path() / "state");
    }
    CHECK(stage.make(DaemonOptions::Mode::once)->run() == 0);
    const std::string first = stage.lines.str();
    REVIEWD_CHECK_CONTAINS(first, "state.created");
    CHECK(stage.make(DaemonOptions::Mode::once)->run() == 0);
    CHECK(stage.lines.str().find("state.created", first.size()) == std::string::npos);
}

TEST_CASE("a reload changes everything or nothing", "[app][F38]") {
    const Stage stage;
    Running daemon{stage};
    CHECK(daemon.call("import").is_object());
    const auto points = [&] {
        return daemon.call("score", {{"accounts", json::array{"a"}}})
            .at("scores")
            .at(0)
            .at("points");
    };
    CHECK(points() == 70);

    std::string changed{app::test::rules_text};
    changed.replace(changed.find("points: 50"), 10, "points: 55");
    std::string broken = changed;
    broken.replace(broken.find("budget > 20000"), 14, "buget > 20000");
    stage.write_rules(broken);
    const Result<json::value> refused = daemon.try_call("reload", {{"wait", true}});
    REQUIRE(refused.has_error());
    CHECK(refused.error().code == ErrorCode::bad_config);
    REVIEWD_CHECK_CONTAINS(refused.error().message, "did you mean `budget`?");
    CHECK(points() == 70);
    CHECK(daemon.call("status").at("daemon").at("reload_problem").is_string());

    stage.write_rules(changed);
    CHECK(daemon.try_call("reload", {{"wait", true}}).has_value());
    CHECK(points() == 75);
    CHECK(daemon.call("status").at("daemon").at("reload_problem").is_null());
    CHECK(daemon.stop() == 0);
}

TEST_CASE("a reload says whether it was the one that brought what is held", "[app][rules]") {
    const Stage stage;
    std::string accounts = "key,name,owner,budget\n";
    for (int number = 0; number < 30; ++number) {
        accounts += fmt::format("a{0},A{0},ana,6000\n", number);
    }
    stage.directory.write("data/accounts.csv", accounts);
    Running daemon{stage};
    CHECK(daemon.call("import").is_object());
    std::string changed{app::test::rules_text};
    changed.replace(changed.find("base: 20"), 8, "base: 65");
    stage.write_rules(changed);
    const auto reload = [&] {
        return daemon.call("reload", {{"wait", true}});
    };
    const json::value first = reload();
    CHECK(first.at("rules_waiting").at("state") == "held");
    CHECK(first.at("is_held") == true);
    const json::value again = reload();
    CHECK(again.at("rules_waiting").at("state") == "held");
    CHECK(again.at("is_held") == false);
    CHECK(again.at("rules_dropped").is_null());
    CHECK(daemon.call("rules.drop").is_object());
    const json::value dropped = reload();
    CHECK(dropped.at("rules_waiting").is_null());
    CHECK(dropped.at("rules_dropped") == "v2");
    CHECK(daemon.call("status").at("rules").at("dropped") == "v2");
    CHECK(dropped.at("is_held") == false);
    CHECK(daemon.stop() == 0);
}

TEST_CASE("SIGHUP reloads", "[app][F38]") {
    const Stage stage;
    Running daemon{stage};
    CHECK(daemon.call("import").is_object());
    std::string changed{app::test::rules_text};
    changed.replace(changed.find("points: 50"), 10, "points: 55");
    stage.write_rules(changed);
    std::raise(SIGHUP);
    // The signal and the question reach the daemon by different ways; either may be first.
    json::value points;
    for (int questions = 0; questions < 2000 && points != 75; ++questions) {
        points =
            daemon.call("score", {{"accounts", json::array{"a"}}}).at("scores").at(0).at("points");
    }
    CHECK(points == 75);
    CHECK(daemon.stop() == 0);
}

TEST_CASE("SIGHUP during a reload is followed by another", "[app][F38]") {
    const Stage stage;
    Running daemon{stage};
    CHECK(daemon.call("import").is_object());
    // The agenda is read after the rules, and this one only when its lease is given back.
    const std::filesystem::path gate =
        stage.directory.write("agenda.yaml", std::string{config::built_in_agenda()});
    runtime::FileDescriptor agenda{::open(gate.c_str(), O_RDWR | O_CLOEXEC)};
    std::signal(SIGIO, SIG_IGN); // the kernel's way to ask for it
    if (::fcntl(agenda.get(), F_SETLEASE, F_WRLCK) != 0) {
        WARN("skipped: this file system has no leases");
        return;
    }
    bool is_reloaded = false;
    std::thread client{[&] {
        is_reloaded = daemon.try_call("reload").has_value();
    }};
    const auto patience = stage.system.since_boot() + std::chrono::seconds{30};
    while (::fcntl(agenda.get(), F_GETLEASE) == F_WRLCK && stage.system.since_boot() < patience) {
        std::this_thread::yield(); // until the reload reads
    }
    std::string changed{app::test::rules_text};
    changed.replace(changed.find("points: 50"), 10, "points: 55");
    stage.write_rules(changed);
    std::raise(SIGHUP);
    for (int questions = 0; questions < 3; ++questions) {
        CHECK(daemon.try_call("nothing").has_error()); // the loop has seen the signal by then
    }
    CHECK_FALSE(daemon.call("status").is_null()); // and holds nobody up meanwhile
    agenda = runtime::FileDescriptor{};
    client.join();
    CHECK(is_reloaded);
    json::value points;
    for (int questions = 0; questions < 2000 && points != 75; ++questions) {
        points =
            daemon.call("score", {{"accounts", json::array{"a"}}}).at("scores").at(0).at("points");
    }
    CHECK(points == 75);
    CHECK(daemon.stop() == 0);
}

TEST_CASE("SIGTERM ends a daemon cleanly, and it starts again where it was", "[app]") {
    const Stage stage;
    {
        Running daemon{stage};
        CHECK(daemon.call("import").is_object());
        std::raise(SIGTERM);
        CHECK(daemon.wait() == 0);
    }
    Running again{stage};
    CHECK(again.call("status").at("reviews").at("open") == 3);
    CHECK(again.stop() == 0);
}

TEST_CASE("SIGTERM waits for the answer to a command, and no longer", "[app]") {
    const Stage stage;
    const std::string gate = stage.directory.path() / "gate";
    REQUIRE(::mkfifo(gate.c_str(), S_IRUSR | S_IWUSR) == 0);
    stage.directory.write(
        "conf.d/gate.yaml",
        "channels: { gate: { type: exec, command: [/usr/bin/cat, " + gate + "] } }\n"
    );
    Running daemon{stage};
    Result<json::value> answer = fail(ErrorCode::internal, "none came");
    std::thread client{[&] {
        answer = daemon.try_call("notifier.test", {{"name", "gate"}, {"to", "ana"}});
    }};
    const auto patience = stage.system.since_boot() + std::chrono::seconds{30};
    const auto goes_on_until = [&](const auto& has_come) {
        while (!has_come() && stage.system.since_boot() < patience) {
            std::this_thread::yield();
        }
    };
    runtime::FileDescriptor program;
    goes_on_until([&] {
        program = runtime::FileDescriptor{::open(gate.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC)};
        return program.get() >= 0;
    });
    std::raise(SIGTERM);
    goes_on_until([&] { return !std::filesystem::exists(stage.socket()); });
    const auto released = stage.system.since_boot();
    program = runtime::FileDescriptor{}; // the program reads the end of it, and ends
    CHECK(daemon.wait() == 0);
    CHECK(stage.system.since_boot() - released < std::chrono::seconds{20});
    client.join();
    REQUIRE(answer.has_value());
    CHECK(answer->at("verdict") == "accepted");
}

TEST_CASE("a second SIGTERM ends the waiting at once", "[app]") {
    Stage stage;
    const std::string gate = stage.directory.path() / "gate";
    REQUIRE(::mkfifo(gate.c_str(), S_IRUSR | S_IWUSR) == 0);
    stage.directory.write(
        "conf.d/gate.yaml",
        "channels: { gate: { type: exec, command: [/usr/bin/cat, " + gate + "] } }\n"
    );
    const HurriedClock clock{stage.clock};
    stage.time = &clock;
    Running daemon{stage};
    std::thread client{[&] {
        static_cast<void>(daemon.try_call("notifier.test", {{"name", "gate"}, {"to", "ana"}}));
    }};
    const auto patience = stage.system.since_boot() + std::chrono::seconds{30};
    const auto goes_on_until = [&](const auto& has_come) {
        while (!has_come() && stage.system.since_boot() < patience) {
            std::this_thread::yield();
        }
    };
    runtime::FileDescriptor program;
    goes_on_until([&] {
        program = runtime::FileDescriptor{::open(gate.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC)};
        return program.get() >= 0;
    });
    std::raise(SIGTERM);
    goes_on_until([&] { return !std::filesystem::exists(stage.socket()); });
    const auto asked = stage.system.since_boot();
    clock.ahead = std::chrono::seconds{2};
    std::raise(SIGTERM);
    CHECK(daemon.wait() == 0);
    CHECK(stage.system.since_boot() - asked < std::chrono::seconds{20});
    REVIEWD_CHECK_CONTAINS(stage.lines.str(), "daemon.gave_up_waiting");
    client.join();
}

TEST_CASE("what a reader holds up keeps neither the end nor the database", "[app]") {
    std::promise<void> release;
    std::promise<void> reached;
    Stage stage;
    stage.directory.write("conf.d/paper.yaml", "channels: { paper: { type: journal } }\n");
    std::atomic<int> lines = 0;
    stage.terminal_line = [&, held = release.get_future().share()](std::string_view) {
        if (++lines == 1) {
            reached.set_value();
        }
        held.wait();
    };
    const HurriedClock clock{stage.clock};
    stage.time = &clock;
    auto daemon = std::make_unique<Running>(stage);
    std::thread client{[&] {
        static_cast<void>(daemon->try_call("notifier.test", {{"name", "paper"}, {"to", "ana"}}));
    }};
    reached.get_future().wait();
    std::raise(SIGTERM);
    const auto patience = stage.system.since_boot() + std::chrono::seconds{30};
    while (std::filesystem::exists(stage.socket()) && stage.system.since_boot() < patience) {
        std::this_thread::yield();
    }
    clock.ahead = std::chrono::seconds{2};
    std::raise(SIGTERM);
    CHECK(daemon->wait() == 0);
    // It is still held up, and the database is closed: another may open it.
    const auto lock = store::InstanceLock::acquire(stage.places().state_directory);
    CHECK(lock.has_value());
    CHECK_FALSE(std::filesystem::exists(stage.directory.path() / "state" / "reviewd.db-wal"));
    client.join();
    release.set_value();
    daemon.reset();
}

TEST_CASE("a signal ends the waiting of one pass, and something is to be tried again", "[app]") {
    std::promise<void> release;
    std::promise<void> reached;
    Stage stage;
    stage.directory.write(
        "conf.d/desk.yaml",
        "people: { defaults: { channels: [paper] } }\n"
        "channels: { paper: { type: journal } }\n"
    );
    std::atomic<int> lines = 0;
    stage.terminal_line = [&, held = release.get_future().share()](std::string_view) {
        if (++lines == 1) {
            reached.set_value();
        }
        held.wait();
    };
    const HurriedClock clock{stage.clock};
    stage.time = &clock;
    auto daemon = stage.make(DaemonOptions::Mode::once);
    std::atomic<bool> has_ended = false;
    int code = -1;
    std::thread runner{[&] {
        code = daemon->run();
        has_ended = true;
    }};
    reached.get_future().wait();
    while (!has_ended) {
        clock.ahead = clock.ahead.load() + std::chrono::seconds{2};
        daemon->stop();
        std::this_thread::yield();
    }
    runner.join();
    CHECK(code == 75);
    CHECK(store::InstanceLock::acquire(stage.places().state_directory).has_value());
    REVIEWD_CHECK_CONTAINS(stage.lines.str(), "daemon.gave_up_waiting");
    release.set_value();
}

TEST_CASE("one pass does what is due, tells of it, and a second one repeats nothing", "[app]") {
    const Stage stage;
    const auto reminders = stage.directory.path() / "state" / "reminders.jsonl";
    auto first = stage.make(DaemonOptions::Mode::once);
    CHECK(first->run() == 0);
    REQUIRE(first->summary().has_value());
    CHECK(first->summary()->status.at("accounts").at("active") == 3);
    CHECK(first->summary()->channels.at(0).where == "reminders.jsonl");
    const std::string text = render(*first->summary(), Colour::off);
    REVIEWD_CHECK_CONTAINS(text, "accounts");
    REVIEWD_CHECK_CONTAINS(text, "desk");
    const std::int64_t delivered =
        std::filesystem::exists(reminders) ? count_lines(test::read_file(reminders)) : 0;
    CHECK(static_cast<std::int64_t>(first->summary()->channels.at(0).accepted) == delivered);
    REQUIRE(first->summary().has_value());
    first.reset(); // gives the lock back
    const auto second = stage.make(DaemonOptions::Mode::once);
    CHECK(second->run() == 0);
    CHECK(second->summary()->channels.at(0).accepted == 0);
    CHECK_FALSE(std::filesystem::exists(stage.socket()));
}

TEST_CASE("a source that cannot be read makes one pass end with 75", "[app]") {
    const Stage stage;
    std::filesystem::remove(stage.directory.path() / "data" / "accounts.csv");
    const auto daemon = stage.make(DaemonOptions::Mode::once);
    CHECK(daemon->run() == 75);
}

TEST_CASE("a channel can be tried, and mistakes in its name are explained", "[app]") {
    const Stage stage;
    Running daemon{stage};
    const json::value answer = daemon.call("notifier.test", {{"name", "desk"}, {"to", "ana"}});
    CHECK(answer.at("verdict") == "accepted");
    const Result<json::value> unknown = daemon.try_call("notifier.test", {{"name", "dekс"}});
    REQUIRE(unknown.has_error());
    CHECK(unknown.error().code == ErrorCode::not_found);
    CHECK(daemon.stop() == 0);
}

TEST_CASE("an unknown command or argument is explained", "[app][T28]") {
    const Stage stage;
    Running daemon{stage};
    const Result<json::value> command = daemon.try_call("statsu");
    REQUIRE(command.has_error());
    REVIEWD_CHECK_CONTAINS(command.error().message, "did you mean `status`?");
    const Result<json::value> long_one = daemon.try_call("drill.endd");
    REQUIRE(long_one.has_error());
    REVIEWD_CHECK_CONTAINS(long_one.error().message, "did you mean `drill.ended`?");
    const Result<json::value> argument = daemon.try_call("due", {{"ownr", "ana"}});
    REQUIRE(argument.has_error());
    REVIEWD_CHECK_CONTAINS(argument.error().message, "did you mean `owner`?");
    CHECK(daemon.stop() == 0);
}
