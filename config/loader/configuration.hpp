#pragma once

#include "config/loader/rules_file.hpp"
#include "config/loader/settings.hpp"
#include "config/node/reader.hpp"
#include "scoring/rules/rule_set.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reviewd::config {

/// One loaded, checked configuration; a reload makes a new one or changes nothing.
struct Configuration {
    std::shared_ptr<const Settings> settings;
    /// As loaded: what the files say. Null when they cannot be read and published rules are the
    /// truth; whoever knows those puts them here with with_rules().
    std::shared_ptr<const rules::RuleSet> rules;
    std::shared_ptr<const Agenda> agenda;
    rules::Schema schema;                    ///< what any rules are read against
    std::shared_ptr<const Node> agenda_tree; ///< what `agenda` was read from
};

struct LoadOptions {
    std::string state_directory; ///< overrides the file's and the environment's, when not empty
    std::string control_socket;  ///< likewise
    std::string data_directory;  ///< likewise (`--data DIR`)
    /// Says what is wrong with a channel's settings beyond `type`, and gives what its type can do;
    /// given by whoever knows the notifiers. Called once per channel. Absent: nothing is wrong, and
    /// no channel can do anything but take messages.
    std::function<ChannelTraits(const ChannelSettings& channel, Report& report)> check_channel;
    /// Collects which keys each map may have; for the test of the schemas.
    KeyLog* key_log = nullptr;
};

struct LoadedConfiguration {
    std::optional<Configuration> configuration; ///< absent after at least one error
    Diagnostics diagnostics;                    ///< errors and warnings of all files
};

/// Reads `file`, its conf.d drop-ins, the rules directory, the agenda. Reads the environment
/// variables STATE_DIRECTORY and RUNTIME_DIRECTORY through its parameters only.
[[nodiscard]] LoadedConfiguration load_configuration(
    const std::string& file, const LoadOptions& options
);

/// Reads rules as one file, or as RuleSet::content joins several, against the same settings; for
/// previews, for versions of the past and for tests. Equal texts give equal sets and hashes.
/// @param name how messages call the text
/// @returns null after at least one error
[[nodiscard]] std::shared_ptr<const rules::RuleSet> parse_rules(
    const std::string& name, const std::string& text, const rules::Schema& schema, Report& report
);

/// Whether every question of the agenda must be understood with new rules.
enum class AgendaFit {
    required,
    left_out, ///< a question whose condition names a fact that the rules lack is not asked
};

/// The same configuration with the rules of these files, read and checked as load_configuration
/// does; the agenda's conditions are read anew against their facts. For versions of the past and
/// for what is to be published.
/// @returns nothing after at least one error
[[nodiscard]] std::optional<Configuration> with_rules(
    const Configuration& base, const std::vector<RulesFile>& files, AgendaFit fit, Report& report
);

} // namespace reviewd::config
