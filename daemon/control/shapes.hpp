#pragma once

#include "daemon/service/account_desk.hpp"
#include "daemon/service/backtester.hpp"
#include "daemon/service/importer.hpp"
#include "daemon/service/views.hpp"
#include "daemon/service/workload.hpp"
#include "daemon/store/leaves.hpp"
#include "scoring/base/currency.hpp"
#include "scoring/base/diagnostic.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <map>
#include <optional>
#include <string>

namespace reviewd::control {

// The one place that writes things in JSON. Each function writes the shape of that name in
// daemon/ctl/manual/answers.json, from which reviewctl-json(5) is made; a test compares the two.

[[nodiscard]] boost::json::value to_json(std::optional<Date> date);
[[nodiscard]] boost::json::value to_json(std::optional<TimePoint> time);
[[nodiscard]] boost::json::value points_json(rules::Points points);
[[nodiscard]] boost::json::value text_or_null(const std::string& text);

[[nodiscard]] boost::json::object account_json(const store::Account& account);

[[nodiscard]] boost::json::object score_json(
    const service::ScoreView& view, const rules::RuleSet& rules
);

[[nodiscard]] boost::json::object override_json(const store::Override& one);

/// Levels that people set and that rules do not have: a list of the shape `idle override`.
[[nodiscard]] boost::json::array idle_overrides_json(
    const std::vector<service::IdleOverride>& overrides
);

[[nodiscard]] boost::json::object score_history_json(const service::ScoreHistoryView& view);

[[nodiscard]] boost::json::object backtest_json(const service::BacktestView& view);

/// The lines of a ledger: a list of the shape `ledger line`.
[[nodiscard]] boost::json::array ledger_json(
    const service::ScoreView& view, const rules::RuleSet& rules, const Currency& currency
);

/// Who has a review's contact in its owner's place, as members of the review; null: nobody.
void add_stand_in(boost::json::object& object, const std::optional<service::StandIn>& one);

[[nodiscard]] boost::json::object review_json(const service::ReviewRow& row);
[[nodiscard]] boost::json::object promise_json(const service::PromiseRow& row);

/// Null without one.
[[nodiscard]] boost::json::value handover_json(const std::optional<service::HandoverLine>& line);

/// A review with all that a call needs.
[[nodiscard]] boost::json::object review_view_json(
    const service::ReviewView& view, const rules::RuleSet& rules, const Currency& currency
);

/// Keys of people by id, for what only knows their numbers.
using PersonKeys = std::map<PersonId, std::string>;
[[nodiscard]] PersonKeys person_keys(const service::Views& views, TimePoint now);

/// What a call needs beside score, questions and offers.
void add_call_sheet(boost::json::object& object, const service::CallSheet& sheet);

/// What a merge moves where.
[[nodiscard]] boost::json::object merge_json(const service::AccountDesk::Merge& merge);

[[nodiscard]] boost::json::object trail_json(const store::TrailEntry& entry);

[[nodiscard]] boost::json::object report_json(
    const service::Report& report, const config::Settings& settings
);

/// @param person key of whom it is for; empty: nobody
[[nodiscard]] boost::json::object delivery_json(
    const store::Delivery& delivery, const std::string& person
);

/// A delivery with what it carries and how it went.
[[nodiscard]] boost::json::object delivery_view_json(const service::DeliveryView& view);

/// @param unknown what rows of the source name that no source has
[[nodiscard]] boost::json::object import_json(
    const service::ImportReport& report, const store::UnknownReferences& unknown
);

[[nodiscard]] boost::json::object status_json(const service::StatusView& view);

/// The version that the files hold and a person dropped, or null.
[[nodiscard]] boost::json::value rules_dropped_json(
    const std::optional<store::RulesVersionId>& version
);

/// The rules that wait, or null.
[[nodiscard]] boost::json::value rules_waiting_json(
    const std::optional<service::WaitingRules>& waiting
);

[[nodiscard]] boost::json::object overload_json(const service::Overload& overload);

[[nodiscard]] boost::json::object forecast_json(const service::OwnerForecast& forecast);

/// @param name of the person; empty when nobody is called by that key any more
[[nodiscard]] boost::json::object leave_json(const store::Leave& leave, const std::string& name);

/// Findings in files that people write: a list of the shape `diagnostic`.
[[nodiscard]] boost::json::array diagnostics_json(const Diagnostics& diagnostics);

/// The levels that are held, or null.
[[nodiscard]] boost::json::value levels_held_json(const std::optional<service::HeldLevels>& held);

} // namespace reviewd::control
