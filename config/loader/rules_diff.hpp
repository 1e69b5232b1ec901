#pragma once

#include "config/loader/rules_file.hpp"

#include <optional>
#include <string>
#include <vector>

namespace reviewd::config {

/// One thing that two sets of rules say differently.
struct RulesChange {
    std::string place;                 ///< "rules room-to-grow, points", "levels high, from"
    std::optional<std::string> before; ///< in YAML's flow style, on one line; absent: it is new
    std::optional<std::string> after;  ///< absent: it is gone
};

/// What changed between two sets of rules files, whatever file says it: by fact, rule, level,
/// product and their keys; comments, order of keys and layout do not count. Lists of rules are
/// compared by `id:`, other lists by place.
/// @returns nothing when one of them is no YAML map: then only the texts can be compared
[[nodiscard]] std::optional<std::vector<RulesChange>> compare_rules(
    const std::vector<RulesFile>& before, const std::vector<RulesFile>& after
);

/// The lines that differ, as `diff -u` shows them, file by file; empty when nothing does.
[[nodiscard]] std::string unified_diff(
    const std::vector<RulesFile>& before, const std::vector<RulesFile>& after
);

} // namespace reviewd::config
