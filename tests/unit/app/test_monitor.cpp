#include "tests/support/await.hpp"
#include "tests/support/clock_timer.hpp"
#include "tests/support/files.hpp"
#include "tests/unit/app/stage.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <boost/json/array.hpp>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <optional>
#include <regex>
#include <sstream>
#include <thread>

using namespace reviewd;
using app::test::Running;
using app::test::Stage;
using std::chrono::hours;
using namespace std::chrono_literals;

namespace {

namespace json = boost::json;
namespace net = boost::asio;
using net::ip::tcp;

constexpr std::string_view monitored = R"(company: { name: Test, zone: UTC }
data_directory: data
rules: { directory: rules }
sources:
  people: { file: people.csv }
  accounts: { file: accounts.csv }
channels:
  desk: { type: file, path: reminders.jsonl }
monitoring: { listen: "127.0.0.1:PORT" }
people:
  defaults: { channels: [desk], remind_at: 00:00 }
)";

/// A port that is free now.
int free_port() {
    net::io_context loop;
    return tcp::acceptor{loop, {net::ip::make_address("127.0.0.1"), 0}}.local_endpoint().port();
}

int write_monitored(const Stage& stage) {
    const int port = free_port();
    std::string text{monitored};
    text.replace(text.find("PORT"), 4, std::to_string(port));
    stage.directory.write("reviewd.yaml", text);
    return port;
}

std::string get(int port, const std::string& path) {
    net::io_context loop;
    tcp::socket socket{loop};
    boost::system::error_code error;
    const tcp::endpoint place{net::ip::make_address("127.0.0.1"), static_cast<std::uint16_t>(port)};
    socket.connect(place, error);
    if (error) {
        return "nobody listens";
    }
    net::write(socket, net::buffer("GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n"), error);
    std::string answer;
    net::read(socket, net::dynamic_buffer(answer), error);
    return answer;
}

/// The deliveries, once none of them is on its way.
json::value settled(const Running& daemon) {
    while (true) {
        json::value answer = daemon.call("outbox.list");
        const json::array& deliveries = answer.at("deliveries").as_array();
        const bool is_settled =
            std::all_of(deliveries.begin(), deliveries.end(), [](const json::value& each) {
                return each.at("state") == "accepted";
            });
        if (is_settled) {
            return answer;
        }
        std::this_thread::yield();
    }
}

/// A clock that seconds pass on with each look at it, once that is wanted.
class HastyClock final : public Clock {
public:
    explicit HastyClock(const Clock& base) : base_{base} {}
    [[nodiscard]] TimePoint now() const override { return base_.now(); }
    [[nodiscard]] std::chrono::milliseconds since_boot() const override {
        return base_.since_boot() + (is_hasty ? std::chrono::seconds{3} * ++looks_ : 0s);
    }
    std::atomic<bool> is_hasty = false;

private:
    const Clock& base_;
    mutable std::atomic<int> looks_ = 0;
};

/// The machine's clock, moved by hand.
class MovedClock final : public Clock {
public:
    explicit MovedClock(const Clock& base) : base_{base} {}
    [[nodiscard]] TimePoint now() const override { return base_.now() + jump.load(); }
    [[nodiscard]] std::chrono::milliseconds since_boot() const override {
        return base_.since_boot();
    }
    std::atomic<std::chrono::milliseconds> jump{std::chrono::milliseconds{0}};

private:
    const Clock& base_;
};

} // namespace

TEST_CASE("monitoring sees numbers, health and readiness", "[app][monitor]") {
    const Stage stage;
    const int port = write_monitored(stage);
    Running daemon{stage};
    CHECK(daemon.call("import").is_object());
    static_cast<void>(settled(daemon)); // what is on its way has an age
    const std::string metrics = get(port, "/metrics");
    CHECK(metrics.rfind("HTTP/1.1 200", 0) == 0);
    for (const char* series :
         {"reviewd_build_info{version=",
          "reviewd_config_last_reload_successful 1",
          "reviewd_config_last_reload_success_timestamp_seconds",
          "reviewd_outbox_messages{channel=\"desk\",state=\"wait\"}",
          "reviewd_outbox_oldest_due_age_seconds{channel=\"desk\"} 0",
          "reviewd_deliveries_total{channel=\"desk\"}",
          "reviewd_delivery_failures_total{channel=\"desk\",reason=\"failed\"} 0",
          "reviewd_delivery_attempts_total{channel=\"desk\"}",
          "reviewd_delivery_attempt_failures_total{channel=\"desk\",reason=\"timeout\"} 0",
          "reviewd_deliveries_suppressed_total{reason=\"cancelled\"} 0",
          "reviewd_deliveries_uncertain_total{channel=\"desk\"} 0",
          "reviewd_delivery_duration_seconds_bucket",
          "reviewd_reminder_lateness_seconds_bucket",
          "reviewd_endpoint_circuit_open{channel=\"desk\"} 0",
          "reviewd_db_last_backup_success_timestamp_seconds 0",
          "reviewd_db_last_drill_timestamp_seconds 0",
          "reviewd_db_last_drill_successful 1",
          "reviewd_db_first_import_timestamp_seconds 1795176", // 12:00 of the stage's day, and some
          "reviewd_db_size_bytes",
          "reviewd_db_wal_size_bytes",
          "process_resident_memory_bytes",
          "process_open_fds",
          "process_max_fds",
          "reviewd_disk_free_bytes",
          "reviewd_scheduler_last_tick_timestamp_seconds",
          "reviewd_source_age_seconds{source=\"accounts\"}",
          "reviewd_accounts 3",
          "reviewd_accounts_without_review 0",
          "reviewd_held{reason=\"clock\"} 0"}) {
        INFO(series);
        CHECK(metrics.find(series) != std::string::npos);
    }
    REVIEWD_CHECK_CONTAINS(get(port, "/healthz"), "\"status\":\"ok\"");
    CHECK(get(port, "/readyz").rfind("HTTP/1.1 200", 0) == 0);
    CHECK(get(port, "/other").rfind("HTTP/1.1 404", 0) == 0);
    stage.write_rules("nonsense: yes\n");
    CHECK(daemon.try_call("reload").has_error());
    REVIEWD_CHECK_CONTAINS(get(port, "/metrics"), "reviewd_config_last_reload_successful 0");
    CHECK(daemon.stop() == 0);
    CHECK(get(port, "/readyz") == "nobody listens");
}

TEST_CASE("the manual has each series with its words and its labels", "[app][monitor]") {
    const Stage stage;
    const int port = write_monitored(stage);
    Running daemon{stage};
    CHECK(daemon.call("import").is_object());
    const std::string page = test::read_file(REVIEWD_SOURCE_DIR "/systemd/manual/reviewd.8.in");
    std::istringstream lines{get(port, "/metrics")};
    std::string entry;
    int series = 0;
    for (std::string line; std::getline(lines, line);) {
        INFO(line);
        std::smatch parts;
        if (std::regex_match(line, parts, std::regex{"# HELP (\\S+) (.*?)\r?"})) {
            ++series;
            const std::size_t begin = page.find("\n\\fB" + parts.str(1) + "\\fR (");
            REQUIRE(begin != std::string::npos);
            entry = page.substr(begin, page.find("\n.", begin) - begin);
            CHECK(entry.find("\n" + parts.str(2)) != std::string::npos);
        } else if (std::regex_search(line, parts, std::regex{"^\\w+\\{(\\w+)="})) {
            CHECK((parts.str(1) == "le" || entry.find(parts.str(1)) != std::string::npos));
        }
    }
    CHECK(series > 20);
    CHECK(daemon.stop() == 0);
}

TEST_CASE("a read that takes too long is ended, and says so", "[app][monitor]") {
    const Stage stage;
    std::string accounts = "key,name,owner,budget\n";
    for (int i = 0; i < 2'000; ++i) {
        accounts += "a" + std::to_string(i) + ",Name,ana,42000\n";
    }
    stage.directory.write("data/accounts.csv", accounts);
    {
        Running daemon{stage};
        CHECK(daemon.call("import").is_object());
        CHECK(daemon.stop() == 0);
    }
    config::Settings settings;
    settings.company.zone = "UTC";
    settings.state_directory = (stage.directory.path() / "state").string();
    HastyClock clock{stage.clock};
    net::io_context loop;
    app::StoreDoor store{[](const std::string& /*reason*/) {
    }};
    const auto count_with = [&](app::Monitor& monitor) {
        return reviewd::test::await(loop, monitor.count());
    };
    app::Monitor monitor{loop.get_executor(), store, clock};
    REQUIRE(monitor.use(settings).has_value());
    REQUIRE(count_with(monitor).has_value());
    clock.is_hasty = true;
    // What was counted before is better than nothing.
    CHECK(count_with(monitor)->accounts_active == 2'000);
    app::Monitor other{loop.get_executor(), store, clock};
    REQUIRE(other.use(settings).has_value());
    const Result<store::Health> ended = count_with(other);
    REQUIRE(ended.has_error());
    CHECK(ended.error().code == ErrorCode::try_later);
    REVIEWD_CHECK_CONTAINS(ended.error().message, "could not be read within 2 s");
}

TEST_CASE("health fails while the database cannot be read", "[app][monitor]") {
    const Stage stage;
    const int port = write_monitored(stage);
    Running daemon{stage};
    CHECK(daemon.call("import").is_object());
    static_cast<void>(settled(daemon)); // nothing writes below the state directory now
    const std::filesystem::path state = stage.directory.path() / "state";
    const std::filesystem::path elsewhere = stage.directory.path() / "elsewhere";
    std::filesystem::rename(state, elsewhere);
    const std::string failing = get(port, "/healthz");
    CHECK(failing.rfind("HTTP/1.1 503", 0) == 0);
    REVIEWD_CHECK_CONTAINS(failing, "the state directory");
    CHECK(get(port, "/metrics").rfind("HTTP/1.1 503", 0) == 0);
    std::filesystem::rename(elsewhere, state);
    CHECK(get(port, "/healthz").rfind("HTTP/1.1 200", 0) == 0);
    CHECK(daemon.stop() == 0);
}

TEST_CASE("a message that waits for another try is late since it was due", "[app][monitor][F22]") {
    Stage stage;
    const int port = free_port();
    std::string text{monitored};
    text.replace(text.find("PORT"), 4, std::to_string(port));
    const std::string_view file = "type: file, path: reminders.jsonl";
    text.replace(
        text.find(file),
        file.size(),
        "type: smtp, host: 127.0.0.1, tls: none, from: reviews@example.test, port: "
            + std::to_string(free_port()) // nobody listens
    );
    stage.directory.write("reviewd.yaml", text);
    MovedClock moved{stage.clock};
    stage.time = &moved;
    Running daemon{stage};
    CHECK(daemon.call("import").is_object());
    while (daemon.call("outbox.list", {{"state", "wait"}}).at("deliveries").as_array().empty()) {
        std::this_thread::yield();
    }
    moved.jump = std::chrono::minutes{2}; // the next try is minutes ahead
    const std::string metrics = get(port, "/metrics");
    const std::string series = "\nreviewd_outbox_oldest_due_age_seconds{channel=\"desk\"} ";
    const std::size_t at = metrics.find(series);
    REQUIRE(at != std::string::npos);
    CHECK(std::stod(metrics.substr(at + series.size())) >= 120);
    CHECK(daemon.stop() == 0);
}

TEST_CASE("monitoring counts the company's days, as status does", "[app][monitor]") {
    Stage stage;
    const int port = free_port();
    std::string text{monitored};
    text.replace(text.find("PORT"), 4, std::to_string(port));
    text.replace(
        text.find("zone: UTC"), 9, "zone: Pacific/Kiritimati"
    ); // a day begins at 10:00 UTC
    stage.directory.write("reviewd.yaml", text);
    MovedClock moved{stage.clock};
    stage.time = &moved;
    Running daemon{stage};
    CHECK(daemon.call("import").is_object());
    const json::value plan = daemon.call("plan");
    const Date due = parse_date(plan.at("reviews").at(0).at("due").as_string().c_str()).value();
    // The day after it is two hours old there.
    moved.jump = std::chrono::sys_days{due.time_since_epoch()} + hours{12} - stage.clock.now();
    const json::value status = daemon.call("status");
    CHECK(status.at("reviews").at("overdue") == 1);
    REVIEWD_CHECK_CONTAINS(get(port, "/metrics"), "\nreviewd_reviews_overdue 1\n");
    CHECK(daemon.stop() == 0);
}

TEST_CASE("a reload moves the monitoring listener, or ends it", "[app][monitor][F38]") {
    const Stage stage;
    const int first = write_monitored(stage);
    Running daemon{stage};
    CHECK(daemon.call("status").at("daemon").at("monitoring_port") == first);
    const int second = write_monitored(stage);
    CHECK(daemon.call("reload").is_object());
    CHECK(get(first, "/readyz") == "nobody listens");
    CHECK(get(second, "/readyz").rfind("HTTP/1.1 200", 0) == 0);
    CHECK(daemon.stop() == 0);
}

TEST_CASE("a port that is taken keeps no review from being done", "[app][monitor]") {
    const Stage stage;
    const int port = write_monitored(stage);
    net::io_context loop;
    auto taken = std::make_optional<tcp::acceptor>(
        loop, tcp::endpoint{net::ip::make_address("127.0.0.1"), static_cast<std::uint16_t>(port)}
    );
    Running daemon{stage};
    CHECK(daemon.call("status").at("daemon").at("monitoring_port") == 0);
    taken.reset();
    CHECK(daemon.call("reload").is_object());
    CHECK(get(port, "/readyz").rfind("HTTP/1.1 200", 0) == 0);
    CHECK(daemon.stop() == 0);
    REVIEWD_CHECK_CONTAINS(stage.lines.str(), "monitoring.not_listening");
}

TEST_CASE("a daemon asleep hears at once that the clock was set", "[app][clock][F9][F13]") {
    Stage stage;
    std::string text{monitored};
    text.replace(text.find("PORT"), 4, std::to_string(free_port()));
    text.replace(text.find("00:00"), 5, "13:00");
    stage.directory.write("reviewd.yaml", text);
    MovedClock moved{stage.clock};
    stage.time = &moved;
    reviewd::test::TestClockTimer timer;
    stage.clock_timer = timer.timer();
    Running daemon{stage};
    CHECK(daemon.call("import").is_object());
    CHECK(daemon.call("status").is_object());
    const std::filesystem::path sent =
        std::filesystem::path{stage.directory.path()} / "state" / "reminders.jsonl";
    CHECK_FALSE(std::filesystem::exists(sent));
    // Left alone it would look again after a minute. No command is given meanwhile: that would wake
    // it.
    moved.jump = std::chrono::minutes{90};
    timer.set_clock();
    const auto begun = stage.system.since_boot();
    while (!std::filesystem::exists(sent)
           && stage.system.since_boot() - begun < std::chrono::seconds{20}) {
        std::this_thread::yield();
    }
    CHECK(std::filesystem::exists(sent));
    CHECK(daemon.stop() == 0);
    REVIEWD_CHECK_CONTAINS(stage.lines.str(), "clock.set");
}

TEST_CASE(
    "while the clock is suspect nothing is planned or sent, and nothing remains of it",
    "[app][clock][F10][F11][T42][I16]"
) {
    Stage stage;
    write_monitored(stage);
    MovedClock moved{stage.clock};
    stage.time = &moved;
    stage.guard = {.built = stage.clock.now() - hours{24}, .is_synchronised = [] {
                       return false;
                   }};
    Running daemon{stage};
    CHECK(daemon.call("import").is_object());
    const json::value before = daemon.call("plan");
    const json::value sent = settled(daemon);

    moved.jump = hours{24 * 3652};
    const json::value held = daemon.call("status");
    CHECK(held.at("daemon").at("clock_suspect").is_string());
    CHECK(daemon.call("plan") == before);
    CHECK(daemon.call("outbox.list") == sent);

    moved.jump = std::chrono::milliseconds{0};
    CHECK(daemon.call("status").at("daemon").at("clock_suspect").is_null());
    CHECK(daemon.call("plan") == before);

    moved.jump = hours{24};
    CHECK(daemon.call("status").at("daemon").at("clock_suspect").is_string());
    CHECK(daemon.call("resume", {{"clock", true}}).is_object());
    CHECK(daemon.call("status").at("daemon").at("clock_suspect").is_null());
    CHECK(daemon.try_call("resume", {{"clock", true}}).has_error());
    CHECK(daemon.stop() == 0);
}
