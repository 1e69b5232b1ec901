#include "daemon/notify/api/process_outcome.hpp"
#include "daemon/runtime/process/process_host.hpp"
#include "tests/support/await.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/files.hpp"
#include "tests/support/no_descriptors.hpp"
#include "tests/support/temporary_directory.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <fmt/core.h>

#include <poll.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <thread>

using namespace std::chrono_literals;
using namespace reviewd;
using namespace reviewd::test;
using End = notify::ProcessResult::End;
using Trust = notify::ProcessRequest::Trust;
namespace fs = std::filesystem;

namespace {

std::size_t open_descriptors() {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator{"/proc/self/fd"}, fs::directory_iterator{})
    );
}

struct Stage {
    Stage() {
        fs::permissions(directory.path(), fs::perms::owner_all);
        request.time = 5s;
        request.grace = 100ms;
        request.environment = {{"PATH", "/usr/bin:/bin"}, {"LANG", "C.UTF-8"}};
        request.commit = [this]() -> boost::asio::awaitable<bool> {
            ++commits;
            co_return may_start;
        };
    }

    /// A script of the shell, run by the kernel and not by a shell of ours.
    notify::ProcessResult run(const std::string& script) {
        const fs::path program = directory.path() / "program";
        std::ofstream{program} << "#!/bin/sh\n" << script << "\n";
        fs::permissions(program, fs::perms::owner_all);
        request.program = program.string();
        return run();
    }

    notify::ProcessResult run() {
        loop.restart();
        return await(loop, host.run(request));
    }

    TemporaryDirectory directory;
    boost::asio::io_context loop{1};
    runtime::ProcessHost host{loop.get_executor()};
    notify::ProcessRequest request;
    bool may_start = true;
    int commits = 0;
};

} // namespace

TEST_CASE("a program gets its input and gives back its words and its end", "[process][F34]") {
    Stage stage;
    stage.request.input = "one\ntwo\n";
    notify::ProcessResult result = stage.run("cat; echo words >&2; exit 3");
    CHECK(result.end == End::exited);
    CHECK(result.status == 3);
    CHECK(result.output == "one\ntwo\nwords\n");
    CHECK(stage.commits == 1);
    result = stage.run("kill -9 $$");
    CHECK(result.end == End::killed);
    CHECK(result.status == SIGKILL);
    result = stage.run("exit 0");
    CHECK(result.end == End::exited);
    CHECK(result.status == 0);
}

TEST_CASE("arguments are words, whatever they hold", "[process][T36]") {
    Stage stage;
    const std::vector<std::string> words{
        "a b", "$(touch pwned)", "; exit 9", "-rf", "'\"", "new\nline", std::string(100'000, 'x')};
    stage.request.arguments = words;
    const auto result = stage.run("for word in \"$@\"; do printf '%s\\n--\\n' \"$word\"; done");
    std::string expected;
    for (const std::string& word : words) {
        expected += word + "\n--\n";
    }
    CHECK(result.status == 0);
    CHECK(result.output == expected.substr(0, stage.request.output_bytes_kept));
}

TEST_CASE("the environment is the one that was given", "[process][T35][T36]") {
    Stage stage;
    ::setenv("REVIEWD_CANARY", "secret-canary", 1);
    const auto result = stage.run("env | grep -v -e '^PWD=' -e '^_=' -e '^SHLVL=' | sort");
    CHECK(result.output == "LANG=C.UTF-8\nPATH=/usr/bin:/bin\n");
    ::unsetenv("REVIEWD_CANARY");
}

TEST_CASE("a program inherits no descriptor and no signal setting", "[process][T38]") {
    Stage stage;
    // One that somebody forgot to mark.
    const int leaked = ::dup(0);
    REQUIRE(leaked >= 0);
    const auto result = stage.run("cd /proc/$$/fd && for n in *; do [ $n -gt 9 ] || echo $n; done; "
                                  "grep -E 'SigIgn|SigBlk|NoNewPrivs' /proc/$$/status");
    ::close(leaked);
    // 0 to 2 and the script itself, which the shell reads.
    CHECK(result.output.find("0\n1\n2\n") == 0);
    CHECK(result.output.find(fmt::format("\n{}\n", leaked + 10)) == std::string::npos);
    REVIEWD_CHECK_CONTAINS(result.output, "NoNewPrivs:\t1");
    REVIEWD_CHECK_CONTAINS(result.output, "SigIgn:\t0000000000000000");
}

TEST_CASE("what hangs is asked, then killed with all its children", "[process][F33]") {
    Stage stage;
    stage.request.time = 100ms;
    stage.request.grace = 50ms;
    CHECK(stage.run("exit 0").end == End::exited); // the loop has its own descriptors from now on
    const std::size_t before = open_descriptors();
    const fs::path alive = stage.directory.path() / "alive";
    const auto begin = std::chrono::steady_clock::now();
    const auto result = stage.run(fmt::format(
        "trap '' TERM; (trap '' TERM; sleep 60) & echo $! > {}; sleep 60", alive.string()
    ));
    CHECK(result.end == End::timed_out);
    CHECK(std::chrono::steady_clock::now() - begin < 3s);
    CHECK(open_descriptors() == before);
    const pid_t child = std::stoi(read_file(alive));
    // Gone already, or about to be: a killed process ends when the host has time for it.
    const int handle = static_cast<int>(::syscall(SYS_pidfd_open, child, 0));
    if (handle >= 0) {
        pollfd ended{handle, POLLIN, 0};
        CHECK(::poll(&ended, 1, 20'000) == 1);
        ::close(handle);
    }
    CHECK(::waitpid(-1, nullptr, WNOHANG) <= 0); // no zombie of ours
}

TEST_CASE("a child that keeps the output open does not keep us", "[process][F33]") {
    Stage stage;
    const auto begin = std::chrono::steady_clock::now();
    const auto result = stage.run("sleep 60 & echo done");
    CHECK(result.end == End::exited);
    CHECK(result.output == "done\n");
    CHECK(std::chrono::steady_clock::now() - begin < 3s);
}

TEST_CASE("a flood of words is cut and does not stop the loop", "[process][F34]") {
    Stage stage;
    stage.request.time = 300ms;
    stage.request.output_bytes_kept = 1000;
    int ticks = 0;
    boost::asio::steady_timer timer{stage.loop};
    std::function<void()> tick = [&] {
        timer.expires_after(10ms);
        timer.async_wait([&](auto error) {
            if (!error && ++ticks < 10) {
                tick();
            }
        });
    };
    tick();
    const auto result = stage.run("exec yes");
    CHECK(result.end == End::timed_out);
    CHECK(result.output.size() == 1000);
    CHECK(ticks == 10);
}

TEST_CASE("a program that does not read its input is no failure", "[process]") {
    Stage stage;
    stage.request.input = std::string(1'000'000, 'x');
    CHECK(stage.run("exit 0").status == 0);
}

TEST_CASE("behind a closed gate nothing is started", "[process][F2]") {
    Stage stage;
    stage.may_start = false;
    const fs::path trace = stage.directory.path() / "trace";
    CHECK(stage.run("touch " + trace.string()).end == End::gate_closed);
    CHECK_FALSE(fs::exists(trace));
}

TEST_CASE("what cannot be started says why and is no attempt", "[process]") {
    Stage stage;
    const fs::path program = stage.directory.path() / "program";
    std::ofstream{program} << "#!/no/such/interpreter\n";
    fs::permissions(program, fs::perms::owner_all);
    stage.request.program = program.string();
    const auto result = stage.run();
    CHECK(result.end == End::not_started);
    CHECK(result.status == ENOENT);
    stage.request.program = "/no/such/program";
    CHECK(stage.run().end == End::not_started);
}

TEST_CASE("without descriptors a program is started later", "[process][F49]") {
    Stage stage;
    REQUIRE(stage.run("exit 0").end == End::exited);
    notify::ProcessResult result;
    {
        const test::NoDescriptors nothing_left;
        result = stage.run();
    }
    CHECK(result.end == End::not_started);
    CHECK(result.is_short);
    CHECK(result.status == 0); // the open's errno is in the words alone
    REVIEWD_CHECK_CONTAINS(result.output, "Too many open files");
    CHECK(notify::not_started(result).verdict == notify::Verdict::temporary);
    CHECK(stage.commits == 1);
    CHECK(stage.run().end == End::exited);
}

TEST_CASE("a program that others could change is refused", "[process][T37]") {
    Stage stage;
    const fs::path program = stage.directory.path() / "program";
    std::ofstream{program} << "#!/bin/sh\n";
    const auto fault = [&](Trust trust = Trust::plain) {
        return stage.host.check(program.string(), trust);
    };
    fs::permissions(program, fs::perms::owner_read);
    REVIEWD_CHECK_CONTAINS(fault(), "not executable");
    fs::permissions(program, fs::perms::owner_all);
    CHECK(fault().empty());
    for (const fs::perms bad : {fs::perms::group_write, fs::perms::others_write}) {
        fs::permissions(program, bad, fs::perm_options::add);
        REVIEWD_CHECK_CONTAINS(fault(), "changed by others");
        fs::permissions(program, bad, fs::perm_options::remove);
        fs::permissions(stage.directory.path(), bad, fs::perm_options::add);
        REVIEWD_CHECK_CONTAINS(fault(), "which others may change");
        fs::permissions(stage.directory.path(), bad, fs::perm_options::remove);
    }
    fs::permissions(program, fs::perms::set_uid, fs::perm_options::add);
    REVIEWD_CHECK_CONTAINS(fault(), "setuid");
    CHECK(fault(Trust::installed).empty());
    fs::permissions(program, fs::perms::set_uid, fs::perm_options::remove);
    const fs::path link = stage.directory.path() / "link";
    fs::create_symlink(program, link);
    REVIEWD_CHECK_CONTAINS(stage.host.check(link.string(), Trust::plain), "symbolic link");
    CHECK(stage.host.check(link.string(), Trust::installed).empty());
    REVIEWD_CHECK_CONTAINS(stage.host.check("program", Trust::plain), "absolute");
    REVIEWD_CHECK_CONTAINS(
        stage.host.check(stage.directory.path().string(), Trust::plain), "regular"
    );
    REVIEWD_CHECK_CONTAINS(stage.host.check("/no/such", Trust::plain), "cannot be opened");
}
