#pragma once

#include "config/loader/settings.hpp"
#include "daemon/runtime/clock.hpp"
#include "scoring/base/result.hpp"

#include <memory>
#include <string>

namespace reviewd::app {

/// The clock that `--now DATE` asks for: it begins at noon of that day in the company's zone. Null
/// for an empty text: then `system` itself is the clock.
/// @param system outlives the clock
/// @errors `usage` for another form of a date; `bad_config` for an unknown zone
[[nodiscard]] Result<std::unique_ptr<runtime::ShiftedClock>> clock_from(
    const std::string& day, const config::Settings& settings, const Clock& system
);

} // namespace reviewd::app
