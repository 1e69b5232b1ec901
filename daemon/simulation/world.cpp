// The world's time: a queue of events, and the moments at which the daemon wants to be woken.
// Whatever the daemon does runs in guarded(), which turns the end of the process into a restart.

#include "daemon/simulation/world.hpp"

#include "daemon/store/errors.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace reviewd::simulation {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

/// More ticks than this at one moment are a loop.
constexpr int tick_limit = 20'000;
/// The daemon comes back in the end, whatever happened to it.
constexpr int start_limit = 400;

TimePoint midnight(Date day) {
    return TimePoint{day.time_since_epoch()};
}

Date utc_day(TimePoint at) {
    return Date{std::chrono::floor<days>(at.time_since_epoch())};
}

} // namespace

World::World(const Plan& plan)
    : plan_(plan),
      faults_(plan.seed, plan.possible_faults, plan.certain_faults),
      company_(plan_, faults_),
      machine_(plan.seed),
      model_(company_),
      peers_(plan.seed, faults_),
      checker_(machine_, model_, peers_, plan.file_checks),
      trace_(plan.kept_trace_lines),
      fate_(plan.seed, "fate"),
      moods_(plan.seed, "moods"),
      affairs_(plan.seed, "affairs"),
      echoes_(plan.seed, "echoes"),
      now_(midnight(plan.from)),
      quiet_from_(plan.from + days{plan.days}) {}

void World::at(TimePoint when, Happening what, std::string subject) {
    events_.emplace(std::max(when, now_), Event{what, std::move(subject)});
}

void World::begin() {
    machine_.write_configuration(company_);
    publish();
    at(now_, Happening::start);
    at(now_ + seconds{30}, Happening::day);
    is_start_planned_ = true;
}

void World::run(const std::function<void(double share)>& progress) {
    const TimePoint end = midnight(plan_.last_day());
    const auto whole = static_cast<double>((end - now_).count());
    const TimePoint begun = now_;
    Date told = plan_.from;
    try {
        begin();
        while (now_ < end && !events_.empty()) {
            step();
            if (progress && utc_day(now_) >= told + days{30}) {
                told = utc_day(now_);
                progress(static_cast<double>((now_ - begun).count()) / whole);
            }
        }
        if (machine_.is_running()) {
            guarded([this] { checker_.at_the_end(daemon_now()); });
        }
    } catch (const Violated& violated) {
        violation_ = violated.violation();
    } catch (const std::exception& error) {
        violation_ = {now_, "I19", "no failure escapes from the daemon", error.what()};
    }
}

void World::pass_until(TimePoint end) {
    while (now_ < end && !events_.empty()) {
        const TimePoint next = machine_.is_running() && wake_
                                   ? std::min(*wake_, events_.begin()->first)
                                   : events_.begin()->first;
        if (next > end) {
            now_ = end;
            return;
        }
        step();
    }
}

Report World::report() const {
    Report report;
    report.plan = plan_;
    report.faults = faults_.chosen();
    report.happened = happened_;
    report.checked = checker_.counts();
    report.violation = violation_;
    report.trace_hash = trace_.hash();
    report.events = trace_.events();
    report.trace.assign(trace_.lines().begin(), trace_.lines().end());
    return report;
}

void World::step() {
    TimePoint next = events_.begin()->first;
    if (machine_.is_running() && wake_) {
        next = std::min(next, *wake_);
    }
    now_ = std::max(now_, next);
    while (!events_.empty() && events_.begin()->first <= now_) {
        const Event event = events_.begin()->second;
        events_.erase(events_.begin());
        happen(event);
    }
    if (machine_.is_running()) {
        guarded([this] { work(); });
    }
}

void World::happen(const Event& event) {
    const bool is_running = machine_.is_running();
    switch (event.what) {
    case Happening::day:
        return plan_day();
    case Happening::publish:
        return publish();
    case Happening::start:
        return start();
    case Happening::reconfigure:
        return reconfigure();
    case Happening::disk_fills:
        is_disk_full_ = true;
        machine_.disk().set_room(Disk::Room::none);
        return trace_.add(now_, "disk full");
    case Happening::disk_clears:
        is_disk_full_ = false;
        machine_.disk().set_room(Disk::Room::enough);
        return trace_.add(now_, "disk has room");
    case Happening::clock_moves:
        clock_offset_ = minutes{fate_.between(-170, 170)};
        wake_ = now_;
        return trace_.add(now_, "clock steps", fmt::format("{} ms", clock_offset_.count()));
    case Happening::clock_returns:
        clock_offset_ = {};
        wake_ = now_;
        return trace_.add(now_, "clock is right again");
    case Happening::crash: {
        const auto ending = event.subject == "power" ? Disk::Ending::power : Disk::Ending::process;
        machine_.disk().crash_at(fate_.between(1, 400), ending);
        return;
    }
    case Happening::sync_failure:
        is_sync_failing_ = is_running;
        return is_running ? machine_.disk().fail_next_sync() : void();
    case Happening::stop:
        return is_running ? stop(hours{24 * fate_.between(1, 20)}) : void();
    case Happening::person:
    case Happening::operating:
    case Happening::affairs:
    case Happening::look:
    case Happening::answer:
    case Happening::echo:
        break;
    }
    if (is_running) {
        guarded([&] {
            if (event.what == Happening::person) {
                act(*company_.find(event.subject));
            } else if (event.what == Happening::operating) {
                operate();
            } else if (event.what == Happening::affairs) {
                manage();
            } else if (event.what == Happening::look) {
                look();
            } else if (event.what == Happening::echo) {
                answer_again();
            } else {
                answer_late();
            }
        });
    }
}

void World::plan_day() {
    const Date today = utc_day(now_);
    at(midnight(today + days{1}) + seconds{30}, Happening::day);
    if (today >= quiet_from_ && !faults_.is_over()) {
        faults_.end();
        trace_.add(now_, "the faults are over");
        machine_.disk().call_off_crash();
        at(now_, Happening::disk_clears);
        at(now_, Happening::clock_returns);
    }
    company_.live(today);
    peers_.live(now_);
    if (std::chrono::weekday{today} == std::chrono::Monday) {
        at(midnight(today) + hours{2}, Happening::publish);
    }
    at(midnight(today) + hours{10}, Happening::reconfigure);
    at(midnight(today) + hours{13}, Happening::affairs);
    at(midnight(today) + hours{15}, Happening::operating);
    at(midnight(today) + hours{23}, Happening::look);
    for (const Person& person : company_.people()) {
        if (!person.left || *person.left == today) {
            const ZoneTable& zone = company_.zone_of(person);
            const TimePoint works = zone.moment(today, hours{11});
            at(works, Happening::person, person.key);
        }
    }
    plan_faults(today);
}

void World::plan_faults(Date today) {
    const auto moment = [&] {
        return midnight(today) + minutes{1 + fate_.below(1430)};
    };
    const auto strikes = [&](Fault fault, double usual) {
        return fate_.chance(faults_.chance(fault, usual));
    };
    if (strikes(Fault::process_crash, 0.05)) {
        at(moment(), Happening::crash, "process");
    }
    if (strikes(Fault::power_loss, 0.03)) {
        at(moment(), Happening::crash, "power");
    }
    if (strikes(Fault::sync_error, 0.01)) {
        at(moment(), Happening::sync_failure);
    }
    if (strikes(Fault::disk_full, 0.01)) {
        const TimePoint begin = moment();
        at(begin, Happening::disk_fills);
        at(begin + hours{fate_.between(1, 48)}, Happening::disk_clears);
    }
    if (strikes(Fault::clock_step, 0.02)) {
        const TimePoint begin = moment();
        at(begin, Happening::clock_moves);
        at(begin + hours{fate_.between(1, 30)}, Happening::clock_returns);
    }
    if (strikes(Fault::downtime, 0.003)) {
        at(moment(), Happening::stop);
    }
}

void World::guarded(const std::function<void()>& work) {
    try {
        work();
    } catch (const store::StorageLost& lost) {
        const bool is_expected = machine_.disk().is_crashed() || machine_.disk().has_failed_sync();
        if (!is_expected) {
            throw Violated({now_, "I19", "the database is lost only by a fault", lost.what()});
        }
        return crashed("crash");
    } catch (const Killed&) {
        return crashed("killed");
    } catch (const Failure& failure) {
        if (!machine_.disk().is_crashed() && has_room()) {
            throw Violated({now_, "I19", "no failure escapes from the service", failure.what()});
        }
    }
    if (machine_.is_running() && machine_.disk().is_crashed()) {
        crashed("crash");
    }
}

void World::crashed(std::string_view how) {
    trace_.add(now_, how);
    ++happened_[std::string{how == "killed" ? "kills between writes" : "crashes at a write"}];
    if (current_) {
        under_way_.push_back(*std::exchange(current_, std::nullopt));
    }
    for (const UnderWay& attempt : under_way_) {
        if (attempt.is_accepted && !attempt.is_counted) {
            peers_.lose(attempt.order);
        }
        const notify::Verdict verdict = attempt.outcome.verdict;
        const bool is_true = attempt.is_accepted || verdict != notify::Verdict::accepted;
        if (is_true && verdict != notify::Verdict::uncertain) {
            orphans_.push_back(attempt);
        }
    }
    under_way_.clear();
    answered_.clear();
    machine_.end();
    is_sync_failing_ = false;
    if (!is_start_planned_) {
        is_start_planned_ = true;
        at(now_ + seconds{fate_.between(1, 900)}, Happening::start);
    }
}

void World::stop(std::chrono::minutes rest) {
    trace_.add(now_, "stopped");
    happened_["days off"] += rest / hours{24};
    machine_.disk().crash_now(Disk::Ending::process);
    crashed("stopped");
    // The start that follows a crash waits as well.
    for (auto& [when, event] : events_) {
        if (event.what == Happening::start) {
            event.what = Happening::reconfigure;
        }
    }
    at(now_ + rest, Happening::start);
}

void World::start() {
    is_start_planned_ = false;
    if (machine_.is_running()) {
        return;
    }
    std::string problem;
    try {
        const Result<void> started = machine_.start(daemon_now());
        if (!started.has_value()) {
            problem = started.error().message;
        }
    } catch (const store::StorageLost& lost) {
        problem = lost.what();
    } catch (const Failure& failure) {
        problem = failure.what();
    }
    if (!problem.empty()) {
        machine_.end();
        trace_.add(now_, "start failed");
        const bool is_explained = !has_room() || clock_offset_ != minutes{0} || failed_starts_ < 20;
        if (!is_explained || ++failed_starts_ > start_limit) {
            throw Violated({now_, "I19", "the daemon starts again after every fault", problem});
        }
        is_start_planned_ = true;
        return at(now_ + minutes{10}, Happening::start);
    }
    failed_starts_ = 0;
    are_reports_old_ = false;
    is_configuration_loaded_ = true;
    are_imports_seen_ = false;
    wake_ = now_;
    started_ = utc_day(now_);
    ++happened_["starts"];
    trace_.add(now_, "started");
    checker_.when_restarted(daemon_now());
    clear_up_after_restart();
}

void World::clear_up_after_restart() {
    model_.rules_loaded(company_.rules());
    check_leave();
    if (!unanswered_) {
        return;
    }
    const Unanswered asked = *std::exchange(unanswered_, std::nullopt);
    const auto found = store::Reviews{machine_.database()}.find(asked.before.id);
    if (!found) {
        throw Violated(
            {now_, "I17", "a change that was not answered is there or not", "the review is gone"}
        );
    }
    if (found->version != asked.before.version) {
        trace_.add(now_, "done after all", asked.what);
        asked.apply(*found);
    }
}

void World::work() {
    for (int ticks = 0; ticks < tick_limit; ++ticks) {
        service::Service& service = machine_.service();
        const bool was_importing = service.importer().is_busy();
        const Result<service::Tick> tick = service.tick(daemon_now());
        if (!tick.has_value()) {
            if (has_room() && !machine_.disk().is_crashed()) {
                throw Violated({now_, "I12", "work goes on", tick.error().message});
            }
            wake_ = now_ + minutes{5};
            return;
        }
        if (was_importing && !service.importer().is_busy()
            && !std::exchange(are_reports_old_, false)) {
            note_imports();
        }
        if (tick->has_claimable) {
            deliver();
        }
        if (!tick->wake || *tick->wake > daemon_now()) {
            wake_ = tick->wake ? std::optional{*tick->wake - clock_offset_} : std::nullopt;
            return;
        }
    }
    throw Violated({now_, "I12", "the daemon comes to rest", "it ticks for ever"});
}

void World::note_imports() {
    for (const service::ImportReport& report : machine_.service().importer().reports()) {
        using Kind = intake::ImportJobOutcome::Kind;
        // What was dropped is passed over, and is on no account what the model has.
        const bool is_in =
            report.outcome.kind == Kind::accepted || report.outcome.kind == Kind::unchanged;
        if (is_in && std::exchange(told_[report.source], publications_) != publications_) {
            model_.imported(report.source, on_file_);
        }
    }
    are_imports_seen_ = true;
}

void World::look() {
    if (!has_room()) {
        return;
    }
    work();
    // A crash behind a commit that lasts, in a checkpoint, leaves an attempt without its answer.
    const bool is_over = !machine_.is_running() || machine_.disk().is_crashed();
    if (is_over || wake_ <= now_) {
        return;
    }
    service::Service& service = machine_.service();
    checker_.when_idle(daemon_now(), under_way_.size());
    const Date today = utc_day(now_);
    const bool is_held = service.rescorer().held() || service.rules().waiting();
    const bool is_known =
        are_imports_seen_ && is_configuration_loaded_ && !is_held && !service.is_busy();
    if (is_known && to_day_number(today) % 7 == 3) {
        checker_.when_looked_at(daemon_now());
    }
    if (faults_.is_over()) {
        // A daemon that was stopped needs its time as well.
        const Date since = std::max(quiet_from_, started_);
        checker_.when_quiet(daemon_now(), static_cast<int>((today - since).count()));
    }
}

Report simulate(const Plan& plan, const std::function<void(double share)>& progress) {
    World world{plan};
    world.run(progress);
    return world.report();
}

} // namespace reviewd::simulation
