// Deliveries are never removed from the outbox, so what it counts by final state only rises and
// survives restarts: such counters follow the database. Counters of attempts begin with the
// process.

#include "daemon/app/metrics.hpp"

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <array>
#include <limits>
#include <map>

namespace reviewd::app {

namespace {

using prometheus::Counter;
using prometheus::Family;
using prometheus::Gauge;
using prometheus::Histogram;
using prometheus::Registry;

constexpr std::array reasons{
    notify::Reason::dns,
    notify::Reason::connect,
    notify::Reason::tls,
    notify::Reason::certificate,
    notify::Reason::authentication,
    notify::Reason::timeout,
    notify::Reason::protocol,
    notify::Reason::rejected,
    notify::Reason::deferred,
    notify::Reason::rate_limited,
    notify::Reason::endpoint_gone,
    notify::Reason::redirected,
    notify::Reason::bad_address,
    notify::Reason::local_io,
    notify::Reason::shutting_down,
};

constexpr std::array states{
    store::DeliveryState::planned,
    store::DeliveryState::held,
    store::DeliveryState::ready,
    store::DeliveryState::sending,
    store::DeliveryState::wait,
    store::DeliveryState::uncertain,
};

double seconds(TimePoint moment) {
    return std::chrono::duration<double>(moment.time_since_epoch()).count();
}

double seconds(std::chrono::milliseconds time) {
    return std::chrono::duration<double>(time).count();
}

double as_double(std::int64_t value) {
    return static_cast<double>(value);
}

/// A counter that follows a number kept elsewhere.
void follow(Counter& counter, double value) {
    if (value > counter.Value()) {
        counter.Increment(value - counter.Value());
    }
}

Family<Gauge>& gauge(Registry& registry, const char* name, const char* help) {
    return prometheus::BuildGauge().Name(name).Help(help).Register(registry);
}

Family<Counter>& counter(Registry& registry, const char* name, const char* help) {
    return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
}

Family<Histogram>& histogram(Registry& registry, const char* name, const char* help) {
    return prometheus::BuildHistogram().Name(name).Help(help).Register(registry);
}

const Histogram::BucketBoundaries& durations() {
    static const Histogram::BucketBoundaries bounds{
        0.01, 0.05, 0.25, 1, 2.5, 5, 10, 30, 60, 180, 600};
    return bounds;
}

const Histogram::BucketBoundaries& latenesses() {
    static const Histogram::BucketBoundaries bounds{
        1, 10, 60, 300, 900, 3600, 21600, 86400, 432000};
    return bounds;
}

} // namespace

struct Metrics::Families {
    Registry registry;
    Family<Gauge>& build_info = gauge(registry, "reviewd_build_info", "The running version.");
    Family<Gauge>& reload_good = gauge(
        registry,
        "reviewd_config_last_reload_successful",
        "Whether the last reload of the configuration was successful."
    );
    Family<Gauge>& reload_time = gauge(
        registry,
        "reviewd_config_last_reload_success_timestamp_seconds",
        "When the configuration in force was loaded."
    );
    Family<Gauge>& messages = gauge(
        registry,
        "reviewd_outbox_messages",
        "Deliveries that are not finished, by channel and state."
    );
    Family<Gauge>& oldest = gauge(
        registry,
        "reviewd_outbox_oldest_due_age_seconds",
        "How long ago the oldest delivery that is not accepted yet became due."
    );
    Family<Counter>& deliveries =
        counter(registry, "reviewd_deliveries_total", "Deliveries that were accepted.");
    Family<Counter>& failures = counter(
        registry, "reviewd_delivery_failures_total", "Deliveries that were given up, by reason."
    );
    Family<Counter>& suppressed = counter(
        registry,
        "reviewd_deliveries_suppressed_total",
        "Deliveries that were not needed any more, by reason."
    );
    Family<Counter>& attempts = counter(
        registry, "reviewd_delivery_attempts_total", "Attempts at deliveries since the start."
    );
    Family<Counter>& attempt_failures = counter(
        registry,
        "reviewd_delivery_attempt_failures_total",
        "Attempts that were not accepted, by reason."
    );
    Family<Counter>& uncertain = counter(
        registry,
        "reviewd_deliveries_uncertain_total",
        "Attempts whose end nobody knows: the message may have arrived twice."
    );
    Family<Histogram>& duration = histogram(
        registry, "reviewd_delivery_duration_seconds", "How long attempts at deliveries took."
    );
    Family<Histogram>& lateness = histogram(
        registry,
        "reviewd_reminder_lateness_seconds",
        "From the moment a message was due until it was accepted."
    );
    Family<Gauge>& circuit = gauge(
        registry, "reviewd_endpoint_circuit_open", "Whether a channel is paused until it is mended."
    );
    Family<Gauge>& backup = gauge(
        registry,
        "reviewd_db_last_backup_success_timestamp_seconds",
        "When the last backup was made; 0: never."
    );
    Family<Gauge>& drill = gauge(
        registry,
        "reviewd_db_last_drill_timestamp_seconds",
        "When the newest backup was last restored for trial; 0: never."
    );
    Family<Gauge>& drill_good = gauge(
        registry,
        "reviewd_db_last_drill_successful",
        "Whether that backup would serve; 1 as long as none was tried."
    );
    Family<Gauge>& first_import = gauge(
        registry,
        "reviewd_db_first_import_timestamp_seconds",
        "Since when there is something to back up; 0: nothing was imported yet."
    );
    Family<Gauge>& size = gauge(registry, "reviewd_db_size_bytes", "Size of the database.");
    Family<Gauge>& log_size =
        gauge(registry, "reviewd_db_wal_size_bytes", "Size of the database's write-ahead log.");
    Family<Gauge>& resident =
        gauge(registry, "process_resident_memory_bytes", "Resident memory of the daemon.");
    Family<Gauge>& open_files =
        gauge(registry, "process_open_fds", "Open file descriptors of the daemon.");
    Family<Gauge>& most_files =
        gauge(registry, "process_max_fds", "File descriptors that the daemon may open.");
    Family<Gauge>& disk_free =
        gauge(registry, "reviewd_disk_free_bytes", "Room left where the database is.");
    Family<Gauge>& tick = gauge(
        registry,
        "reviewd_scheduler_last_tick_timestamp_seconds",
        "When the scheduler last did its work, or found none."
    );
    Family<Gauge>& source_age = gauge(
        registry, "reviewd_source_age_seconds", "Time since the source was last read; +Inf: never."
    );
    Family<Gauge>& source_failed =
        gauge(registry, "reviewd_source_failed", "Whether the last reading of the source failed.");
    Family<Gauge>& accounts = gauge(registry, "reviewd_accounts", "Active accounts.");
    Family<Gauge>& without_review = gauge(
        registry,
        "reviewd_accounts_without_review",
        "Active accounts without an open review; 0 when the scheduler is at rest."
    );
    Family<Gauge>& reviews = gauge(registry, "reviewd_reviews_open", "Open reviews.");
    Family<Gauge>& overdue =
        gauge(registry, "reviewd_reviews_overdue", "Open reviews past their day.");
    Family<Gauge>& imports_held =
        gauge(registry, "reviewd_imports_held", "Imports that wait for a person's confirmation.");
    Family<Gauge>& held = gauge(
        registry, "reviewd_held", "Whether nothing is sent, by reason: the clock or a restore."
    );
};

Metrics::Metrics() : families_{std::make_unique<Families>()} {
    families_->build_info.Add({{"version", REVIEWD_VERSION}}).Set(1);
}

Metrics::~Metrics() = default;

void Metrics::prepare(const config::Settings& settings) {
    Families& all = *families_;
    for (const config::ChannelSettings& channel : settings.channels) {
        const std::string& name = channel.name;
        for (const store::DeliveryState state : states) {
            all.messages.Add({{"channel", name}, {"state", std::string{store::name(state)}}});
        }
        all.oldest.Add({{"channel", name}});
        all.deliveries.Add({{"channel", name}});
        all.attempts.Add({{"channel", name}});
        all.uncertain.Add({{"channel", name}});
        all.circuit.Add({{"channel", name}});
        for (const char* reason : {"failed", "expired"}) {
            all.failures.Add({{"channel", name}, {"reason", reason}});
        }
        for (const notify::Reason reason : reasons) {
            all.attempt_failures.Add(
                {{"channel", name}, {"reason", std::string{notify::name(reason)}}}
            );
        }
    }
    for (const char* reason : {"cancelled", "superseded"}) {
        all.suppressed.Add({{"reason", reason}});
    }
    all.duration.Add({}, durations());
    all.lateness.Add({}, latenesses());
}

void Metrics::attempted(const AttemptEnd& end) {
    Families& all = *families_;
    all.attempts.Add({{"channel", end.channel}}).Increment();
    all.duration.Add({}, durations()).Observe(seconds(end.duration));
    if (end.verdict == notify::Verdict::accepted) {
        all.lateness.Add({}, latenesses()).Observe(seconds(end.lateness));
        return;
    }
    all.attempt_failures
        .Add({{"channel", end.channel}, {"reason", std::string{notify::name(end.reason)}}})
        .Increment();
    if (end.verdict == notify::Verdict::uncertain) {
        all.uncertain.Add({{"channel", end.channel}}).Increment();
    }
}

namespace {

/// Counts of the outbox: gauges for what is under way, counters for what has ended.
template <class Families>
void show_outbox(Families& all, const MetricsFacts& facts, TimePoint now) {
    std::map<std::string, double> suppressed;
    for (const store::DeliveryCount& count : facts.health.deliveries) {
        const std::string state{store::name(count.state)};
        const double value = as_double(count.deliveries);
        switch (count.state) {
        case store::DeliveryState::accepted:
            follow(all.deliveries.Add({{"channel", count.channel}}), value);
            break;
        case store::DeliveryState::failed:
        case store::DeliveryState::expired:
            follow(all.failures.Add({{"channel", count.channel}, {"reason", state}}), value);
            break;
        case store::DeliveryState::cancelled:
        case store::DeliveryState::superseded:
            suppressed[state] += value;
            break;
        default:
            all.messages.Add({{"channel", count.channel}, {"state", state}}).Set(value);
            break;
        }
    }
    for (const auto& [state, value] : suppressed) {
        follow(all.suppressed.Add({{"reason", state}}), value);
    }
    for (const auto& [channel, due] : facts.outbox.oldest_due) {
        all.oldest.Add({{"channel", channel}}).Set(seconds(now - due));
    }
}

template <class Families>
void show_sources(Families& all, const std::vector<store::Source>& sources, TimePoint now) {
    for (const store::Source& source : sources) {
        const double age = source.last_success ? seconds(now - *source.last_success)
                                               : std::numeric_limits<double>::infinity();
        all.source_age.Add({{"source", source.name}}).Set(age);
        const bool is_failed = store::source_state(source.last_error) == store::SourceState::failed;
        all.source_failed.Add({{"source", source.name}}).Set(is_failed ? 1 : 0);
    }
}

} // namespace

std::string Metrics::render(const MetricsFacts& facts, const DaemonFacts& daemon) {
    Families& all = *families_;
    // What is gone from the database is zero, not what it was.
    for (const prometheus::MetricFamily& family : all.registry.Collect()) {
        if (family.name == "reviewd_outbox_messages"
            || family.name == "reviewd_outbox_oldest_due_age_seconds"
            || family.name == "reviewd_endpoint_circuit_open") {
            Family<Gauge>& gauges = family.name == "reviewd_outbox_messages"         ? all.messages
                                    : family.name == "reviewd_endpoint_circuit_open" ? all.circuit
                                                                                     : all.oldest;
            for (const prometheus::ClientMetric& metric : family.metric) {
                prometheus::Labels labels;
                for (const auto& label : metric.label) {
                    labels[label.name] = label.value;
                }
                gauges.Add(labels).Set(0);
            }
        }
    }
    show_outbox(all, facts, daemon.now);
    show_sources(all, facts.sources, daemon.now);
    for (const std::string& channel : daemon.paused) {
        all.circuit.Add({{"channel", channel}}).Set(1);
    }
    all.reload_good.Add({}).Set(daemon.is_reload_good ? 1 : 0);
    all.reload_time.Add({}).Set(seconds(daemon.config_loaded));
    all.tick.Add({}).Set(seconds(daemon.last_tick));
    all.held.Add({{"reason", "clock"}}).Set(daemon.is_clock_suspect ? 1 : 0);
    all.held.Add({{"reason", "restored"}}).Set(daemon.is_restored ? 1 : 0);
    all.backup.Add({}).Set(facts.last_backup ? seconds(*facts.last_backup) : 0);
    all.drill.Add({}).Set(facts.last_drill ? seconds(facts.last_drill->ended) : 0);
    all.drill_good.Add({}).Set(facts.last_drill && !facts.last_drill->problem.empty() ? 0 : 1);
    all.first_import.Add({}).Set(facts.first_import ? seconds(*facts.first_import) : 0);
    all.size.Add({}).Set(as_double(facts.health.database_bytes));
    all.disk_free.Add({}).Set(static_cast<double>(facts.disk_free_bytes));
    all.log_size.Add({}).Set(static_cast<double>(facts.log_bytes));
    all.resident.Add({}).Set(static_cast<double>(facts.process.resident_bytes));
    all.open_files.Add({}).Set(static_cast<double>(facts.process.open_descriptors));
    all.most_files.Add({}).Set(static_cast<double>(facts.process.most_descriptors));
    all.accounts.Add({}).Set(as_double(facts.health.accounts_active));
    all.without_review.Add({}).Set(as_double(facts.health.accounts_without_review));
    all.reviews.Add({}).Set(as_double(facts.health.reviews_open));
    all.overdue.Add({}).Set(as_double(facts.health.reviews_overdue));
    all.imports_held.Add({}).Set(as_double(facts.health.imports_held));
    return prometheus::TextSerializer{}.Serialize(all.registry.Collect());
}

} // namespace reviewd::app
