#pragma once

#include "daemon/ctl/command_line.hpp"

#include <boost/json/value.hpp>

namespace reviewd::ctl {

// Each adds the commands of one family to the command line. `invocation` outlives the app.

void add_check_command(CLI::App& app, Invocation& invocation);
void add_import_command(CLI::App& app, Invocation& invocation);
/// Of an answer to `import`: 65 when a file is of no use, 75 when the same may succeed later or
/// waits for somebody.
[[nodiscard]] int import_exit_code(const boost::json::value& answer);
/// score, due, plan
void add_account_commands(CLI::App& app, Invocation& invocation);
/// `preview` of the commands below `rules`.
void add_preview_command(CLI::App& rules, Invocation& invocation);
/// forecast, leave
void add_planning_commands(CLI::App& app, Invocation& invocation);
void add_review_commands(CLI::App& app, Invocation& invocation);
/// `review reassign`, below the family.
void add_reassign_command(CLI::App& family, Invocation& invocation);
/// contact, promise kept, account merge, audit
void add_contact_commands(CLI::App& app, Invocation& invocation);
void add_report_command(CLI::App& app, Invocation& invocation);
void add_outbox_commands(CLI::App& app, Invocation& invocation);
void add_notifier_commands(CLI::App& app, Invocation& invocation);
void add_override_command(CLI::App& app, Invocation& invocation);
void add_rules_commands(CLI::App& app, Invocation& invocation);
/// status, reload
void add_service_commands(CLI::App& app, Invocation& invocation);
/// backup, restore, resume
void add_backup_commands(CLI::App& app, Invocation& invocation);
void add_doctor_command(CLI::App& app, Invocation& invocation);
/// bench
void add_bench_command(CLI::App& app, Invocation& invocation);
void add_expression_command(CLI::App& app, Invocation& invocation);
void add_simulate_command(CLI::App& app, Invocation& invocation);
/// completion, and the build's own `manual`
void add_manual_commands(CLI::App& app, Invocation& invocation);

} // namespace reviewd::ctl
