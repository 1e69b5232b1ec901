#pragma once

#include "daemon/service/backtester.hpp"
#include "daemon/service/importer.hpp"
#include "daemon/service/views.hpp"
#include "daemon/service/workload.hpp"
#include "daemon/store/leaves.hpp"
#include "scoring/base/currency.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <map>
#include <optional>
#include <string>

namespace reviewd::control {

// The one place that says how things look in JSON. Days are "YYYY-MM-DD", moments
// "YYYY-MM-DDTHH:MM:SS.mmmZ", periods "6 weeks", points numbers; what is absent is null.

[[nodiscard]] boost::json::value to_json(std::optional<Date> date);
[[nodiscard]] boost::json::value to_json(std::optional<TimePoint> time);
[[nodiscard]] boost::json::value points_json(rules::Points points);
[[nodiscard]] boost::json::value text_or_null(const std::string& text);

/// account: `{"key", "name", "source", "owner": {"key", "name"} | null, "segment", "size",
/// "region", "is_active"}`
[[nodiscard]] boost::json::object account_json(const store::Account& account);

/// score: `{"account": account, "points", "level", "since", "is_judged", "rules_version", "as_of",
/// "cadence": {"name", "not_before", "review_every", "at_latest"}, "override": override | null}`
[[nodiscard]] boost::json::object score_json(
    const service::ScoreView& view, const rules::RuleSet& rules
);

/// override: `{"level", "since", "until", "because", "who", "ended", "ended_by"}`
[[nodiscard]] boost::json::object override_json(const store::Override& one);

/// `{"account": account, "changes": [score change], "overrides": [override]}`; score change:
/// `{"day", "from_level", "level", "from_points", "points", "rules_version", "cause": "first" |
/// "facts" | "rules" | "day" | "person" | "override", "rules": [{"rule", "from", "to"}], "facts":
/// [{"fact", "from", "to"}]}`, the latest first
[[nodiscard]] boost::json::object score_history_json(const service::ScoreHistoryView& view);

/// backtest: `{"as_of", "until", "outcome", "rules_hash", "all": rate, "auc": {"area", "low",
/// "high"} | null, "bands": [rate and {"highest", "lowest"}], "levels": [rate and {"level"}],
/// "rules": [{"rule", "fired": rate, "did_not_fire": rate, "cannot_be_judged": rate, "bought":
/// [{"product", "accounts"}]}], "known": [{"fact", "accounts"}], "accounts": [{"key", "name",
/// "points", "level", "is_hit", "bought": [text …]}], "warnings": [text …]}`; rate: `{"accounts",
/// "hits", "rate", "low", "high", "lift"}`
[[nodiscard]] boost::json::object backtest_json(const service::BacktestView& view);

/// The lines of a ledger: `[{"kind": "base" | "rule" | "group_cap" | "clamp", "name", "verdict":
/// "fired" | "did_not_fire" | "cannot_be_judged", "points", "facts": {name: text}, "missing":
/// [name …], "error"}]`
[[nodiscard]] boost::json::array ledger_json(
    const service::ScoreView& view, const rules::RuleSet& rules, const Currency& currency
);

/// review: `{"id", "account": account, "owner", "state", "kind", "occurrence", "earliest",
/// "version", "target", "due", "latest", "quiet_until", "is_chosen", "level", "is_judged",
/// "cadence", "points", "days_late", "reasons": [text …], "appointment", "appointment_local",
/// "held_on", "closed_at", "note"}`
[[nodiscard]] boost::json::object review_json(const service::ReviewRow& row);

/// A review with all that a call needs: review and `{"score": score, "ledger": [line …],
/// "contacts": [{"name", "role", "phone", "email", "language"}], "tickets": [{"key", "title",
/// "opened", "fix"}], "agenda": [{"id", "topic", "text",
/// "would_change_level"}], "offers": [{"product", "name", "sets_apart"}], "tips": [text …],
/// "last_held", "promises": [{"id", "text", "due", "made_on"}], "attempts": [{"day", "result",
/// "who", "note"}], "answers": [{"question", "value", "day"}], "history": [{"at", "who", "from",
/// "what", "details"}], "invitation", "free_review", "draft": {"to", "subject", "text"} | null,
/// "occasions": [{"trigger", "kind", "text", "state", "happened", "noticed", "contact_by"}],
/// "missing": [{"fact", "rule", "would_change_level"}], "ageing": [{"product", "name", "need",
/// "bought", "end"}], "known_problems": [{"product", "problem", "fix"}], "value_points":
/// [{"account", "text", "day"}], "subsidiaries": [{"key", "name", "due"}], "contacts_logged":
/// [{"day", "who", "note"}]}`
[[nodiscard]] boost::json::object review_view_json(
    const service::ReviewView& view, const rules::RuleSet& rules, const Currency& currency
);

/// Keys of people by id, for what only knows their numbers.
using PersonKeys = std::map<PersonId, std::string>;
[[nodiscard]] PersonKeys person_keys(const service::Views& views, TimePoint now);

/// What a call needs beside score, questions and offers; see above.
void add_call_sheet(boost::json::object& object, const service::CallSheet& sheet);

/// trail: `{"at", "who", "from", "what", "details": {…}, "review": id | null, "account"}`
[[nodiscard]] boost::json::object trail_json(const store::TrailEntry& entry);

/// report: `{"from", "to", "currency", "all": line, "by_owner": [line …], "by_level": [line …],
/// "by_segment": [line …], "revenue": [{"level", "accounts", "bought_before", "bought_again",
/// "retention", "revenue", "revenue_before"}], "friendly": [{"account", "name", "segment", "size",
/// "owner", "satisfaction", "answered", "value_point"}]}`; a line is `{"name", "accounts",
/// "never_reviewed", "planned", "overdue", "done", "done_without_answers", "missed", "skipped",
/// "attempts"}`
[[nodiscard]] boost::json::object report_json(
    const service::Report& report, const config::Settings& settings, const PersonKeys& owners
);

/// delivery: `{"id", "key", "channel", "person", "state", "phase", "reason", "attempts",
/// "not_before", "expires_at", "next_at", "held_until", "created", "changed", "requeued_from"}`
[[nodiscard]] boost::json::object delivery_json(
    const store::Delivery& delivery, const std::string& person
);

/// A delivery with what it carries and how it went: delivery and `{"message": {"address",
/// "recipient", "language", "subject", "text", "message_id", "date"} | null, "reminders": [{"key",
/// "review", "step", "day", "is_cancelled"}], "tries": [{"number", "phase", "started", "ended",
/// "outcome", "reason", "code", "enhanced_code", "reply"}]}`
[[nodiscard]] boost::json::object delivery_view_json(const service::DeliveryView& view);

/// import: `{"source", "file", "outcome": "accepted" | "unchanged" | "held" | "failed" | "tried",
/// "counts": {"added", "changed", "unchanged", "vanished", "duplicate", "bad", "skipped"},
/// "problems": [{"line", "column", "reason"}], "remarks": [text …], "held": id | null, "reason"}`
[[nodiscard]] boost::json::object import_json(const service::ImportReport& report);

/// status: `{"accounts": {"active", "inactive", "without_owner", "without_score", "not_judged",
/// "without_review"}, "levels": [{"level", "accounts"}], "reviews": {"open", "overdue",
/// "due_today"}, "sources": [{"name", "table", "file", "rows", "last_success", "last_attempt",
/// "last_error", "is_stale", "next", "bad_rows"}], "deliveries": [{"channel", "state",
/// "deliveries"}], "oldest_waiting", "paused": [{"channel", "reason", "until"}], "imports_held":
/// [{"id", "source", "rows_before", "counts"}], "levels_held": {"accounts", "moving"} | null,
/// "late": [{"account", "owner", "due", "latest"}], "lost_zones": [text …], "known": {"accounts",
/// "facts": [{"name", "known"}], "rules": [{"name", "known"}]}, "rules_version", "rules":
/// {"authority", "directory", "waiting": rules waiting | null, "drift": [{"file", "kind": "differs"
/// | "missing" | "additional"}]}, "database_bytes", "schema_version"}`
[[nodiscard]] boost::json::object status_json(const service::StatusView& view);

/// rules version: `{"version", "hash", "loaded_at", "who", "note", "state": "in_force" | "held" |
/// "counting" | null, "files": [{"name", "hash"}], "events": [{"at", "who", "what", "note"}]}`
///
/// rules waiting: `{"version", "state": "held" | "counting", "origin": "files" | "published" |
/// "rolled_back", "who", "note", "at", "accounts", "moving", "moves": [{"from", "to",
/// "accounts"}]}`, or null.
[[nodiscard]] boost::json::value rules_waiting_json(
    const std::optional<service::WaitingRules>& waiting
);

/// overload: `{"owner", "name", "stretch", "capacity": capacity, "cure": capacity | null, "late":
/// [{"review", "account", "level", "due", "latest", "days_late"}]}`; capacity: `{"per_day",
/// "per_week"}`; no cure: leave is in the way
[[nodiscard]] boost::json::object overload_json(const service::Overload& overload);

/// owner with weeks: `{"owner", "name", "reviews", "capacity", "stretch", "weeks": [{"week",
/// "planned", "expected", "capacity"}]}`
[[nodiscard]] boost::json::object forecast_json(const service::OwnerForecast& forecast);

/// leave: `{"id", "person", "from", "until", "because", "who", "origin", "created"}`
[[nodiscard]] boost::json::object leave_json(const store::Leave& leave);

/// `{"accounts", "moving"}`, or null.
[[nodiscard]] boost::json::value levels_held_json(const std::optional<service::HeldLevels>& held);

} // namespace reviewd::control
