#pragma once

// daemon/control: the commands that people and programs give to a running service, by name, from
// JSON to JSON. No sockets: the daemon serves this table over its socket, `reviewctl --offline`
// calls it on a database that no daemon holds. The shapes of the answers stand in
// reviewctl-json(5). Includes daemon/service and what that includes.

#include "daemon/service/service.hpp"
#include "scoring/base/result.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <span>
#include <string_view>

namespace reviewd::control {

/// One call of a command. Belongs to the thread that owns the database.
struct Call {
    service::Service& service;
    const boost::json::object& arguments;
    service::Actor actor; ///< who gave the command
    TimePoint now{};
    /// What the caller counted over a connection of its own, if it has one: so no tick waits for
    /// it.
    const store::Health* counted = nullptr;
};

/// A row of the table.
struct Command {
    std::string_view name;      ///< "review.done"
    std::string_view arguments; ///< for the manual: `review, [because]`
    /// Its shape in reviewctl-json(5); empty: only programs of ours ask, and print something else.
    std::string_view answer;
    /// Null: it takes a running daemon.
    /// @errors `usage` for wrong arguments; the service's own
    Result<boost::json::value> (*run)(const Call& call);
    /// Present: the command needs the service at rest, and its effect shows when it is at rest
    /// again. The caller ticks before and after `run`, and answers with this.
    Result<boost::json::value> (*answer_at_rest)(const Call& call) = nullptr;
    /// What the service does after `run` by itself. Where no daemon goes on working, the caller
    /// ticks until the service is at rest, so that the plan is as the change wants it.
    enum class After { nothing, planning } after = After::nothing;
    /// What the daemon does beside or instead of `run`, as it takes longer than one call, needs the
    /// network or is about the daemon itself; see app/control_desk.hpp and long_commands.hpp.
    enum class ByDaemon {
        nothing,
        import,
        reload,
        test_notifier,
        back_up,
        note_backup,
        note_drill,
        resume,
        status,
        preview,
    } by_daemon = ByDaemon::nothing;
};

/// All commands of the socket, by name.
[[nodiscard]] std::span<const Command> commands();

/// The command of that name, or null.
[[nodiscard]] const Command* find_command(std::string_view name);

/// Rows of one answer above which somebody takes the portfolio with them, and does not look at it.
inline constexpr std::size_t page_rows = 500;

/// Runs the command. The answer of one that only reads is `noted`.
/// @errors the command's; those of writing the note
[[nodiscard]] Result<boost::json::value> run(const Command& command, const Call& call);

/// The answer as it is. Whoever is given a list of more than page_rows is written into the audit,
/// with how many; what cannot be noted is not given.
/// @errors the answer's; those of writing the note
[[nodiscard]] Result<boost::json::value> noted(
    Result<boost::json::value> answer, std::string_view command, const Call& call
);

} // namespace reviewd::control
