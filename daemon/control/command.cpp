#include "daemon/control/command.hpp"

#include "daemon/control/handlers.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <algorithm>
#include <array>

namespace reviewd::control {

namespace {

using ByDaemon = Command::ByDaemon;

constexpr auto planning = Command::After::planning;

/// A command that one call cannot answer.
constexpr Command long_one(
    std::string_view name, std::string_view arguments, std::string_view answer, ByDaemon part
) {
    return {name, arguments, answer, nullptr, nullptr, Command::After::nothing, part};
}

/// As `command`, with a part for the daemon.
constexpr Command with(ByDaemon part, Command command) {
    command.by_daemon = part;
    return command;
}

constexpr std::array table{
    long_one("import", "[sources], [dry_run], [confirm], [drop]", "imports", ByDaemon::import),
    Command{
        "score",
        "[accounts], [as_of], [explain], [colour], [limit], [pages], [rows]",
        "scores",
        &score},
    Command{"score.history", "account, [limit]", "score history", &score_history},
    Command{
        "override.set",
        "account, level, until, because",
        "override set",
        &set_override,
        nullptr,
        planning},
    Command{"override.remove", "account", "override removed", &remove_override, nullptr, planning},
    Command{"due", "[owner], [until], [pages], [rows]", "due", &due},
    Command{"plan", "[owner], [pages], [rows]", "plan", &plan},
    Command{"forecast", "[owner]", "forecasts", &forecast},
    Command{
        "leave.add",
        "person, from, until, [because]",
        "added leave",
        &add_leave,
        nullptr,
        planning},
    Command{"leave.list", "[person]", "leaves", &list_leave},
    Command{"leave.remove", "leave", "one leave", &remove_leave, nullptr, planning},
    with(ByDaemon::status, Command{"status", "[shares]", "status", &status}),
    Command{"levels.confirm", "", "levels confirmed", &confirm_levels},
    with(
        ByDaemon::preview,
        Command{"rules.preview", "files: {name: text}, [moves]", "preview", &preview_rules}
    ),
    Command{"rules.history", "[limit]", "rules history", &rules_history},
    Command{
        "rules.diff",
        "a, [b], [text]; v3, 3, current, held or files",
        "rules difference",
        &rules_diff},
    Command{"rules.export", "[version]", "rules export", &rules_export},
    Command{
        "rules.publish",
        "files: {name: text}, note",
        "rules outcome",
        &publish_rules,
        &rules_outcome},
    Command{"rules.rollback", "version, [note]", "rules outcome", &roll_back_rules, &rules_outcome},
    Command{"rules.confirm", "", "rules outcome", &confirm_rules, &rules_outcome},
    Command{"rules.drop", "", "rules outcome", &drop_rules},
    Command{
        "rules.backtest",
        "as_of, horizon, [files: {name: text}], [outcome], [bands]",
        "backtest",
        &begin_backtest,
        &backtest_result},
    with(ByDaemon::resume, Command{"resume", "[drop] or clock", "resumed", &resume}),
    long_one("reload", "[wait], [confirm]", "reload", ByDaemon::reload),
    long_one("backup", "with one open file", "", ByDaemon::back_up),
    long_one("backup.published", "taken_ms, [directory]", "", ByDaemon::note_backup),
    long_one("drill.ended", "problem, [directory]", "", ByDaemon::note_drill),
    Command{"review.show", "review", "review with all that a call needs", &show_review},
    Command{
        "review.done",
        "review, [version], [held_on], [answers], [note], [recommendation], [promise], "
        "[promise_due], [kept], [with_subsidiaries]",
        "closed review",
        &close_done},
    Command{"review.missed", "review, [version], [because]", "closed review", &close_missed},
    Command{"review.skip", "review, [version], because", "closed review", &close_skipped},
    Command{"review.attempt", "review, [version], result, [note]", "one review", &record_attempt},
    Command{"review.invite", "review, [version]", "one review", &invite},
    Command{
        "review.appoint", "review, [version], day, [time], [because]", "agreed review", &appoint},
    Command{"review.snooze", "review, [version], until", "one review", &snooze},
    Command{"review.reschedule", "review, [version], day, [because]", "moved review", &reschedule},
    Command{"review.reopen", "review, [version]", "reopened review", &reopen},
    Command{
        "review.reassign",
        "review or from, to, [because]",
        "reviews",
        &reassign,
        nullptr,
        planning},
    Command{"contact", "account, [day], [note], [kept]", "one review", &contact, nullptr, planning},
    Command{"promise.kept", "promise, [day]", "kept promise", &keep_promise},
    Command{"account.merge", "from, into, [confirmed]", "merged review", &merge, nullptr, planning},
    Command{"audit", "[account], [review], [who], [limit]", "trails", &audit},
    Command{"report", "[from], [to]", "report", &report},
    Command{"outbox.list", "[state], [channel], [after], [limit]", "deliveries", &list_deliveries},
    Command{"outbox.show", "delivery", "delivery with what it carries", &show_delivery},
    Command{"outbox.hold", "delivery, [because]", "delivery with what it carries", &hold_delivery},
    Command{"outbox.release", "delivery", "delivery with what it carries", &release_delivery},
    Command{"outbox.retry", "delivery", "delivery with what it carries", &retry_delivery},
    Command{"inbox.list", "person, [all], [limit]", "messages", &list_inbox},
    Command{"notifier.list", "", "channels", &list_channels},
    long_one("notifier.test", "name, [to]", "test of a channel", ByDaemon::test_notifier),
    Command{"notifier.pause", "channel, [because]", "one channel", &pause_channel},
    Command{"notifier.resume", "channel", "one channel", &resume_channel},
    Command{"notifier.feed", "person", "feed", &show_feed},
    Command{"notifier.route", "account, [limit]", "route", &explain_route},
};

/// Rows of the longest list in an answer.
std::size_t longest_list(const boost::json::value& answer) {
    std::size_t rows = 0;
    if (const boost::json::object* const members = answer.if_object()) {
        for (const auto& member : *members) {
            const boost::json::array* const list = member.value().if_array();
            rows = std::max(rows, list == nullptr ? 0 : list->size());
        }
    }
    return rows;
}

/// A change is in the audit itself, and is done when its answer is made.
bool only_reads(const Command& command) {
    return command.after == Command::After::nothing && command.answer_at_rest == nullptr;
}

} // namespace

Result<boost::json::value> run(const Command& command, const Call& call) {
    Result<boost::json::value> answer = command.run(call);
    return only_reads(command) ? noted(std::move(answer), command.name, call) : answer;
}

Result<boost::json::value> noted(
    Result<boost::json::value> answer, std::string_view command, const Call& call
) {
    const std::size_t rows = answer ? longest_list(*answer) : 0;
    if (rows > page_rows) {
        const Result<void> written = call.service.note_export(
            command, static_cast<std::int64_t>(rows), call.actor, call.now
        );
        if (!written) {
            return written.error();
        }
    }
    return answer;
}

std::span<const Command> commands() {
    return table;
}

const Command* find_command(std::string_view name) {
    for (const Command& command : table) {
        if (command.name == name) {
            return &command;
        }
    }
    return nullptr;
}

} // namespace reviewd::control
