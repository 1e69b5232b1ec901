#include "daemon/ctl/offline.hpp"

#include "daemon/app/channels.hpp"
#include "daemon/app/clock_from.hpp"
#include "daemon/app/core.hpp"
#include "daemon/app/load.hpp"
#include "daemon/control/long_commands.hpp"
#include "daemon/runtime/clock.hpp"
#include "daemon/runtime/host.hpp"
#include "daemon/runtime/outbound/curl_outbound.hpp"
#include "daemon/runtime/process/process_host.hpp"

#include <boost/asio/io_context.hpp>
#include <fmt/format.h>

#include <unistd.h>

namespace reviewd::ctl {

namespace {

namespace json = boost::json;

Result<void> work_until_at_rest(service::Service& service, const Clock& clock) {
    do {
        const Result<service::Tick> tick = service.tick(clock.now());
        if (!tick) {
            return tick.error();
        }
    } while (service.is_busy());
    return {};
}

/// `import --confirm`, with no source named: levels may be meant.
bool may_confirm_levels(const json::object& arguments) {
    const json::value* const confirm = arguments.if_contains("confirm");
    const json::value* const sources = arguments.if_contains("sources");
    const bool is_any_named =
        sources != nullptr && sources->is_array() && !sources->get_array().empty();
    return confirm != nullptr && *confirm == true && !is_any_named;
}

/// Levels that an earlier process held are known to be held when the service is at rest again. On
/// the way there it reads files; what comes to be held by that, nobody has seen.
Result<void> begin_import(const control::Call& call, const Clock& clock) {
    const control::HeldNow seen = control::held_now(call.service);
    Result<void> begun = control::begin_import(call, seen);
    if (!may_confirm_levels(call.arguments) || !seen.has_levels || begun
        || begun.error().code != ErrorCode::not_found) {
        return begun;
    }
    const Result<void> rested = work_until_at_rest(call.service, clock);
    if (!rested) {
        return rested;
    }
    return control::begin_import(call, seen);
}

/// Goes on with the run of the importer alone until it has ended.
Result<void> read_to_the_end(
    const control::Call& call, const Clock& clock, const Progress& progress
) {
    while (call.service.importer().is_busy()) {
        const Result<bool> step = call.service.importer().step(clock.now());
        if (!step) {
            return step.error();
        }
        if (progress) {
            progress(control::import_progress(call.service));
        }
    }
    return {};
}

Result<json::value> run_import(
    const control::Call& call, const Clock& clock, const Progress& progress
) {
    // What an earlier process left half done comes first.
    const Result<void> resumed = read_to_the_end(call, clock, {});
    if (!resumed) {
        return resumed.error();
    }
    const Result<void> begun = begin_import(call, clock);
    if (!begun) {
        return begun.error();
    }
    const json::value* const dry_run = call.arguments.if_contains("dry_run");
    if (dry_run != nullptr && *dry_run == true) {
        // A tick would read, and not only for trial, whatever else is due.
        const Result<void> tried = read_to_the_end(call, clock, progress);
        return tried ? Result<json::value>{control::import_answer(call.service)} : tried.error();
    }
    do {
        const Result<service::Tick> tick = call.service.tick(clock.now());
        if (!tick) {
            return tick.error();
        }
        if (progress) {
            progress(control::import_progress(call.service));
        }
    } while (call.service.importer().is_busy() || call.service.is_busy());
    return control::import_answer(call.service);
}

Result<json::value> run_at_rest(
    const control::Command& command, const control::Call& call, const Clock& clock
) {
    const Result<void> before = work_until_at_rest(call.service, clock);
    if (!before) {
        return before.error();
    }
    const Result<json::value> done = command.run(call);
    if (!done) {
        return done;
    }
    const Result<void> after = work_until_at_rest(call.service, clock);
    return after ? command.answer_at_rest(call) : after.error();
}

Result<json::value> run_known(
    const control::Command& command, const control::Call& call, const Clock& clock
) {
    if (command.answer_at_rest != nullptr) {
        return run_at_rest(command, call, clock);
    }
    const Result<json::value> answer = control::run(command, call);
    if (answer && command.after == control::Command::After::planning) {
        const Result<void> planned = work_until_at_rest(call.service, clock);
        if (!planned) {
            return planned.error();
        }
    }
    return answer;
}

} // namespace

Result<json::value> ask_offline(
    const Invocation& invocation,
    std::string_view command,
    const json::object& arguments,
    const Progress& progress
) {
    const control::Command* const known = control::find_command(command);
    const bool is_import =
        known != nullptr && known->by_daemon == control::Command::ByDaemon::import;
    if (known == nullptr || (known->run == nullptr && !is_import)) {
        return fail(
            ErrorCode::usage,
            fmt::format("`{}` needs the running daemon; leave out --offline", command)
        );
    }
    const GlobalOptions& options = invocation.options;
    const app::Places places{
        .config_file = options.config_file,
        .state_directory = options.state,
        .control_socket = options.socket,
        .data_directory = options.data,
        .credentials_directory = {},
    };
    const config::LoadedConfiguration loaded = app::load(places);
    if (!loaded.configuration) {
        return app::as_error(loaded.diagnostics);
    }
    const runtime::SystemClock system;
    const Result<std::unique_ptr<runtime::ShiftedClock>> shifted =
        app::clock_from(options.now, *loaded.configuration->settings, system);
    if (!shifted) {
        return shifted.error();
    }
    runtime::ShiftedClock* const set = shifted->get();
    const Clock& clock = set != nullptr ? static_cast<const Clock&>(*set) : system;
    const auto begin = [&](std::optional<TimePoint> last_seen) {
        if (set != nullptr && last_seen) {
            set->go_on_from(*last_seen);
        }
        return clock.now();
    };
    boost::asio::io_context idle;
    runtime::CurlOutbound outbound{idle.get_executor()};
    runtime::ProcessHost processes{idle.get_executor()};
    const app::Channels channels{
        *loaded.configuration->settings,
        notify::PluginContext{
            .outbound = outbound,
            .processes = processes,
            .base_directory = loaded.configuration->settings->state_directory,
            .credentials_directory = {},
            .terminal_line = {},
        }};
    app::Core::Hooks hooks;
    hooks.check_address = [&](std::string_view channel, std::string_view address) {
        return channels.check_address(channel, address);
    };
    hooks.traits = [&](std::string_view channel) {
        return channels.traits(channel);
    };
    Result<std::unique_ptr<app::Core>> core =
        app::Core::open(*loaded.configuration, store::OpenMode::existing, std::move(hooks), begin);
    if (!core) {
        return core.error();
    }
    const service::Actor actor{
        .who = runtime::user_name(::getuid()),
        .from = fmt::format("command line, uid {}", ::getuid())};
    const control::Call call{(*core)->service(), arguments, actor, clock.now()};
    return is_import ? run_import(call, clock, progress) : run_known(*known, call, clock);
}

} // namespace reviewd::ctl
