#pragma once

#include "daemon/message/digest.hpp"
#include "daemon/message/templates.hpp"
#include "daemon/message/value.hpp"

#include <map>
#include <string>
#include <vector>

namespace reviewd::message {

/// A digest that uses everything a digest may hold; for trying templates out.
[[nodiscard]] Digest sample_digest(const std::string& language);

/// What the templates of each kind, "digest" for instance, are tried with.
[[nodiscard]] std::map<std::string, Value> sample_views();

/// Renders every kind of message and page, in every language that has a template, on sample data.
/// @returns what is wrong, one line each; empty when all is well
[[nodiscard]] std::vector<std::string> check_templates(const Templates& templates);

} // namespace reviewd::message
