#pragma once

#include "daemon/control/command.hpp"

#include <memory>

namespace reviewd::control {

/// `rules.preview`: `files: {name: text}` (one file), `[moves]` (how many to list, 20). A caller
/// that has other work steps the job in between; the command of the table steps to the end.
///
/// `{"file", "replaces": the file whose place it takes, or null: it joins them, "accounts",
/// "moving", "levels_before": [name …], "levels_after": [name …], "matrix":
/// [[accounts by level after …] by level before …], "moves": [{"account": {"key", "name"}, "owner",
/// "from", "to", "points_before", "points_after"}], "histogram": {"from", "width", "before":
/// [accounts …], "after": [accounts …]}, "loads": [{"owner", "accounts", "before", "after",
/// "extra"}] (reviews a week), "rules": [{"id", "change": "added" | "changed" | null, "judged",
/// "fired", "effective", "missing": [{"fact", "accounts": of those not judged, so many lack it}],
/// "failed": of those not judged, so many lack nothing, "remark": "cannot be judged for any
/// account" | "never fires" | "fires for every account" | "gives no points" | "idle: the cap of its
/// group swallows its points" | null}], "removed_rules": [id …], "facts_changed",
/// "one_rule_evaluated"}`
struct PreviewWish {
    std::unique_ptr<service::RulesPreviewJob> job;
    std::size_t moves = 0;
    std::string file;     ///< the draft's name
    std::string replaced; ///< the file in force whose place it takes; empty: it joins them
};

/// @errors `usage`; `bad_config` with the findings of `check`
[[nodiscard]] Result<PreviewWish> begin_preview(const Call& call);
/// Once the job has all it needs. @errors `try_later`
[[nodiscard]] Result<boost::json::value> preview_answer(const PreviewWish& wish);

} // namespace reviewd::control
