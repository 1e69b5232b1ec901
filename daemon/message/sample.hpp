#pragma once

#include "daemon/message/digest.hpp"
#include "daemon/message/templates.hpp"

#include <string>
#include <vector>

namespace reviewd::message {

/// A digest that uses everything a digest may hold; for trying templates out.
[[nodiscard]] Digest sample_digest(const std::string& language);

/// Renders every kind of message and page, in every language that has a template, on sample data.
/// @returns what is wrong, one line each; empty when all is well
[[nodiscard]] std::vector<std::string> check_templates(const Templates& templates);

} // namespace reviewd::message
