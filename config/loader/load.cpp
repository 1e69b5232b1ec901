// The order matters: settings say where the rules are, rules give the facts, and the agenda's
// conditions name the facts. Each part is read even when the one before it has errors.
#include "config/loader/agenda_reader.hpp"
#include "config/loader/built_in_files.hpp"
#include "config/loader/configuration.hpp"
#include "config/loader/settings_reader.hpp"
#include "config/node/merge.hpp"
#include "config/node/parse.hpp"
#include "config/node/reader.hpp"
#include "scoring/base/shortage.hpp"
#include "scoring/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

namespace reviewd::config {
namespace {

namespace fs = std::filesystem;

Diagnostic finding_in(const std::string& path, std::string message, std::string hint) {
    Diagnostic finding;
    finding.position.file = std::make_shared<const std::string>(path);
    finding.message = std::move(message);
    finding.hint = std::move(hint);
    return finding;
}

/// A name that somebody takes for that of a file which is read: `50-mail.yml`.
bool is_nearly_yaml(const fs::path& path) {
    const std::string extension = lower_case(path.extension().string());
    return path.extension() != ".yaml" && (extension == ".yaml" || extension == ".yml");
}

void warn_of_name(const fs::path& path, Report& report) {
    Diagnostic finding = finding_in(
        path.string(),
        "the file is not read",
        fmt::format("rename it to `{}.yaml`", path.stem().string())
    );
    finding.severity = Severity::warning;
    report.add(std::move(finding));
}

/// The `*.yaml` files of a folder, in the order of their names; hidden files and folders are not
/// read, and what is nearly called so is warned of. A folder that is not there has none.
/// @returns nothing after reporting that the folder cannot be read
std::optional<std::vector<std::string>> yaml_files(const fs::path& folder, Report& report) {
    std::vector<std::string> files;
    std::error_code error;
    for (fs::directory_iterator at{folder, error}, end; !error && at != end; at.increment(error)) {
        const fs::path& path = at->path();
        const bool is_hidden = path.filename().string().front() == '.';
        if (path.extension() == ".yaml" && !is_hidden) {
            files.push_back(path.string());
        } else if (!is_hidden && is_nearly_yaml(path)) {
            warn_of_name(path, report);
        }
    }
    // What stands in a folder's place was meant to be read.
    if (error && error != std::errc::no_such_file_or_directory) {
        Diagnostic finding = finding_in(
            folder.string(), fmt::format("the folder cannot be read: {}", error.message()), {}
        );
        finding.is_temporary = is_shortage(error.value());
        report.add(std::move(finding));
        return std::nullopt;
    }
    std::sort(files.begin(), files.end());
    return files;
}

std::optional<Node> read_tree(const std::string& file, Report& report) {
    std::optional<std::string> text = read_yaml_file(file, report);
    std::optional<Node> root =
        text ? parse_yaml_for_checking(file, std::move(*text), report) : std::nullopt;
    if (root) {
        check_completeness(*root, EndMarker::advised, report);
    }
    return root;
}

/// The main file on the built-in settings, with the drop-ins on top.
std::optional<Node> read_settings_tree(const std::string& file, Report& report) {
    const std::optional<Node> main = read_tree(file, report);
    std::vector<Node> drop_ins;
    bool is_whole = main.has_value();
    const auto names = yaml_files(fs::path{file}.parent_path() / "conf.d", report);
    if (!names) {
        return std::nullopt;
    }
    for (const std::string& name : *names) {
        if (std::optional<Node> drop_in = read_tree(name, report)) {
            drop_ins.push_back(std::move(*drop_in));
        } else {
            is_whole = false;
        }
    }
    if (main && (main->is_empty_document() || !main->is_map())) {
        // Without the tables and people of this file, all else would seem wrong as well.
        if (!main->is_empty_document()) {
            const MapReader says_so{*main, report};
        }
        is_whole = false;
    }
    if (!is_whole) {
        return std::nullopt;
    }
    Report own;
    const std::optional<Node> base = parse_yaml("(built in)", built_in_settings(), own);
    const Node lower = base ? merged(*base, *main) : *main;
    const std::optional<Node> upper = merged_drop_ins(drop_ins, report);
    return upper ? merged(lower, *upper) : lower;
}

ReadRules read_rules_directory(const MainFile& main, Report& report) {
    std::vector<RulesFile> files;
    const auto names = yaml_files(main.settings.rules.directory, report);
    bool is_whole = names.has_value();
    for (const std::string& name : names.value_or(std::vector<std::string>{})) {
        if (std::optional<std::string> text = read_yaml_file(name, report)) {
            files.push_back({name, std::move(*text)});
        } else {
            is_whole = false;
        }
    }
    if (files.empty() && is_whole) {
        report.add(finding_in(
            main.settings.rules.directory,
            "the folder of rules holds no file *.yaml",
            "set `rules: { directory: … }` in the main file, or write rules there"
        ));
    }
    if (!is_whole || files.empty()) {
        return {nullptr, cel::Environment{cel::Dialect::rules}, {}};
    }
    return read_rule_files(files, main.schema, main.marker, report);
}

/// The agenda file that the settings name, the one beside the main file, or the built-in one.
std::optional<Node> read_agenda_tree(const MainFile& main, Report& report) {
    const std::string beside =
        (fs::path{main.settings.file}.parent_path() / "agenda.yaml").string();
    std::error_code ignored;
    if (main.agenda_file || fs::exists(beside, ignored)) {
        return read_tree(main.agenda_file.value_or(beside), report);
    }
    const fs::path nearly = fs::path{beside}.replace_extension(".yml");
    if (fs::exists(nearly, ignored)) {
        warn_of_name(nearly, report);
    }
    return parse_yaml("(built-in agenda)", built_in_agenda(), report);
}

enum class Demote { no, yes };

/// Errors in files that are only drafts, because published rules are the truth, are warnings.
void add_findings(const Report& findings, Demote demote, Report& report) {
    for (Diagnostic finding : findings.diagnostics()) {
        if (demote == Demote::yes && !finding.is_temporary) {
            finding.severity = Severity::warning;
        }
        report.add(std::move(finding));
    }
}

/// Leaves out what was reported: questions that have a condition which could not be read.
void leave_out_unread(Agenda& agenda, const Node& tree) {
    const Node* const questions = tree.find("questions");
    if (questions == nullptr || !questions->is_sequence()) {
        return;
    }
    for (const Node& node : questions->elements()) {
        const Node* const id = node.is_map() ? node.find("id") : nullptr;
        if (id == nullptr || !id->is_scalar() || node.find("when") == nullptr) {
            continue;
        }
        std::erase_if(agenda.questions, [&](const Question& question) {
            return question.id == id->text() && !question.when;
        });
    }
}

std::vector<std::string> level_names(const rules::RuleSet& rules) {
    std::vector<std::string> names;
    for (const rules::Level& level : rules.levels) {
        names.push_back(level.name);
    }
    return names;
}

/// A misplaced secret is reported once: not also as an unknown key, nor by its channel.
void drop_repeats(Diagnostics& findings) {
    const auto is_secret = [](const Diagnostic& finding) {
        return finding.message.rfind("a secret never stands", 0) == 0;
    };
    const auto is_repeat = [&](const Diagnostic& finding) {
        const bool is_of_key = finding.message.rfind("unknown key", 0) == 0;
        const bool is_of_value = finding.message.rfind("a secret does not stand", 0) == 0;
        return (is_of_key || is_of_value)
               && std::any_of(findings.begin(), findings.end(), [&](const Diagnostic& other) {
                      return is_secret(other) && other.position.line == finding.position.line
                             && (is_of_value || other.position.column == finding.position.column)
                             && other.position.file_name() == finding.position.file_name();
                  });
    };
    Diagnostics kept;
    std::copy_if(
        findings.begin(),
        findings.end(),
        std::back_inserter(kept),
        [&](const Diagnostic& finding) { return !is_repeat(finding); }
    );
    findings = std::move(kept);
}

} // namespace

LoadedConfiguration load_configuration(const std::string& file, const LoadOptions& options) {
    Report report;
    report.log_keys(options.key_log);
    LoadedConfiguration loaded;
    const std::optional<Node> root = read_settings_tree(file, report);
    if (root) {
        MainFile main = read_main_file(*root, file, options, report);
        const bool has_settings = !report.has_errors();
        const bool may_lack_rules =
            main.settings.rules.authority == RulesSettings::Authority::published;
        Report findings;
        findings.log_keys(options.key_log);
        ReadRules rules = read_rules_directory(main, findings);
        // Without its facts every condition of the agenda would seem wrong.
        const bool has_facts = rules.rules != nullptr;
        add_findings(findings, may_lack_rules && !has_facts ? Demote::yes : Demote::no, report);
        const std::optional<Node> agenda_tree = read_agenda_tree(main, report);
        Agenda agenda;
        if (agenda_tree && has_facts) {
            agenda =
                read_agenda(*agenda_tree, rules.environment, level_names(*rules.rules), report);
            check_answers(rules.answers, agenda, report);
        }
        if (has_facts) {
            check_route_words(main.settings, *rules.rules, report);
        }
        if (has_settings && (has_facts || may_lack_rules) && !report.has_errors()) {
            loaded.configuration = Configuration{
                std::make_shared<const Settings>(std::move(main.settings)),
                std::move(rules.rules),
                std::make_shared<const Agenda>(std::move(agenda)),
                std::move(main.schema),
                std::make_shared<const Node>(*agenda_tree)};
        }
    }
    loaded.diagnostics = report.diagnostics();
    drop_repeats(loaded.diagnostics);
    return loaded;
}

std::vector<RulesFile> read_rules_folder(const std::string& directory) {
    std::vector<RulesFile> files;
    Report unused;
    const auto names = yaml_files(directory, unused);
    for (const std::string& name : names.value_or(std::vector<std::string>{})) {
        if (std::optional<std::string> text = read_yaml_file(name, unused)) {
            files.push_back({fs::path{name}.filename().string(), std::move(*text)});
        }
    }
    return files;
}

std::optional<Configuration> with_rules(
    const Configuration& base, const std::vector<RulesFile>& files, AgendaFit fit, Report& report
) {
    Report own;
    ReadRules rules = read_rule_files(files, base.schema, EndMarker::advised, own);
    Configuration configuration = base;
    configuration.rules = std::move(rules.rules);
    if (configuration.rules != nullptr && base.agenda_tree != nullptr) {
        Report lenient;
        Report& agenda_report = fit == AgendaFit::required ? own : lenient;
        const std::vector<std::string> levels = level_names(*configuration.rules);
        Agenda agenda = read_agenda(*base.agenda_tree, rules.environment, levels, agenda_report);
        if (fit == AgendaFit::required) {
            check_answers(rules.answers, agenda, own);
        } else {
            leave_out_unread(agenda, *base.agenda_tree);
        }
        configuration.agenda = std::make_shared<const Agenda>(std::move(agenda));
    }
    for (const Diagnostic& finding : own.diagnostics()) {
        report.add(finding);
    }
    return own.has_errors() ? std::nullopt : std::optional{std::move(configuration)};
}

} // namespace reviewd::config
