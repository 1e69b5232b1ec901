#pragma once

#include "daemon/control/command.hpp"

#include <memory>

namespace reviewd::control {

/// `rules.preview`: `files: {name: text}` (one file), `[moves]` (how many to list, 20). A caller
/// that has other work steps the job in between; the command of the table steps to the end.
/// The answer is the shape `preview` of reviewctl-json(5).
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
