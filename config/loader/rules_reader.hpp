#pragma once

#include "config/loader/rules_context.hpp"

#include <memory>
#include <string>
#include <vector>

namespace reviewd::config {

/// One rules file.
struct RulesFile {
    std::string name; ///< how messages call it
    std::string text;
};

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

/// Several files as one text, and back. One file is its own text.
[[nodiscard]] std::string joined_content(const std::vector<RulesFile>& files);
[[nodiscard]] std::vector<RulesFile> split_content(
    const std::string& name, const std::string& content
);

/// Reports a file without its end marker, or one that holds nothing at all.
void check_completeness(const Node& root, EndMarker marker, Report& report);

} // namespace reviewd::config
