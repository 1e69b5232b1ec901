#pragma once

#include "daemon/control/command.hpp"

namespace reviewd::control {

// The functions behind the table of command.cpp, by family.

[[nodiscard]] Result<boost::json::value> score(const Call& call);
[[nodiscard]] Result<boost::json::value> score_history(const Call& call);
[[nodiscard]] Result<boost::json::value> set_override(const Call& call);
[[nodiscard]] Result<boost::json::value> remove_override(const Call& call);
[[nodiscard]] Result<boost::json::value> due(const Call& call);
[[nodiscard]] Result<boost::json::value> plan(const Call& call);
[[nodiscard]] Result<boost::json::value> forecast(const Call& call);
[[nodiscard]] Result<boost::json::value> add_leave(const Call& call);
[[nodiscard]] Result<boost::json::value> list_leave(const Call& call);
[[nodiscard]] Result<boost::json::value> remove_leave(const Call& call);
[[nodiscard]] Result<boost::json::value> status(const Call& call);
[[nodiscard]] Result<boost::json::value> confirm_levels(const Call& call);

[[nodiscard]] Result<boost::json::value> preview_rules(const Call& call);
[[nodiscard]] Result<boost::json::value> rules_history(const Call& call);
[[nodiscard]] Result<boost::json::value> rules_diff(const Call& call);
[[nodiscard]] Result<boost::json::value> rules_export(const Call& call);
[[nodiscard]] Result<boost::json::value> publish_rules(const Call& call);
[[nodiscard]] Result<boost::json::value> roll_back_rules(const Call& call);
[[nodiscard]] Result<boost::json::value> confirm_rules(const Call& call);
[[nodiscard]] Result<boost::json::value> drop_rules(const Call& call);
/// What became of it: `{"in_force", "waiting": rules waiting | null}`.
[[nodiscard]] Result<boost::json::value> rules_outcome(const Call& call);

[[nodiscard]] Result<boost::json::value> begin_backtest(const Call& call);
[[nodiscard]] Result<boost::json::value> backtest_result(const Call& call);
[[nodiscard]] Result<boost::json::value> resume(const Call& call);

[[nodiscard]] Result<boost::json::value> show_review(const Call& call);
[[nodiscard]] Result<boost::json::value> close_done(const Call& call);
[[nodiscard]] Result<boost::json::value> close_missed(const Call& call);
[[nodiscard]] Result<boost::json::value> close_skipped(const Call& call);
[[nodiscard]] Result<boost::json::value> record_attempt(const Call& call);
[[nodiscard]] Result<boost::json::value> invite(const Call& call);
[[nodiscard]] Result<boost::json::value> appoint(const Call& call);
[[nodiscard]] Result<boost::json::value> snooze(const Call& call);
[[nodiscard]] Result<boost::json::value> reschedule(const Call& call);
[[nodiscard]] Result<boost::json::value> reopen(const Call& call);

[[nodiscard]] Result<boost::json::value> reassign(const Call& call);
[[nodiscard]] Result<boost::json::value> contact(const Call& call);
[[nodiscard]] Result<boost::json::value> keep_promise(const Call& call);
[[nodiscard]] Result<boost::json::value> merge(const Call& call);
[[nodiscard]] Result<boost::json::value> audit(const Call& call);
[[nodiscard]] Result<boost::json::value> report(const Call& call);

[[nodiscard]] Result<boost::json::value> list_deliveries(const Call& call);
[[nodiscard]] Result<boost::json::value> show_delivery(const Call& call);
[[nodiscard]] Result<boost::json::value> hold_delivery(const Call& call);
[[nodiscard]] Result<boost::json::value> release_delivery(const Call& call);
[[nodiscard]] Result<boost::json::value> retry_delivery(const Call& call);
[[nodiscard]] Result<boost::json::value> list_channels(const Call& call);
[[nodiscard]] Result<boost::json::value> list_inbox(const Call& call);
[[nodiscard]] Result<boost::json::value> pause_channel(const Call& call);
[[nodiscard]] Result<boost::json::value> resume_channel(const Call& call);
[[nodiscard]] Result<boost::json::value> explain_route(const Call& call);
[[nodiscard]] Result<boost::json::value> show_feed(const Call& call);

} // namespace reviewd::control
