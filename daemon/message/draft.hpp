#pragma once

#include "scoring/base/result.hpp"

#include <map>
#include <string>

namespace reviewd::message {

/// Fills a text that somebody sends on, by name; values are data and never parsed.
/// @errors as fill
[[nodiscard]] Result<std::string> fill_draft(
    const std::string& source, const std::map<std::string, std::string>& values
);

} // namespace reviewd::message
