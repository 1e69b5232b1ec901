// reviewd: reads the command line, loads the configuration, and runs the daemon.

#include "daemon/app/clock_from.hpp"
#include "daemon/app/daemon.hpp"
#include "daemon/app/exit_status.hpp"
#include "daemon/runtime/clock.hpp"
#include "daemon/runtime/host.hpp"
#include "daemon/runtime/last_resort.hpp"
#include "daemon/runtime/log.hpp"
#include "daemon/runtime/memory.hpp"
#include "daemon/runtime/signals.hpp"
#include "daemon/usage/usage.hpp"
#include "scoring/base/date.hpp"
#include "scoring/base/shortage.hpp"

#include <boost/system/system_error.hpp>
#include <fmt/format.h>

#include <sys/stat.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <system_error>

namespace {

using namespace reviewd;

/// What a disk or a reader holds up may take that long after everything else has ended.
constexpr std::chrono::seconds time_for_threads{5};

struct CommandLine {
    app::Places places;
    std::string now;
    bool is_once = false;
};

/// Standard error, for a person.
int complain(const Error& error) {
    fmt::print(stderr, "reviewd: error: {}\n", error.message);
    return app::exit_status(error.code);
}

/// A library that found no descriptor or no memory: the service manager is to try again.
ErrorCode code_of(const std::exception& error) {
    const auto* of_system = dynamic_cast<const std::system_error*>(&error);
    const auto* of_boost = dynamic_cast<const boost::system::system_error*>(&error);
    const bool is_short = dynamic_cast<const std::bad_alloc*>(&error) != nullptr
                          || (of_system != nullptr && is_shortage(of_system->code().value()))
                          || (of_boost != nullptr && is_shortage(of_boost->code().value()));
    return is_short ? ErrorCode::try_later : ErrorCode::internal;
}

Colour colour_of(int descriptor) {
    const bool is_coloured = ::isatty(descriptor) == 1 && runtime::environment("NO_COLOR").empty();
    return is_coloured ? Colour::on : Colour::off;
}

/// @returns an exit code, or nothing to go on
std::optional<int> parse(int count, char** words, CommandLine& line) {
    CLI::App app{"reviewd: scores accounts, plans their reviews and reminds of them", "reviewd"};
    line.places.config_file = "/etc/reviewd/reviewd.yaml";
    app.set_version_flag("--version", "reviewd " REVIEWD_VERSION);
    app.set_help_flag("-h,--help", "show this help and exit");
    app.add_option("--config", line.places.config_file, "configuration file")
        ->capture_default_str();
    app.add_flag("--once", line.is_once, "do everything that is due now, then exit");
    app.add_option(
        "--now",
        line.now,
        "begin on that day (YYYY-MM-DD), at noon; for demonstrations, refused on a database that "
        "has seen a later day"
    );
    app.add_option("--state", line.places.state_directory, "state directory");
    app.add_option("--socket", line.places.control_socket, "control socket");
    app.add_option("--data", line.places.data_directory, "where relative source files start");
    app.footer(
        "Exit codes: 0 done, 64 usage, 65 the database is damaged, lost or newer than this program, or\n"
        "has seen a later day than --now, 70 a defect of the program, 73 another reviewd holds the\n"
        "database, the state directory or the socket's folder cannot be made, or another program has\n"
        "the address of `links:`, 74 the disk failed under the database, 75 try again: the disk is\n"
        "full, descriptors or memory are short, the clock is behind the database, or with --once\n"
        "something could not be delivered or read, 77 the database is another user's, 78 the\n"
        "configuration is wrong (all errors are shown). The service manager does not try again after\n"
        "64, 65, 73, 77 and 78."
    );
    try {
        app.parse(count, words);
    } catch (const CLI::ParseError& error) {
        if (error.get_exit_code() == 0) {
            return app.exit(error);
        }
        const int code = complain(fail(ErrorCode::usage, usage::explain(app, error)));
        fmt::print(
            stderr,
            "`reviewd --help` says what there is; commands for a running daemon are reviewctl's\n"
        );
        return code;
    }
    return std::nullopt;
}

int run(CommandLine line) {
    line.places.complete_from_environment();
    const config::LoadedConfiguration loaded = app::load(line.places);
    fmt::print(stderr, "{}", render(loaded.diagnostics, colour_of(STDERR_FILENO)));
    if (!loaded.configuration) {
        fmt::print(
            stderr,
            "reviewd: error: {} is not usable; nothing was started\n",
            line.places.config_file
        );
        return app::exit_status(app::as_error(loaded.diagnostics).code);
    }
    const runtime::SystemClock system;
    const Result<std::unique_ptr<runtime::ShiftedClock>> shifted =
        app::clock_from(line.now, *loaded.configuration->settings, system);
    if (!shifted) {
        return complain(shifted.error());
    }
    runtime::ShiftedClock* const set = shifted->get();
    app::DaemonOptions options;
    options.places = line.places;
    options.mode = line.is_once ? app::DaemonOptions::Mode::once : app::DaemonOptions::Mode::stay;
    if (!runtime::is_under_journal()) {
        options.terminal_line = [](std::string_view text) {
            fmt::print("{}\n", text);
            std::fflush(stdout);
        };
    }
    if (set != nullptr) {
        options.resume_clock = [set](TimePoint seen) {
            set->go_on_from(seen);
        };
    }
    if (set == nullptr && !line.is_once) {
        options.guard = {
            .built = runtime::build_moment(), .is_synchronised = &runtime::is_clock_synchronised};
    }
    const runtime::Log log = runtime::Log::standard();
    const Clock& clock = set != nullptr ? static_cast<const Clock&>(*set) : system;
    std::optional<runtime::LastResort> last_resort; // it outlives the daemon, whose end may hang
    app::Daemon daemon{clock, log, std::move(options), *loaded.configuration};
    const int code = daemon.run();
    if (daemon.summary()) {
        fmt::print("{}", render(*daemon.summary(), colour_of(STDOUT_FILENO)));
        std::fflush(stdout); // the last resort gives nothing back
    }
    last_resort.emplace(time_for_threads, [&log, code] {
        log.tell(LogEvent::daemon_left_thread);
        std::_Exit(code); // the database is closed; all that is left waits for the thread
    });
    return code;
}

} // namespace

int main(int count, char** words) {
    try {
        reviewd::runtime::keep_memory_small();
        reviewd::runtime::ignore_broken_pipes();
        // Customers' data: what it writes is its own, with or without a service manager.
        ::umask(S_IRWXG | S_IRWXO);
        CommandLine line;
        if (const std::optional<int> code = parse(count, words, line)) {
            return *code;
        }
        return run(std::move(line));
    } catch (const reviewd::Failure& failure) {
        return complain(failure.error());
    } catch (const std::exception& error) {
        return complain(fail(code_of(error), error.what()));
    }
}
