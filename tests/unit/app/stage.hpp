#pragma once

#include "daemon/app/daemon.hpp"
#include "daemon/runtime/clock.hpp"
#include "daemon/runtime/control_client.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/temporary_directory.hpp"

#include <boost/json/object.hpp>
#include <spdlog/sinks/ostream_sink.h>

#include <functional>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>
#include <thread>

namespace reviewd::app::test {

constexpr std::string_view rules_text = R"(facts:
  budget: { type: money, from: accounts.budget }
rules:
  - id: room
    when: >-
      budget > 20000
    points: 50
score: { base: 20, min: 0, max: 100 }
levels:
  high: { from: 60, not_before: 2 weeks, review_every: 1 month, at_latest: 6 weeks }
  low:  { from: 0, not_before: 9 months, review_every: 11 months, at_latest: 12 months }
)";

/// A configuration with three accounts, a file channel and a fixed clock, in a folder of its own.
class Stage {
public:
    Stage() {
        directory.write("reviewd.yaml", R"(company: { name: Test, zone: UTC }
data_directory: data
rules: { directory: rules }
sources:
  people: { file: people.csv }
  accounts: { file: accounts.csv }
channels:
  desk: { type: file, path: reminders.jsonl }
people:
  defaults: { channels: [desk] }
)");
        write_rules(rules_text);
        directory.write("data/people.csv", "key,name,email\nana,Ana Silva,ana@example.test\n");
        directory.write(
            "data/accounts.csv",
            "key,name,owner,budget\n"
            "a,অন্বেষা প্রিন্ট,ana,42000\n"
            "b,شركة النور,ana,6000\n"
            "c,Bäckerei 🥐,ana,30000\n"
        );
    }

    void write_rules(std::string_view text) const { directory.write("rules/scoring.yaml", text); }

    [[nodiscard]] Places places() const {
        Places places;
        places.config_file = directory.path() / "reviewd.yaml";
        places.state_directory = directory.path() / "state";
        places.control_socket = socket();
        return places;
    }
    [[nodiscard]] std::string socket() const { return directory.path() / "run" / "control.sock"; }

    [[nodiscard]] std::unique_ptr<Daemon> make(DaemonOptions::Mode mode) const {
        const config::LoadedConfiguration loaded = load(places());
        INFO(render(loaded.diagnostics));
        REQUIRE(loaded.configuration.has_value());
        return std::make_unique<Daemon>(
            *time,
            log,
            DaemonOptions{
                .places = places(),
                .mode = mode,
                .terminal_line = terminal_line,
                .guard = guard,
                .clock_timer = clock_timer},
            *loaded.configuration
        );
    }

    reviewd::test::TemporaryDirectory directory;
    runtime::SystemClock system;
    runtime::ShiftedClock clock{
        system,
        TimePoint{std::chrono::sys_days{std::chrono::year{2026} / 11 / 20}}
            + std::chrono::hours{12}};
    std::function<void(std::string_view)> terminal_line{};
    const Clock* time = &clock;         ///< what the daemon reads
    runtime::ClockGuard::Facts guard{}; ///< empty: every moment is believed
    runtime::ClockChangeWatch::Timer clock_timer = runtime::ClockChangeWatch::timer_of_kernel();
    std::ostringstream lines;
    std::shared_ptr<spdlog::sinks::ostream_sink_mt> sink =
        std::make_shared<spdlog::sinks::ostream_sink_mt>(lines);
    runtime::Log log = runtime::Log::to_sink(sink);
};

/// A daemon that runs in a thread of its own until it is told to stop.
class Running {
public:
    explicit Running(const Stage& stage)
        : socket_{stage.socket()}, daemon_{stage.make(DaemonOptions::Mode::stay)}, thread_{[this] {
              code_ = daemon_->run();
          }} {}
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;
    ~Running() {
        if (thread_.joinable()) {
            static_cast<void>(stop());
        }
    }

    /// Connects as soon as the socket is there.
    [[nodiscard]] runtime::ControlClient connect() const {
        const runtime::SystemClock clock;
        const auto patience = clock.since_boot() + std::chrono::seconds{30};
        while (true) {
            Result<runtime::ControlClient> client = runtime::ControlClient::connect(socket_);
            if (client || clock.since_boot() > patience) {
                return std::move(client.value());
            }
            std::this_thread::yield();
        }
    }
    [[nodiscard]] boost::json::value call(
        std::string_view command, const boost::json::object& arguments = {}
    ) const {
        return connect().call(command, arguments).value();
    }
    [[nodiscard]] Result<boost::json::value> try_call(
        std::string_view command, const boost::json::object& arguments = {}
    ) const {
        return connect().call(command, arguments);
    }
    [[nodiscard]] int stop() {
        daemon_->stop();
        return wait();
    }
    /// For the end that something else brings about.
    [[nodiscard]] int wait() {
        thread_.join();
        return code_;
    }

private:
    std::string socket_;
    std::unique_ptr<Daemon> daemon_;
    int code_ = -1;
    std::thread thread_;
};

} // namespace reviewd::app::test
