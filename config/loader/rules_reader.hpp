#pragma once

#include "config/loader/rules_context.hpp"
#include "config/loader/rules_file.hpp"

#include <memory>
#include <string>
#include <vector>

namespace reviewd::config {

/// Whether a rules file may lack the line `...` that says it is complete.
enum class EndMarker { advised, required };

/// The set of rules of some files, and what must be checked against other files.
struct ReadRules {
    std::shared_ptr<rules::RuleSet> rules; ///< null after at least one error
    cel::Environment environment;          ///< the facts, by slot
    std::vector<AnswerUse> answers;
};

/// Reads the files as one set.
[[nodiscard]] ReadRules read_rule_files(
    const std::vector<RulesFile>& files,
    const rules::Schema& schema,
    EndMarker marker,
    Report& report
);

/// Reports a file without its end marker, or one that holds nothing at all.
void check_completeness(const Node& root, EndMarker marker, Report& report);

} // namespace reviewd::config
