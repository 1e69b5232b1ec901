#include "daemon/app/monitor.hpp"

#include "daemon/review/zone.hpp"
#include "daemon/store/read_database.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <filesystem>
#include <type_traits>

namespace reviewd::app {

namespace {

namespace json = boost::json;
namespace net = boost::asio;
using runtime::HealthAnswer;

constexpr std::chrono::seconds facts_kept{10};
/// Fewer are counted each time.
constexpr std::int64_t many_accounts = 100'000;
constexpr std::chrono::seconds longest_silence{180}; ///< three times the longest rest of the loop
/// With less, the next large write fails: seen before there is something to write.
constexpr std::uint64_t least_room_bytes = 4UL * 1024 * 1024;

/// What takes longer keeps the write-ahead log from starting again, for as long as it takes.
constexpr std::chrono::seconds longest_read{2};

/// Opens the database a second time and reads, on a thread of its own: of the clock it asks only
/// for the time since boot. @errors those of the opening, `io_failed`, and
/// `try_later` when one of its reads took too long
template <class Read>
auto read_beside(const std::string& state_directory, const Clock& clock, Read read)
    -> Result<std::invoke_result_t<Read&, store::ReadDatabase&>> {
    std::error_code problem;
    const auto directory = std::filesystem::canonical(state_directory, problem);
    if (problem) {
        return fail(
            ErrorCode::io_failed,
            fmt::format("the state directory {}: {}", state_directory, problem.message())
        );
    }
    Result<std::unique_ptr<store::ReadDatabase>> database =
        store::ReadDatabase::open(directory / "reviewd.db");
    if (!database) {
        return database.error();
    }
    (*database)->limit_reads([&clock] {
        return [&clock, until = clock.since_boot() + longest_read] {
            return clock.since_boot() > until;
        };
    });
    try {
        return read(**database);
    } catch (const store::StorageBusy&) {
        return fail(
            ErrorCode::try_later,
            fmt::format(
                "the numbers of the database could not be read within {} s: the disk is busy, or "
                "very much was sent; try again in a moment",
                longest_read.count()
            )
        );
    } catch (const store::StorageLost& lost) {
        return fail(ErrorCode::io_failed, lost.what());
    } catch (const Failure& failure) {
        return failure.error();
    }
}

/// Without a snapshot: one of a second would keep the write-ahead log from starting again.
Result<store::Health> read_counts(
    const std::string& state_directory, const Clock& clock, const std::string& zone, TimePoint now
) {
    return read_beside(state_directory, clock, [&](store::ReadDatabase& database) {
        // Loaded each time: the rules of a zone may change while the daemon runs.
        const Result<review::Zone> company = review::Zone::load(zone);
        const Date today = (company ? *company : review::Zone{}).civil_day(now);
        return store::read_health(database, today, now);
    });
}

/// All but the counts, of one state of the database.
Result<MetricsFacts> read_facts(
    const std::string& state_directory, const Clock& clock, TimePoint now
) {
    return read_beside(state_directory, clock, [&](store::ReadDatabase& database) {
        const store::Snapshot snapshot{database};
        const std::filesystem::path directory{state_directory};
        std::error_code problem;
        MetricsFacts facts;
        facts.outbox = store::read_outbox_health(database, now);
        facts.sources = store::Sources{database}.list();
        facts.last_backup = store::read_last_backup(database);
        facts.last_drill = store::read_last_drill(database);
        facts.first_import = store::read_first_import(database);
        facts.disk_free_bytes = std::filesystem::space(directory, problem).available;
        const auto log_size = std::filesystem::file_size(directory / "reviewd.db-wal", problem);
        facts.log_bytes = problem ? 0 : log_size;
        facts.process = runtime::process_use();
        return facts;
    });
}

// Plain functions make the answers: GCC 12 destroys some temporaries of a coroutine twice.
HealthAnswer plain(unsigned status, std::string body) {
    return HealthAnswer{.status = status, .type = "text/plain", .body = std::move(body)};
}

HealthAnswer numbers(std::string body) {
    return HealthAnswer{
        .status = 200, .type = "text/plain; version=0.0.4; charset=utf-8", .body = std::move(body)};
}

HealthAnswer verdict(bool is_good, json::object body) {
    body["status"] = is_good ? "ok" : "failing";
    return HealthAnswer{
        .status = is_good ? 200U : 503U,
        .type = "application/json",
        .body = json::serialize(body) + "\n"};
}

} // namespace

Monitor::Monitor(net::any_io_executor executor, StoreDoor& store, const Clock& clock)
    : executor_{std::move(executor)}, store_{store}, clock_{clock} {}

Result<void> Monitor::use(const config::Settings& settings) {
    state_directory_ = settings.state_directory;
    zone_ = settings.company.zone;
    metrics_.prepare(settings);
    if (!settings.monitoring) {
        listener_.reset();
        place_ = {};
        return {};
    }
    const std::pair<std::string, int> wanted{
        settings.monitoring->address, settings.monitoring->port};
    if (listener_ && wanted == place_) {
        return {};
    }
    Result<std::unique_ptr<runtime::HealthListener>> opened = runtime::HealthListener::open(
        executor_,
        wanted.first,
        wanted.second,
        [this](std::string path) { return answer(std::move(path)); }
    );
    if (!opened) {
        return opened.error();
    }
    listener_ = std::move(*opened);
    place_ = wanted;
    return {};
}

void Monitor::ticked(TimePoint now) {
    daemon_.last_tick = now;
    ticked_at_ = clock_.since_boot();
    problem_.clear();
}

net::awaitable<HealthAnswer> Monitor::answer(std::string path) {
    if (path == "/metrics") {
        co_return co_await show_metrics();
    }
    if (path == "/healthz") {
        co_return co_await show_health();
    }
    if (path == "/readyz") {
        co_return verdict(is_ready_, {});
    }
    co_return plain(404, "/metrics, /healthz and /readyz\n");
}

net::awaitable<Result<MetricsFacts>> Monitor::facts() {
    const std::chrono::milliseconds moment = clock_.since_boot();
    if (known_ && moment - known_at_ < facts_kept) {
        co_return *known_;
    }
    const Result<store::Health> counted = co_await count();
    if (!counted) {
        co_return counted.error();
    }
    auto work = [this, directory = state_directory_, now = clock_.now()] {
        return read_facts(directory, clock_, now);
    };
    Result<MetricsFacts> read = co_await runtime::on_store(thread_, std::move(work));
    if (read) {
        read->health = *counted;
        known_ = *read;
        known_at_ = moment;
    } else if (known_ && read.error().code == ErrorCode::try_later) {
        co_return *known_; // a little older
    }
    co_return read;
}

net::awaitable<Result<store::Health>> Monitor::count() {
    const std::chrono::milliseconds begin = clock_.since_boot();
    if (counted_ && begin < counted_until_) {
        co_return *counted_;
    }
    auto work = [this, directory = state_directory_, zone = zone_, now = clock_.now()] {
        return read_counts(directory, clock_, zone, now);
    };
    Result<store::Health> counted = co_await runtime::on_store(thread_, std::move(work));
    if (counted) {
        const std::chrono::milliseconds taken = clock_.since_boot() - begin;
        const bool is_long = counted->accounts_active >= many_accounts;
        counted_until_ = begin + (is_long ? 10 * taken : std::chrono::milliseconds{0});
        counted_ = *counted;
    } else if (counted_ && counted.error().code == ErrorCode::try_later) {
        co_return *counted_; // a little older
    }
    co_return counted;
}

net::awaitable<HealthAnswer> Monitor::show_metrics() {
    const Result<MetricsFacts> read = co_await facts();
    if (!read) {
        co_return plain(503, read.error().message + "\n");
    }
    DaemonFacts daemon = daemon_;
    daemon.now = clock_.now();
    auto look = [now = daemon.now](service::Service& service) {
        std::vector<std::string> paused;
        for (const service::PausedChannel& channel : service.outbox().paused(now)) {
            if (!channel.is_limit) { // that ends by itself, and nobody need mend anything
                paused.push_back(channel.channel);
            }
        }
        return std::pair{std::move(paused), service.is_held()};
    };
    const std::pair<std::vector<std::string>, bool> seen = co_await store_.with(look);
    daemon.paused = seen.first;
    daemon.is_restored = seen.second;
    co_return numbers(metrics_.render(*read, daemon));
}

net::awaitable<HealthAnswer> Monitor::show_health() {
    json::array reasons;
    const std::chrono::milliseconds silence = clock_.since_boot() - ticked_at_;
    if (silence > longest_silence) {
        reasons.emplace_back("the scheduler has not worked for minutes");
    }
    if (!problem().empty()) {
        reasons.emplace_back(problem());
    }
    const Result<MetricsFacts> read = co_await facts();
    const bool is_only_slow = !read && read.error().code == ErrorCode::try_later;
    if (!read && !is_only_slow) { // whoever only counts for long works
        reasons.emplace_back(read.error().message);
    } else if (read && read->disk_free_bytes < least_room_bytes) {
        reasons.emplace_back("the disk of the state directory is full");
    }
    const bool is_good = reasons.empty();
    json::object body;
    body["reasons"] = std::move(reasons);
    body["clock_suspect"] = daemon_.is_clock_suspect;
    co_return verdict(is_good, std::move(body));
}

} // namespace reviewd::app
