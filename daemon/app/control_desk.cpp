#include "daemon/app/control_desk.hpp"

#include "daemon/app/full_check.hpp"
#include "daemon/control/arguments.hpp"
#include "daemon/control/long_commands.hpp"
#include "daemon/control/preview_commands.hpp"
#include "daemon/control/shapes.hpp"
#include "daemon/runtime/asio/run_on.hpp"
#include "daemon/runtime/host.hpp"
#include "daemon/runtime/open_file.hpp"
#include "scoring/base/text.hpp"

#include <boost/json/array.hpp>
#include <fmt/format.h>

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <limits>
#include <system_error>
#include <vector>

namespace reviewd::app {

namespace {

namespace json = boost::json;
namespace net = boost::asio;
using Answer = net::awaitable<Result<json::value>>;

constexpr std::chrono::seconds test_time{60};
constexpr std::chrono::seconds longest_poll{1};
constexpr std::size_t drill_problem_width = 400;

Error unknown_command(const std::string& name) {
    std::vector<std::string> names;
    for (const control::Command& command : control::commands()) {
        names.emplace_back(command.name);
    }
    const std::string hint = did_you_mean(name, names);
    return fail(
        ErrorCode::usage,
        fmt::format("there is no command `{}`{}", name, hint.empty() ? "" : "; " + hint)
    );
}

/// An attempt that belongs to no delivery: it shows its dialogue.
class TestAttempt final : public notify::Attempt {
public:
    TestAttempt(TimePoint now, const runtime::ProgressSink& progress)
        : now_{now}, progress_{progress} {}

    [[nodiscard]] int number() const override { return 1; }
    [[nodiscard]] TimePoint now() const override { return now_; }
    [[nodiscard]] std::chrono::milliseconds deadline() const override { return test_time; }
    [[nodiscard]] net::awaitable<bool> commit() override { co_return true; }
    void dialogue(std::string_view line) override {
        lines_.emplace_back(escape_controls(line));
        progress_(json::object{{"line", lines_.back().get_string()}});
    }

    [[nodiscard]] json::array take_lines() { return std::move(lines_); }

private:
    TimePoint now_;
    const runtime::ProgressSink& progress_;
    json::array lines_;
};

notify::Message test_message(const std::string& address, TimePoint now) {
    const std::string id = fmt::format("test-{}", now.time_since_epoch().count());
    return notify::Message{
        .id = id,
        .message_id = fmt::format("<{}@{}>", id, runtime::host_name()),
        .thread_id = {},
        .date = now,
        .recipient = {.name = "", .address = address, .language = "en"},
        .subject = "[TEST] reviewd can reach you here",
        .text = "This is a test. Reminders of account reviews will arrive the same way.\n",
        .html = "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Test</title>"
                "</head><body><p>This is a test. Reminders of account reviews will arrive the same "
                "way.</p></body></html>",
        .payload = R"({"test":true})",
        .calendar = {},
        .reminder_ids = {},
    };
}

// A plain function: GCC 12 destroys an initializer list twice where a coroutine builds it.
json::value test_answer(
    const std::string& channel,
    const std::string& to,
    const notify::Outcome& outcome,
    json::array dialogue
) {
    return json::object{
        {"channel", channel},
        {"to", to},
        {"verdict", notify::name(outcome.verdict)},
        {"reason", notify::name(outcome.reason)},
        {"code", outcome.code},
        {"reply", control::text_or_null(outcome.reply)},
        {"dialogue", std::move(dialogue)},
    };
}

Error unknown_channel(const std::string& name, const Channels& channels) {
    std::vector<std::string> names;
    for (const auto& [known, each] : channels.all()) {
        names.push_back(known);
    }
    const std::string hint = did_you_mean(name, names);
    return fail(
        ErrorCode::not_found,
        fmt::format(
            "there is no channel `{}`; {}",
            name,
            hint.empty() ? fmt::format("channels are {}", fmt::join(names, ", ")) : hint
        )
    );
}

constexpr std::size_t file_limit_bytes = 8UL * 1024 * 1024;

/// Puts the texts of open files in the place of the nulls in `files: {name: null}`, in order.
std::optional<Error> take_files(runtime::ControlRequest& request) {
    if (request.files.empty()) {
        return std::nullopt;
    }
    json::value* const files = request.arguments.if_contains("files");
    json::object* const names = files != nullptr ? files->if_object() : nullptr;
    if (names == nullptr || names->size() != request.files.size()) {
        return fail(ErrorCode::usage, "each open file needs its name in `files: {name: null}`");
    }
    std::size_t at = 0;
    for (json::key_value_pair& member : *names) {
        const std::string name = escape_controls(std::string_view{member.key()});
        const Result<std::string> text =
            runtime::read_open_file(request.files[at++], name, file_limit_bytes);
        if (!text) {
            return text.error();
        }
        member.value() = *text;
    }
    return std::nullopt;
}

} // namespace

Answer ControlDesk::answer(runtime::ControlRequest request, runtime::ProgressSink progress) {
    using ByDaemon = control::Command::ByDaemon;
    const control::Command* const command = control::find_command(request.command);
    if (command == nullptr) {
        co_return unknown_command(request.command);
    }
    const ByDaemon part = command->by_daemon;
    // A backup is written to the file that comes with it; others are read.
    const bool reads_files = part != ByDaemon::back_up;
    if (const auto problem = reads_files ? take_files(request) : std::nullopt) {
        co_return *problem;
    }
    const bool needs_time = part == ByDaemon::import || part == ByDaemon::reload;
    if (needs_time && daemon_.clock_.suspicion()) {
        co_return fail(
            ErrorCode::try_later,
            "nothing is read or planned while the clock is doubted; `reviewctl status` says why"
        );
    }
    service::Actor actor{
        .who = runtime::user_name(request.peer.user),
        .from = fmt::format("socket, uid {}", request.peer.user)};
    co_return co_await answer_known(
        *command, std::move(request), std::move(actor), std::move(progress)
    );
}

Answer ControlDesk::answer_known(
    const control::Command& command,
    runtime::ControlRequest request,
    service::Actor actor,
    runtime::ProgressSink progress
) {
    using ByDaemon = control::Command::ByDaemon;
    switch (command.by_daemon) {
    case ByDaemon::import:
        co_return co_await import(std::move(request.arguments), actor, std::move(progress));
    case ByDaemon::reload:
        co_return co_await reload(std::move(request.arguments), actor);
    case ByDaemon::test_notifier:
        co_return co_await test_notifier(std::move(request.arguments), actor, std::move(progress));
    case ByDaemon::back_up:
        co_return co_await back_up(std::move(request), actor, std::move(progress));
    case ByDaemon::note_backup:
        co_return co_await note_backup(std::move(request.arguments), actor);
    case ByDaemon::note_drill:
        co_return co_await note_drill(std::move(request.arguments), actor);
    case ByDaemon::status:
        co_return co_await status(std::move(request.arguments), actor);
    case ByDaemon::preview:
        co_return co_await preview(std::move(request.arguments), actor, std::move(progress));
    case ByDaemon::resume:
        if (request.arguments.contains("clock")) {
            co_return confirm_clock(request.arguments, actor);
        }
        break;
    case ByDaemon::nothing:
        break;
    }
    if (command.answer_at_rest != nullptr) {
        co_return co_await call_at_rest(command, std::move(request.arguments), actor);
    }
    co_return co_await call(command, std::move(request.arguments), actor);
}

Answer ControlDesk::call_at_rest(
    const control::Command& command, json::object arguments, service::Actor actor
) {
    runtime::ProgressSink nobody = [](const json::value&) {
    };
    const IsBusy is_busy = [](service::Service& service, runtime::ProgressSink& /*sink*/) {
        return service.is_busy();
    };
    co_await until_at_rest(is_busy, nobody);
    const json::object given = arguments;
    const Result<json::value> done = co_await call(command, std::move(arguments), actor);
    if (!done) {
        co_return done.error();
    }
    co_await until_at_rest(is_busy, nobody);
    auto answer = [&command, &given, &actor, now = daemon_.clock_.now()](service::Service& service
                  ) {
        const control::Call last{service, given, actor, now};
        return control::noted(command.answer_at_rest(last), command.name, last);
    };
    co_return co_await daemon_.store_.with(std::move(answer));
}

Answer ControlDesk::call(
    const control::Command& command, json::object arguments, service::Actor actor
) {
    auto work = [&command, &arguments, &actor, now = daemon_.clock_.now()](service::Service& service
                ) {
        return control::run(command, control::Call{service, arguments, actor, now});
    };
    Result<json::value> answer = co_await daemon_.store_.with(std::move(work));
    daemon_.alarm_.ring();
    co_return answer;
}

net::awaitable<void> ControlDesk::until_at_rest(
    const IsBusy& is_busy, runtime::ProgressSink& progress
) {
    runtime::Alarm passed{daemon_.loop_.get_executor()};
    daemon_.pass_watchers_.insert(&passed);
    daemon_.alarm_.ring();
    bool goes_on = true;
    while (goes_on && !daemon_.is_stopping_) {
        co_await passed.wait(longest_poll);
        auto work = [&](service::Service& service) {
            return is_busy(service, progress);
        };
        try {
            goes_on = co_await daemon_.store_.with(work);
        } catch (...) {
            daemon_.pass_watchers_.erase(&passed);
            throw;
        }
    }
    daemon_.pass_watchers_.erase(&passed);
}

Answer ControlDesk::import(
    json::object arguments, service::Actor actor, runtime::ProgressSink progress
) {
    // The daemon may be reading a source of its own accord: this run comes after that one.
    const IsBusy is_reading = [](service::Service& service, runtime::ProgressSink& sink) {
        sink(control::import_progress(service));
        return service.importer().is_busy();
    };
    const control::HeldNow seen = co_await daemon_.store_.with(&control::held_now);
    std::optional<Result<void>> begun;
    while (!begun) {
        auto begin = [&, now = daemon_.clock_.now()](service::Service& service) {
            return service.importer().is_busy()
                       ? std::optional<Result<void>>{}
                       : control::begin_import(control::Call{service, arguments, actor, now}, seen);
        };
        begun = co_await daemon_.store_.with(std::move(begin));
        if (!begun && daemon_.is_stopping_) {
            co_return fail(ErrorCode::unavailable, "the daemon is stopping");
        }
        if (!begun) {
            co_await until_at_rest(is_reading, progress);
        }
    }
    if (!*begun) {
        co_return begun->error();
    }
    const IsBusy is_busy = [](service::Service& service, runtime::ProgressSink& sink) {
        sink(control::import_progress(service));
        return service.importer().is_busy() || service.is_busy();
    };
    co_await until_at_rest(is_busy, progress);
    co_return co_await daemon_.store_.with(&control::import_answer);
}

/// What waits for a person's word, so that it can be told whether a reload brought it.
struct Held {
    std::optional<store::RulesVersionId> rules;
    std::optional<std::string> levels; ///< the rules that move them

    static Held of(service::Service& service) {
        const auto& waiting = service.rules().waiting();
        const auto levels = service.rescorer().held();
        Held held;
        if (waiting && waiting->candidate.is_held) {
            held.rules = waiting->candidate.version;
        }
        if (levels) {
            held.levels = levels->rules_hash;
        }
        return held;
    }
    [[nodiscard]] bool has_more_than(const Held& before) const {
        return (rules && rules != before.rules) || (levels && levels != before.levels);
    }
};

Answer ControlDesk::read_again(service::Actor actor) {
    Result<Daemon::Reloaded> done = co_await daemon_.reload(actor);
    if (!done) {
        co_return done.error();
    }
    // Beside the loop and the store: what is in force goes on while the sources' files are read.
    auto look = [configuration = daemon_.configuration_] {
        return check_fully(configuration);
    };
    Diagnostics more = co_await runtime::run_on(daemon_.blocking_.get_executor(), std::move(look));
    for (Diagnostic& finding : more) {
        done->findings.push_back(std::move(finding));
    }
    json::object answer{
        {"warnings", render(done->findings)},
        {"diagnostics", control::diagnostics_json(done->findings)},
        {"restart_needed", json::array(done->restart_needed.begin(), done->restart_needed.end())},
    };
    if (done->problem) {
        answer["problem"] = *done->problem;
    }
    co_return json::value(std::move(answer));
}

Answer ControlDesk::reload(json::object arguments, service::Actor actor) {
    control::Arguments reader{arguments};
    const bool waits = reader.flag("wait");
    const bool is_confirmed = reader.flag("confirm");
    if (const std::optional<Error> problem = reader.problem()) {
        co_return *problem;
    }
    const Held before = co_await daemon_.store_.with(&Held::of);
    if (is_confirmed) {
        auto confirm = [&, now = daemon_.clock_.now()](service::Service& service) -> Result<void> {
            if (service.rules().waiting()) {
                const auto version = service.rules().confirm(actor, now);
                return version ? Result<void>{} : version.error();
            }
            return service.rescorer().confirm(actor, now);
        };
        const Result<void> confirmed = co_await daemon_.store_.with(std::move(confirm));
        if (!confirmed) {
            co_return confirmed.error();
        }
    }
    // Not a conditional expression: GCC 12 miscompiles one around co_await.
    Result<json::value> answer = json::value(json::object{});
    if (!is_confirmed) {
        answer = co_await read_again(actor);
    }
    if (!answer) {
        co_return answer;
    }
    if (waits) {
        runtime::ProgressSink nobody = [](const json::value&) {
        };
        const IsBusy is_busy = [](service::Service& service, runtime::ProgressSink& /*sink*/) {
            return service.is_busy();
        };
        co_await until_at_rest(is_busy, nobody);
    }
    auto held = [&before](service::Service& service) {
        return json::object{
            {"levels_held", control::levels_held_json(service.rescorer().held())},
            {"rules_waiting", control::rules_waiting_json(service.rules().waiting())},
            {"rules_dropped", control::rules_dropped_json(service.rules().passed_over())},
            {"overrides_idle", control::idle_overrides_json(service.overrides().idle())},
            {"is_held", Held::of(service).has_more_than(before)},
        };
    };
    const json::object waiting = co_await daemon_.store_.with(held);
    for (const auto& [name, value] : waiting) {
        answer->as_object()[name] = value;
    }
    daemon_.alarm_.ring();
    co_return answer;
}

Answer ControlDesk::preview(
    json::object arguments, service::Actor actor, runtime::ProgressSink progress
) {
    auto begin = [&, now = daemon_.clock_.now()](service::Service& service) {
        return control::begin_preview(control::Call{service, arguments, actor, now});
    };
    Result<control::PreviewWish> wish = co_await daemon_.store_.with(std::move(begin));
    if (!wish) {
        co_return wish.error();
    }
    // A piece at a time, so that the daemon's own work and other commands come in between.
    std::optional<Result<json::value>> answer;
    while (!answer && !daemon_.is_stopping_) {
        auto step = [&, now = daemon_.clock_.now()](service::Service& service) {
            std::optional<Result<json::value>> made;
            if (wish->job->step(now)) {
                const control::Call last{service, arguments, actor, now};
                made = control::noted(control::preview_answer(*wish), "rules.preview", last);
            }
            return made;
        };
        answer = co_await daemon_.store_.with(std::move(step));
        if (const std::optional<std::size_t> read = wish->job->accounts_read()) {
            progress(json::object{{"accounts_read", *read}});
        }
    }
    if (!answer) {
        co_return fail(ErrorCode::unavailable, "the daemon is stopping");
    }
    co_return *std::move(answer);
}

Answer ControlDesk::test_notifier(
    json::object arguments, service::Actor actor, runtime::ProgressSink progress
) {
    control::Arguments reader{arguments};
    const std::string name = reader.text("name");
    std::string to = reader.text_or_empty("to");
    if (const std::optional<Error> problem = reader.problem()) {
        co_return *problem;
    }
    const std::shared_ptr<const Channels> channels = daemon_.channels_.load();
    const Channels::Channel* const channel = channels->find(name);
    if (channel == nullptr) {
        co_return unknown_channel(name, *channels);
    }
    const bool is_given = !to.empty();
    to = is_given ? to : actor.who;
    const std::string objection = channel->check_address(to);
    if (!objection.empty()) {
        co_return fail(
            ErrorCode::usage,
            is_given ? fmt::format("{} cannot be a recipient of `{}`: {}", to, name, objection)
                     : fmt::format("say whom to reach on `{}` with --to ADDRESS", name)
        );
    }
    const TimePoint now = daemon_.clock_.now();
    TestAttempt attempt{now, progress};
    const notify::Message message = test_message(to, now);
    const std::shared_ptr<notify::Notifier> notifier = channel->notifier;
    const notify::Outcome outcome = co_await notifier->deliver(message, attempt);
    co_return test_answer(name, to, outcome, attempt.take_lines());
}

Answer ControlDesk::status(json::object arguments, service::Actor actor) {
    const control::Command& command = *control::find_command("status");
    // After the work that waits already: who asks after a command sees what came of it.
    auto nothing = [](service::Service& /*service*/) {
        return 0;
    };
    static_cast<void>(co_await daemon_.store_.with(std::move(nothing)));
    const Result<store::Health> counted = co_await daemon_.monitor_.count();
    if (!counted && counted.error().code == ErrorCode::try_later) {
        co_return counted.error(); // the writer would take as long over it
    }
    auto look = [&, now = daemon_.clock_.now()](service::Service& service) {
        return command.run({service, arguments, actor, now, counted ? &*counted : nullptr});
    };
    Result<json::value> answer = co_await daemon_.store_.with(std::move(look));
    if (!answer) {
        co_return answer;
    }
    answer->as_object()["daemon"] = own_status();
    co_return answer;
}

Answer ControlDesk::back_up(
    runtime::ControlRequest request, service::Actor actor, runtime::ProgressSink progress
) {
    control::Arguments reader{request.arguments};
    if (const std::optional<Error> problem = reader.problem()) {
        co_return *problem;
    }
    if (request.files.size() != 1) {
        co_return fail(ErrorCode::usage, "backup needs one open file to write to");
    }
    const TimePoint now = daemon_.clock_.now();
    Result<json::value> made =
        co_await daemon_.backups_.make(std::move(request.files.front()), std::move(progress));
    if (!made) {
        daemon_.log_.tell(
            LogEvent::backup_failed, {{"who", actor.who}, {"reason", made.error().message}}
        );
        co_return made;
    }
    // The copy is the whole portfolio: who has it is known before they are told that it is good.
    const auto accounts = made->at("rows").at("accounts").to_number<std::int64_t>();
    auto note = [accounts, &actor, now](service::Service& service) {
        return service.note_export("backup", accounts, actor, now);
    };
    if (const Result<void> noted = co_await daemon_.store_.with(std::move(note)); !noted) {
        co_return noted.error();
    }
    made->as_object()["taken"] = to_string(now);
    made->as_object()["taken_ms"] = now.time_since_epoch().count();
    co_return made;
}

Answer ControlDesk::note_backup(json::object arguments, service::Actor actor) {
    control::Arguments reader{arguments};
    const std::optional<std::int64_t> given =
        reader.integer("taken_ms", 1, std::numeric_limits<std::int64_t>::max());
    const std::string directory = reader.text_or_empty("directory");
    if (const std::optional<Error> problem = reader.problem()) {
        co_return *problem;
    }
    if (!given) {
        co_return fail(
            ErrorCode::usage, "say in `taken_ms` which backup it is, as `backup` answered"
        );
    }
    const TimePoint now = daemon_.clock_.now();
    const TimePoint taken = std::min(TimePoint{std::chrono::milliseconds{*given}}, now);
    auto record = [taken, directory, now](service::Service& service) {
        service.note_backup(taken, directory, now);
        return 0;
    };
    static_cast<void>(co_await daemon_.store_.with(std::move(record)));
    daemon_.log_.tell(LogEvent::backup_made, {{"who", actor.who}});
    co_return json::value(json::object{{"taken", to_string(taken)}});
}

Answer ControlDesk::note_drill(json::object arguments, service::Actor actor) {
    control::Arguments reader{arguments};
    const std::string problem =
        cut_to_width(escape_controls(reader.text_or_empty("problem")), drill_problem_width);
    const std::string directory = reader.text_or_empty("directory");
    if (const std::optional<Error> wrong = reader.problem()) {
        co_return *wrong;
    }
    // The directory of the service's own backups, when the drill was about another one.
    auto record = [problem, directory, now = daemon_.clock_.now()](service::Service& service
                  ) -> Result<std::string> {
        const std::string own = service.backup_directory();
        if (!own.empty() && !directory.empty() && own != directory) {
            return own;
        }
        const Result<void> noted = service.note_drill(problem, now);
        return noted ? Result<std::string>{std::string{}} : noted.error();
    };
    const Result<std::string> own = co_await daemon_.store_.with(std::move(record));
    if (!own) {
        co_return own.error();
    }
    if (!own->empty()) {
        co_return json::value(json::object{{"problem", nullptr}, {"backups_are_in", *own}});
    }
    if (!problem.empty()) {
        daemon_.log_.tell(LogEvent::drill_failed, {{"who", actor.who}, {"reason", problem}});
    }
    co_return json::value(json::object{{"problem", control::text_or_null(problem)}});
}

Result<json::value> ControlDesk::confirm_clock(
    const json::object& arguments, const service::Actor& actor
) {
    control::Arguments reader{arguments};
    const bool is_meant = reader.flag("clock");
    if (const std::optional<Error> problem = reader.problem()) {
        return *problem;
    }
    if (!is_meant || !daemon_.clock_.suspicion()) {
        return fail(ErrorCode::not_found, "the clock is trusted already");
    }
    daemon_.clock_.confirm();
    daemon_.log_.tell(LogEvent::clock_confirmed, {{"who", actor.who}});
    daemon_.alarm_.ring();
    return json::value(json::object{{"cancelled", 0}});
}

namespace {

/// Bytes that the service may still write there.
json::value room_of(const std::string& directory) {
    std::error_code problem;
    const std::filesystem::space_info space = std::filesystem::space(directory, problem);
    return problem ? json::value(nullptr) : json::value(static_cast<std::int64_t>(space.available));
}

} // namespace

json::value ControlDesk::own_status() const {
    const config::Settings& settings = *daemon_.configuration_.settings;
    const auto& is_kept = daemon_.options_.guard.is_synchronised;
    return json::object{
        {"version", REVIEWD_VERSION},
        {"process", static_cast<std::int64_t>(::getpid())},
        {"started", to_string(daemon_.started_)},
        {"now", to_string(daemon_.clock_.now())},
        {"config_file", std::filesystem::absolute(daemon_.options_.places.config_file).string()},
        {"config_loaded", to_string(daemon_.loaded_)},
        {"reload_problem", control::text_or_null(daemon_.reload_problem_.value_or(""))},
        {"state_directory", settings.state_directory},
        {"room_bytes", room_of(settings.state_directory)},
        {"problem", control::text_or_null(daemon_.monitor_.problem())},
        {"socket", settings.control_socket},
        {"under_way", daemon_.sender_.under_way()},
        {"clock_suspect", control::text_or_null(daemon_.clock_.suspicion().value_or(""))},
        {"clock_kept", is_kept ? json::value(is_kept()) : json::value(nullptr)},
        {"monitoring_port", daemon_.monitor_.port()},
    };
}

} // namespace reviewd::app
