#pragma once

#include "config/loader/configuration.hpp"
#include "daemon/store/rules_versions.hpp"
#include "scoring/base/result.hpp"

#include <string>
#include <vector>

namespace reviewd::service {

/// As it is kept.
[[nodiscard]] store::NewRulesVersion to_version(
    const rules::RuleSet& rules, std::string who, std::string note
);

/// The files of a kept version, with their names; none when there is no such version.
[[nodiscard]] std::vector<config::RulesFile> files_of(
    store::Connection& connection, store::RulesVersionId version
);

/// Each file takes the place that config::find_places gives it, or joins them; by name.
void replace_files(
    std::vector<config::RulesFile>& all, const std::vector<config::RulesFile>& files
);

/// The configuration to work with.
struct ChosenRules {
    config::Configuration configuration; ///< its rules are the ones in force
    /// Why the rules that were in force are not: with these settings they cannot be read. Empty:
    /// they are.
    std::string problem;
};

/// Chooses the rules in force for a configuration just loaded: the accepted version if there is
/// one, whatever the files say by now; else, or when it cannot be read any more, the files'.
/// @errors `bad_config` when neither can be read
[[nodiscard]] Result<ChosenRules> choose_rules(
    store::Connection& connection, const config::Configuration& loaded
);

} // namespace reviewd::service
