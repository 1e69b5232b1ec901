#pragma once

#include "daemon/app/daemon.hpp"
#include "daemon/control/command.hpp"
#include "daemon/runtime/control_server.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

namespace reviewd::app {

/// Answers the control socket: the table of daemon/control, whose rows say which of them are the
/// daemon's own, or have a part that is. Belongs to the daemon's loop.
class ControlDesk {
public:
    /// @param daemon outlives this
    explicit ControlDesk(Daemon& daemon) : daemon_{daemon} {}

    [[nodiscard]] boost::asio::awaitable<Result<boost::json::value>> answer(
        runtime::ControlRequest request, runtime::ProgressSink progress
    );

private:
    [[nodiscard]] boost::asio::awaitable<Result<boost::json::value>> answer_known(
        const control::Command& command,
        runtime::ControlRequest request,
        service::Actor actor,
        runtime::ProgressSink progress
    );
    [[nodiscard]] boost::asio::awaitable<Result<boost::json::value>> call(
        const control::Command& command, boost::json::object arguments, service::Actor actor
    );
    /// Lets what is under way end first, and answers when what the command began has ended.
    [[nodiscard]] boost::asio::awaitable<Result<boost::json::value>> call_at_rest(
        const control::Command& command, boost::json::object arguments, service::Actor actor
    );
    /// `[sources], [dry_run], [confirm], [drop]` -> see long_commands.hpp
    [[nodiscard]] boost::asio::awaitable<Result<boost::json::value>> import(
        boost::json::object arguments, service::Actor actor, runtime::ProgressSink progress
    );
    /// `[wait], [confirm]` -> what read_again() answers, and `{"levels_held", "rules_waiting",
    /// "rules_dropped", "overrides_idle", "is_held"}`
    [[nodiscard]] boost::asio::awaitable<Result<boost::json::value>> reload(
        boost::json::object arguments, service::Actor actor
    );
    /// -> `{"warnings": text, "diagnostics", "restart_needed": [text …], ["problem": text]}`; a
    /// problem: all of it is in force but the links
    [[nodiscard]] boost::asio::awaitable<Result<boost::json::value>> read_again(service::Actor actor
    );
    /// `name, [to]` -> `{"channel", "to", "verdict", "reason", "code", "reply", "dialogue":
    /// [text …]}`; each line of the dialogue is progress `{"line"}` too
    [[nodiscard]] boost::asio::awaitable<Result<boost::json::value>> test_notifier(
        boost::json::object arguments, service::Actor actor, runtime::ProgressSink progress
    );
    /// `files: {name: text}, [moves]` -> see control/preview_commands.hpp
    [[nodiscard]] boost::asio::awaitable<Result<boost::json::value>> preview(
        boost::json::object arguments, service::Actor actor, runtime::ProgressSink progress
    );
    /// With one open file: a checked copy of the database goes into it -> `{"bytes",
    /// "schema_version", "rows", "taken", "taken_ms"}`. It is no backup yet: whoever took it checks
    /// it, gives it its name, and says so by `backup.published`.
    [[nodiscard]] boost::asio::awaitable<Result<boost::json::value>> back_up(
        runtime::ControlRequest request, service::Actor actor, runtime::ProgressSink progress
    );
    /// `problem` of the drill that ended, empty when the backup would serve, [`directory` of it] ->
    /// `{"problem"}`, or `{"problem", "backups_are_in"}` when it was about another directory
    [[nodiscard]] boost::asio::awaitable<Result<boost::json::value>> note_drill(
        boost::json::object arguments, service::Actor actor
    );
    /// `taken_ms` of the copy that has its name now, [`directory` of its series] -> `{"taken"}`
    [[nodiscard]] boost::asio::awaitable<Result<boost::json::value>> note_backup(
        boost::json::object arguments, service::Actor actor
    );
    /// `clock`: a person says that it is right.
    [[nodiscard]] Result<boost::json::value> confirm_clock(
        const boost::json::object& arguments, const service::Actor& actor
    );
    /// The service's status with `"daemon": {"version", "process", "started", "now", "config_file",
    /// "config_loaded", "reload_problem", "state_directory", "socket", "under_way"}`
    [[nodiscard]] boost::asio::awaitable<Result<boost::json::value>> status(
        boost::json::object arguments, service::Actor actor
    );
    /// Until imports, scores and plan are at rest, or only wait for a person.
    using IsBusy = std::function<bool(service::Service&, runtime::ProgressSink&)>;
    [[nodiscard]] boost::asio::awaitable<void> until_at_rest(
        const IsBusy& is_busy, runtime::ProgressSink& progress
    );

    [[nodiscard]] boost::json::value own_status() const;

    Daemon& daemon_;
};

} // namespace reviewd::app
