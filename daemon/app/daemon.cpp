#include "daemon/app/daemon.hpp"

#include "daemon/app/control_desk.hpp"
#include "daemon/app/exit_status.hpp"
#include "daemon/control/shapes.hpp"
#include "daemon/runtime/asio/run_on.hpp"
#include "daemon/runtime/memory.hpp"
#include "scoring/base/counted.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/json/array.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <exception>
#include <utility>

namespace reviewd::app {

namespace {

namespace json = boost::json;
namespace net = boost::asio;

constexpr std::chrono::seconds longest_pause{60};
constexpr std::chrono::seconds rest_after_failure{30};
/// The unit gives up after ten starts within five minutes.
constexpr std::chrono::seconds rest_after_no_start{31};
constexpr std::chrono::seconds rest_while_suspect{10};
constexpr std::chrono::seconds time_to_finish{40};
/// A terminal and a script behind it may both tell of the same wish.
constexpr std::chrono::seconds doubled_signal{1};
constexpr std::chrono::seconds extension{60};
constexpr std::chrono::seconds extension_interval{15};
constexpr std::chrono::minutes status_interval{5};
constexpr std::chrono::minutes memory_interval{1};

void write_notices(const runtime::Log& log, const service::Notices& notices) {
    for (const service::Notice& notice : notices) {
        log.tell(notice.event, {{"message", notice.message}});
    }
}

std::string where(const config::ChannelSettings& channel) {
    const config::Node* const value = channel.node.find(channel.traits.place_key);
    return value != nullptr && value->is_scalar() ? value->text() : std::string{};
}

std::vector<std::string> restart_needed(
    const config::Settings& before, const config::Settings& after
) {
    std::vector<std::string> parts;
    if (before.state_directory != after.state_directory) {
        parts.emplace_back("state directory");
    }
    if (before.control_socket != after.control_socket) {
        parts.emplace_back("control socket");
    }
    return parts;
}

std::string reload_status(const std::optional<std::string>& problem) {
    return problem ? "reloaded, but for the links: " + *problem : "reloaded";
}

std::string status_line(const store::Health& health) {
    std::string text = fmt::format(
        "{}, {} open, {} due today, {} overdue",
        counted(health.accounts_active, "account", "accounts"),
        counted(health.reviews_open, "review", "reviews"),
        health.reviews_due_today,
        health.reviews_overdue
    );
    for (const char* state : {"wait", "failed", "held"}) {
        std::int64_t deliveries = 0;
        for (const store::DeliveryCount& count : health.deliveries) {
            deliveries += store::name(count.state) == state ? count.deliveries : 0;
        }
        if (deliveries > 0) {
            text += fmt::format(", {} {}", counted(deliveries, "delivery", "deliveries"), state);
        }
    }
    return text;
}

} // namespace

Daemon::Daemon(
    const Clock& clock,
    const runtime::Log& log,
    DaemonOptions options,
    config::Configuration configuration
)
    : log_{log},
      options_{std::move(options)},
      clock_{clock, options_.guard},
      configuration_{std::move(configuration)},
      outbound_{loop_.get_executor()},
      processes_{loop_.get_executor()},
      links_{
          loop_.get_executor(),
          store_,
          clock_,
          log_,
          [this] {
              alarm_.ring();
          }},
      store_{[this](const std::string& reason) {
          lost(reason);
      }},
      backups_{configuration_.settings->state_directory},
      alarm_{loop_.get_executor()},
      monitor_{loop_.get_executor(), store_, clock_},
      sender_{loop_.get_executor(), store_, clock_, log_, [this](Sender::Event event) {
                  happened(event);
              }} {
    sender_.report_to([this](const AttemptEnd& end) { monitor_.attempted(end); });
    sender_.fail_to([this](const std::exception_ptr& thrown) { failed(thrown); });
}

Daemon::~Daemon() = default;

int Daemon::run() {
    signals_ = std::make_unique<runtime::SignalWatch>(loop_.get_executor(), [this](int number) {
        received(number);
    });
    auto clock_was_set = [this] {
        log_.tell(LogEvent::clock_set);
        alarm_.ring();
    };
    clock_changes_ = std::make_unique<runtime::ClockChangeWatch>(
        loop_.get_executor(), std::move(clock_was_set), options_.clock_timer
    );
    net::co_spawn(loop_, live(), [this](const std::exception_ptr& thrown) {
        failed(thrown);
        loop_.stop();
    });
    loop_.run();
    links_.close();
    control_.reset();
    monitor_.close();
    // Before the threads that a disk or a reader may hold up for ever: whatever becomes of them,
    // the database has its end, and no signal comes in between.
    store_.close();
    clock_changes_.reset();
    signals_.reset();
    return exit_code_;
}

void Daemon::stop() {
    net::post(loop_, [this] { received(SIGTERM); });
}

void Daemon::received(int signal) {
    if (signal == SIGHUP) {
        is_reload_wanted_ = true;
        return reload_when_ready();
    }
    const std::chrono::milliseconds now = clock_.since_boot();
    if (!is_stopping_) {
        // From now, not from the end of the pass under way: the service manager counts as well.
        stop_by_ = now + time_to_finish;
    } else if (now - (stop_by_ - time_to_finish) >= doubled_signal) {
        stop_by_ = now; // whoever asks again does not want to wait; a claim is resumed at the start
    }
    is_stopping_ = true;
    sender_.stop();
    alarm_.ring();
}

/// A signal may come before there is anything to reload, while nothing could be opened, or during a
/// reload that may have read the files already.
void Daemon::reload_when_ready() {
    if (!is_ready_ || is_reloading_ || !std::exchange(is_reload_wanted_, false)) {
        return;
    }
    const service::Actor actor{.who = "signal", .from = "signal"};
    auto flow = [this, actor]() -> net::awaitable<void> {
        static_cast<void>(co_await reload(actor));
    };
    net::co_spawn(loop_, std::move(flow), [this](const std::exception_ptr& thrown) {
        failed(thrown);
    });
}

void Daemon::happened(Sender::Event event) {
    monitor_.sent(sender_.problem());
    has_settled_ = has_settled_ || event == Sender::Event::settled;
    // One look at the clock after a burst of deliveries, not after each; and none after a look that
    // found nothing, or a paused channel would keep the loop running.
    const bool is_awaited = is_stopping_ || options_.mode == DaemonOptions::Mode::once;
    if (!sender_.is_busy() && (has_settled_ || is_awaited)) {
        has_settled_ = false;
        alarm_.ring();
    }
}

void Daemon::lost(const std::string& reason) {
    log_.tell(LogEvent::storage_lost, {{"reason", reason}});
    end(exit_status(ErrorCode::io_failed));
}

/// What a part of the daemon could not go on with; nothing when it ended well.
void Daemon::failed(const std::exception_ptr& thrown) {
    if (!thrown || exit_code_ != 0) {
        return;
    }
    try {
        std::rethrow_exception(thrown);
    } catch (const store::StorageLost& error) {
        lost(error.what());
    } catch (const std::exception& error) {
        log_.tell(LogEvent::daemon_failed, {{"reason", error.what()}});
        end(exit_status(ErrorCode::internal));
    }
}

void Daemon::end(int code) {
    exit_code_ = code;
    is_stopping_ = true;
    loop_.stop();
}

std::shared_ptr<const Channels> Daemon::make_channels(const config::Settings& settings) {
    return std::make_shared<const Channels>(
        settings,
        notify::PluginContext{
            .outbound = outbound_,
            .processes = processes_,
            .base_directory = settings.state_directory,
            .credentials_directory = options_.places.credentials_directory,
            .terminal_line = options_.terminal_line,
            .blocking = blocking_.get_executor(),
        }
    );
}

Result<void> Daemon::open_control_socket() {
    auto desk = std::make_shared<ControlDesk>(*this);
    Result<std::unique_ptr<runtime::ControlServer>> server = runtime::ControlServer::open(
        loop_.get_executor(),
        configuration_.settings->control_socket,
        [this, desk](runtime::ControlRequest request, runtime::ProgressSink progress)
            -> net::awaitable<Result<json::value>> {
            Result<json::value> answer =
                co_await desk->answer(std::move(request), std::move(progress));
            alarm_.ring();
            co_return answer;
        },
        log_
    );
    if (!server) {
        return server.error();
    }
    control_ = std::move(*server);
    control_->tell_answered([this] {
        if (is_stopping_) {
            alarm_.ring(); // the end waits for answers
        }
    });
    return {};
}

net::awaitable<void> Daemon::keep_starting() {
    // Bringing a large database up to date may take longer than the service manager waits.
    runtime::Alarm pause{loop_.get_executor()};
    while (!is_started_ && !is_stopping_) {
        manager_.extend_timeout(extension);
        co_await pause.wait(extension_interval);
    }
}

net::awaitable<Result<void>> Daemon::open_store() {
    auto open = [this] {
        const auto begin = [this](std::optional<TimePoint> last_seen) {
            if (last_seen && options_.resume_clock) {
                options_.resume_clock(*last_seen);
            }
            return clock_.begin(last_seen);
        };
        Core::Hooks hooks;
        hooks.check_address = [this](std::string_view channel, std::string_view address) {
            return channels_.load()->check_address(channel, address);
        };
        hooks.sign_link = [this](const store::LinkGrant& grant) {
            return links_.sign(grant);
        };
        hooks.traits = [this](std::string_view channel) {
            return channels_.load()->traits(channel);
        };
        return Core::open(
            configuration_, store::OpenMode::create_if_missing, std::move(hooks), begin
        );
    };
    Result<void> opened = co_await store_.open(std::move(open));
    if (opened) {
        co_await tell_if_new();
    }
    const bool stays = options_.mode == DaemonOptions::Mode::stay;
    if (opened && stays) {
        watch(*configuration_.settings);
        opened = open_control_socket();
    }
    if (opened) {
        opened = links_.use(
            *configuration_.settings,
            options_.places.credentials_directory,
            stays ? LinkListener::Mode::listen : LinkListener::Mode::sign
        );
    }
    co_return opened;
}

net::awaitable<void> Daemon::tell_if_new() {
    const auto ask = [](Core& core) {
        return core.database().is_new();
    };
    if (co_await store_.with_core(ask)) {
        log_.tell(
            LogEvent::state_created,
            {{"state", configuration_.settings->state_directory},
             {"message", "there was no database; it has a new, empty one now"}}
        );
    }
}

/// Reviews go on without monitoring, and whoever monitors sees that nobody answers.
void Daemon::watch(const config::Settings& settings) {
    if (const Result<void> placed = monitor_.use(settings); !placed) {
        log_.tell(LogEvent::monitoring_not_listening, {{"reason", placed.error().message}});
    }
}

net::awaitable<bool> Daemon::start() {
    started_ = clock_.now();
    manager_.status("opening the database, bringing it up to date");
    net::co_spawn(loop_, keep_starting(), net::detached);
    channels_.store(make_channels(*configuration_.settings));
    sender_.use(channels_.load());
    const Result<void> opened = co_await open_store();
    is_started_ = true;
    started_ = clock_.now();
    loaded_ = started_;
    if (!opened) {
        Error error = opened.error();
        co_await not_started(std::move(error));
        co_return false;
    }
    log_.tell(
        LogEvent::daemon_ready,
        {{"version", REVIEWD_VERSION},
         {"config", options_.places.config_file},
         {"state", configuration_.settings->state_directory}}
    );
    monitor_.loaded(loaded_);
    monitor_.ticked(started_);
    monitor_.ready();
    manager_.ready("ready");
    is_ready_ = true;
    reload_when_ready();
    co_return true;
}

net::awaitable<void> Daemon::not_started(Error error) {
    // The database has seen a later day: the machine's clock comes to it again, a day of --now does
    // not.
    if (error.code == ErrorCode::conflict && options_.guard.is_synchronised) {
        error.code = ErrorCode::try_later;
    }
    log_.tell(LogEvent::daemon_not_started, {{"reason", error.message}});
    manager_.status(error.message);
    exit_code_ = exit_status(error.code);
    // A full disk: whoever starts us again would soon have tried often enough to give up for good.
    const bool stays = options_.mode == DaemonOptions::Mode::stay;
    if (stays && error.code == ErrorCode::try_later && runtime::ServiceManager::is_there()) {
        co_await alarm_.wait(rest_after_no_start);
    }
}

bool Daemon::is_clock_suspect() {
    static_cast<void>(clock_.now());
    const std::optional<std::string>& suspicion = clock_.suspicion();
    if (suspicion && !was_suspect_) {
        log_.tell(LogEvent::clock_suspect, {{"reason", *suspicion}});
        manager_.status("nothing is planned or sent: " + *suspicion);
        status_shown_.reset();
    } else if (!suspicion && was_suspect_) {
        log_.tell(LogEvent::clock_trusted);
    }
    was_suspect_ = suspicion.has_value();
    sender_.hold(was_suspect_ ? Sender::Hold::yes : Sender::Hold::no);
    if (was_suspect_) {
        monitor_.suspect_clock();
    } else {
        monitor_.trust_clock();
    }
    return was_suspect_;
}

net::awaitable<void> Daemon::live() {
    const bool is_started = co_await start();
    if (!is_started) {
        co_return;
    }
    if (options_.mode == DaemonOptions::Mode::once) {
        co_await work_once();
        co_return;
    }
    while (!is_stopping_) {
        const Pass passed = co_await pass();
        has_worked_ = has_worked_ || passed.rest.count() == 0;
        if (passed.rest.count() > 0 && !was_suspect_) {
            net::co_spawn(loop_, rest(), [this](const std::exception_ptr& thrown) {
                failed(thrown);
            });
        }
        const auto interval = runtime::ServiceManager::watchdog_interval();
        const std::chrono::milliseconds most =
            std::min<std::chrono::milliseconds>(longest_pause, interval.value_or(longest_pause));
        co_await alarm_.wait(std::min(passed.rest, most));
    }
    co_await wind_down();
}

net::awaitable<Daemon::Pass> Daemon::pass() {
    const TimePoint now = clock_.now();
    if (is_clock_suspect()) {
        manager_.alive(); // held on purpose: a restart would not help
        monitor_.ticked(now);
        co_return Pass{.rest = rest_while_suspect};
    }
    const bool stays = options_.mode == DaemonOptions::Mode::stay;
    auto work = [now, stays](service::Service& service) {
        Result<service::Tick> tick = service.tick(now);
        const bool is_idle = tick.has_value() && (!tick->wake || *tick->wake > now);
        if (stays && is_idle && service.read_ahead(now)) {
            tick->wake = now;
        }
        return tick;
    };
    const Result<service::Tick> tick = co_await store_.with(work);
    // A tick that the disk's state holds up is no hang: a restart would not help.
    manager_.alive();
    Pass passed{.rest = longest_pause};
    if (tick) {
        monitor_.ticked(now);
        write_notices(log_, tick->notices);
        passed.has_claimable = tick->has_claimable;
        if (tick->wake) {
            passed.rest = std::max(*tick->wake - now, std::chrono::milliseconds{0});
        }
    } else {
        log_.tell(LogEvent::tick_failed, {{"reason", tick.error().message}});
        manager_.status(tick.error().message);
        monitor_.tick_failed(tick.error().message);
        passed.rest = rest_after_failure;
        passed.has_failed = true;
    }
    if (passed.has_claimable || sender_.has_unrecorded()) {
        sender_.look();
    }
    for (runtime::Alarm* const watcher : pass_watchers_) {
        watcher->ring();
    }
    co_return passed;
}

net::awaitable<void> Daemon::work_once() {
    std::size_t settled_before = 0;
    int passes_in_vain = 0;
    bool is_idle = false;
    bool has_failed = false;
    while (!is_stopping_ && !is_idle) {
        const Pass passed = co_await pass();
        has_failed = passed.has_failed;
        co_await finish();
        has_failed = has_failed || sender_.is_busy();
        std::size_t settled = 0;
        for (const auto& [channel, counts] : sender_.counts()) {
            settled += counts.accepted + counts.not_accepted;
        }
        // What nobody takes (a channel that is not configured any more) must not keep us. But a
        // pass may have made what is older part of today's, which the next one sends.
        const bool is_in_vain = passed.has_claimable && settled == settled_before;
        passes_in_vain = is_in_vain ? passes_in_vain + 1 : 0;
        is_idle = passed.has_claimable ? passes_in_vain > 1 : passed.rest.count() > 0;
        settled_before = settled;
    }
    auto look = [now = clock_.now()](service::Service& service) {
        return service.views().status(service::Views::Shares::leave_out, now);
    };
    const service::StatusView status = co_await store_.with(std::move(look));
    OnceSummary summary;
    summary.status = control::status_json(status);
    for (const config::ChannelSettings& channel : configuration_.settings->channels) {
        const auto counts = sender_.counts().find(channel.name);
        const bool is_used = counts != sender_.counts().end();
        summary.channels.push_back({
            .name = channel.name,
            .type = channel.type,
            .where = where(channel),
            .accepted = is_used ? counts->second.accepted : 0,
            .not_accepted = is_used ? counts->second.not_accepted : 0,
        });
    }
    for (const store::DeliveryCount& count : status.health.deliveries) {
        const bool is_waiting = count.state == store::DeliveryState::wait
                                || count.state == store::DeliveryState::uncertain;
        summary.waiting += is_waiting ? static_cast<std::size_t>(count.deliveries) : 0;
    }
    const bool is_source_broken =
        std::any_of(status.sources.begin(), status.sources.end(), [](const auto& each) {
            const store::SourceState state = store::source_state(each.source.last_error);
            return state == store::SourceState::failed || state == store::SourceState::held;
        });
    if (summary.waiting > 0 || is_source_broken || has_failed || sender_.is_store_troubled()) {
        exit_code_ = exit_status(ErrorCode::try_later);
    }
    summary_ = std::move(summary);
}

net::awaitable<void> Daemon::wind_down() {
    manager_.stopping("finishing " + counted(sender_.under_way(), "delivery", "deliveries"));
    log_.tell(LogEvent::daemon_stopping, {{"under_way", sender_.under_way()}});
    monitor_.stopping();
    backups_.give_up();
    control_->stop_accepting();
    links_.close();
    sender_.look(); // what the store could not take is tried once more
    co_await finish();
    manager_.extend_timeout(extension); // to write the log of the database back into it
    log_.tell(LogEvent::daemon_stopped);
}

net::awaitable<void> Daemon::finish() {
    while (sender_.is_busy() || (control_ && control_->commands_under_way() > 0)) {
        const std::chrono::milliseconds left =
            is_stopping_ ? stop_by_ - clock_.since_boot() : longest_pause;
        if (left.count() <= 0) {
            log_.tell(LogEvent::daemon_gave_up_waiting, {{"under_way", sender_.under_way()}});
            break;
        }
        co_await alarm_.wait(left);
    }
}

/// Beside the loop, since counting a million accounts takes a second.
net::awaitable<void> Daemon::rest() {
    co_await show_status();
    rest_from_work();
}

net::awaitable<void> Daemon::show_status() {
    const TimePoint now = clock_.now();
    if (status_shown_ && now - *status_shown_ < status_interval) {
        co_return;
    }
    status_shown_ = now;
    const Result<store::Health> counted = co_await monitor_.count();
    if (counted && !is_stopping_) {
        manager_.status(status_line(*counted));
    }
}

/// After work of several passes, and after the start; in a quiet hour nothing is given back again
/// and again.
void Daemon::rest_from_work() {
    const std::chrono::milliseconds now = clock_.since_boot();
    if (!has_worked_ || (memory_given_back_ && now - *memory_given_back_ < memory_interval)) {
        return;
    }
    runtime::give_back_memory();
    memory_given_back_ = now;
    has_worked_ = false;
}

net::awaitable<Result<Daemon::Reloaded>> Daemon::reload(const service::Actor& actor) {
    if (is_reloading_) {
        co_return fail(ErrorCode::try_later, "another reload is under way; try again in a moment");
    }
    is_reloading_ = true;
    manager_.reloading();
    Result<Reloaded> answer = fail(ErrorCode::internal, "the reload came to no end");
    std::exception_ptr thrown;
    try {
        answer = co_await read_again(actor);
    } catch (...) {
        thrown = std::current_exception();
    }
    is_reloading_ = false;
    // However it ended: the service manager waits for this, and systemctl with it.
    manager_.ready(
        answer ? reload_status(reload_problem_)
               : "the last reload failed, the configuration before it is in force"
    );
    reload_when_ready();
    if (thrown) {
        std::rethrow_exception(thrown);
    }
    co_return answer;
}

net::awaitable<Result<Daemon::Reloaded>> Daemon::read_again(const service::Actor& actor) {
    // Beside the store's thread: whatever holds up the reading of a file holds up nothing else.
    auto read = [this] {
        return load(options_.places);
    };
    config::LoadedConfiguration files =
        co_await runtime::run_on(blocking_.get_executor(), std::move(read));
    auto work = [actor, now = clock_.now(), &files](service::Service& service
                ) -> Result<config::LoadedConfiguration> {
        if (!files.configuration) {
            return as_error(files.diagnostics);
        }
        try {
            const Result<void> done = service.reload(*files.configuration, actor, now);
            return done ? Result<config::LoadedConfiguration>{std::move(files)} : done.error();
        } catch (const Failure& failure) {
            return failure.error(); // all of it was taken back
        }
    };
    const Result<config::LoadedConfiguration> loaded = co_await store_.with(std::move(work));
    if (!loaded) {
        reload_problem_ = loaded.error().message;
        monitor_.reload_failed();
        log_.tell(
            LogEvent::reload_failed, {{"who", actor.who}, {"reason", loaded.error().message}}
        );
        co_return loaded.error();
    }
    const config::Settings& after = *loaded->configuration->settings;
    Reloaded answer{loaded->diagnostics, restart_needed(*configuration_.settings, after), {}};
    channels_.store(make_channels(after));
    sender_.use(channels_.load());
    configuration_ = *loaded->configuration;
    const Result<void> linked =
        links_.use(after, options_.places.credentials_directory, LinkListener::Mode::listen);
    reload_problem_.reset();
    loaded_ = clock_.now();
    monitor_.loaded(loaded_);
    if (!linked) {
        reload_problem_ = linked.error().message;
        monitor_.reload_failed();
        answer.problem = reload_problem_;
        log_.tell(LogEvent::links_not_changed, {{"reason", *reload_problem_}});
    }
    watch(after);
    status_shown_.reset();
    auto tell = [](service::Service& service) {
        service.outbox().channels_changed();
        return 0;
    };
    static_cast<void>(co_await store_.with(std::move(tell)));
    log_.tell(LogEvent::reload_done, {{"who", actor.who}});
    alarm_.ring();
    co_return answer;
}

} // namespace reviewd::app
