#include "daemon/control/command.hpp"

#include "daemon/control/handlers.hpp"

#include <array>

namespace reviewd::control {

namespace {

constexpr auto planning = Command::After::planning;

constexpr std::array table{
    Command{
        "score",
        "[accounts], [as_of], [explain], [colour], [limit]",
        "{scores: [score with lines and text if explain]}",
        &score},
    Command{
        "score.history",
        "account, [limit]",
        "{account, changes: [score change], overrides: [override]}",
        &score_history},
    Command{
        "override.set",
        "account, level, until, because",
        "{score, override}",
        &set_override,
        nullptr,
        planning},
    Command{"override.remove", "account", "{score}", &remove_override, nullptr, planning},
    Command{"due", "[owner], [until]", "{reviews: [review]}", &due},
    Command{"plan", "[owner]", "{reviews: [review], overloads: [overload]}", &plan},
    Command{"forecast", "[owner]", "{forecast: [owner with weeks]}", &forecast},
    Command{
        "leave.add", "person, from, until, [because]", "{leave}", &add_leave, nullptr, planning},
    Command{"leave.list", "[person]", "{leave: [leave]}", &list_leave},
    Command{"leave.remove", "leave", "{leave}", &remove_leave, nullptr, planning},
    Command{"status", "[shares]", "status", &status},
    Command{"levels.confirm", "", "{levels_held: null}", &confirm_levels},
    Command{
        "rules.preview",
        "files: {name: text}, [moves]",
        "see preview_commands.hpp",
        &preview_rules},
    Command{
        "rules.history",
        "[limit]",
        "{authority, directory, versions: [rules version]}",
        &rules_history},
    Command{
        "rules.diff",
        "a, [b], [text]; v3, 3, current, held or files",
        "{a, b, changes: [{place, before, after}] | null, text}",
        &rules_diff},
    Command{
        "rules.export", "[version]", "{version, directory, files: [{name, text}]}", &rules_export},
    Command{
        "rules.publish",
        "files: {name: text}, note",
        "{in_force, waiting: rules waiting | null, placed: [{file, place}]}",
        &publish_rules,
        &rules_outcome},
    Command{
        "rules.rollback",
        "version, [note]",
        "{in_force, waiting: rules waiting | null}",
        &roll_back_rules,
        &rules_outcome},
    Command{
        "rules.confirm",
        "",
        "{in_force, waiting: rules waiting | null}",
        &confirm_rules,
        &rules_outcome},
    Command{"rules.drop", "", "{in_force, waiting: rules waiting | null}", &drop_rules},
    Command{
        "rules.backtest",
        "as_of, horizon, [files: {name: text}], [outcome], [bands]",
        "backtest",
        &begin_backtest,
        &backtest_result},
    Command{"resume", "[drop]", "{cancelled: how many deliveries}", &resume},
    Command{"review.show", "review", "review with all that a call needs", &show_review},
    Command{
        "review.done",
        "review, [version], [held_on], [answers], [note], [recommendation], [promise], "
        "[promise_due], [kept], [with_subsidiaries]",
        "{review, next: review}",
        &close_done},
    Command{
        "review.missed", "review, [version], [because]", "{review, next: review}", &close_missed},
    Command{"review.skip", "review, [version], because", "{review, next: review}", &close_skipped},
    Command{"review.attempt", "review, [version], result, [note]", "{review}", &record_attempt},
    Command{"review.invite", "review, [version]", "{review}", &invite},
    Command{"review.appoint", "review, [version], day, [time]", "{review}", &appoint},
    Command{"review.snooze", "review, [version], until", "{review}", &snooze},
    Command{"review.reschedule", "review, [version], day, [because]", "{review}", &reschedule},
    Command{"review.reopen", "review, [version]", "{review}", &reopen},
    Command{
        "review.reassign",
        "review or from, to, [because]",
        "{reviews: [review]}",
        &reassign,
        nullptr,
        planning},
    Command{"contact", "account, [day], [note]", "{review}", &contact, nullptr, planning},
    Command{"account.merge", "from, into", "{review}", &merge, nullptr, planning},
    Command{"audit", "[account], [review], [who], [limit]", "{trail: [trail]}", &audit},
    Command{"report", "[from], [to]", "report", &report},
    Command{
        "outbox.list",
        "[state], [channel], [after], [limit]",
        "{deliveries: [delivery]}",
        &list_deliveries},
    Command{"outbox.show", "delivery", "delivery with what it carries", &show_delivery},
    Command{"outbox.hold", "delivery, [because]", "delivery", &hold_delivery},
    Command{"outbox.release", "delivery", "delivery", &release_delivery},
    Command{"outbox.retry", "delivery", "delivery", &retry_delivery},
    Command{
        "inbox.list",
        "person, [all], [limit]",
        "{messages: [{delivery, received, read, subject, text}]}; those shown count as read",
        &list_inbox},
    Command{"notifier.list", "", "{channels: [{name, type, paused, until}]}", &list_channels},
    Command{"notifier.pause", "channel, [because]", "{channel}", &pause_channel},
    Command{"notifier.resume", "channel", "{channel}", &resume_channel},
    Command{"notifier.feed", "person", "{address}", &show_feed},
    Command{
        "notifier.route",
        "account, [limit]",
        "{account, review, owner, next: [{at, step, repeat, person, channels, send, why}]}",
        &explain_route},
};

} // namespace

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
