#pragma once

#include "config/loader/configuration.hpp"
#include "scoring/base/result.hpp"
#include "scoring/cel/value.hpp"

#include <string>
#include <string_view>

namespace reviewd::service {

/// Reads an answer as a person writes it, in the form that its question wants: a scale is a whole
/// number from 0 to 10, yes_no is yes or no, the rest is text. Beside the agenda's questions there
/// are those that a fact waits for, and `recommendation`.
/// @errors `usage`, with what was expected, or the nearest question
[[nodiscard]] Result<cel::Value> read_answer(
    const config::Configuration& configuration, const std::string& question, const std::string& text
);

/// At most 10,000 bytes of UTF-8. @errors `usage`
[[nodiscard]] Result<void> check_text(std::string_view what, const std::string& text);

/// Likewise, and not empty. @errors `usage`
[[nodiscard]] Result<void> check_reason(const std::string& because);

} // namespace reviewd::service
