#include "daemon/service/rules_versions.hpp"

#include "config/loader/rules_places.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace reviewd::service {

store::NewRulesVersion to_version(const rules::RuleSet& rules, std::string who, std::string note) {
    store::NewRulesVersion version{
        rules.content_hash, rules.content, {}, std::move(who), std::move(note)};
    std::size_t index = 0;
    for (const config::RulesFile& file : config::split_content("", rules.content)) {
        const std::string name =
            index < rules.file_names.size() ? rules.file_names[index] : file.name;
        version.files.push_back({name, config::sha256(file.text)});
        ++index;
    }
    return version;
}

std::vector<config::RulesFile> files_of(
    store::Connection& connection, store::RulesVersionId version
) {
    store::RulesVersions versions{connection};
    const std::optional<std::string> content = versions.content(version);
    if (!content) {
        return {};
    }
    const std::vector<store::RulesVersionFile> names = versions.files(version);
    std::vector<config::RulesFile> files = config::split_content("rules.yaml", *content);
    for (std::size_t i = 0; i < files.size(); ++i) {
        std::string& name = files[i].name;
        name = i < names.size() ? names[i].name : name.substr(name.rfind('/') + 1);
    }
    return files;
}

void replace_files(
    std::vector<config::RulesFile>& all, const std::vector<config::RulesFile>& files
) {
    const std::vector<std::optional<std::size_t>> places = config::find_places(all, files);
    for (std::size_t i = 0; i < files.size(); ++i) {
        if (places[i]) {
            all[*places[i]].text = files[i].text;
        } else {
            all.push_back(files[i]);
        }
    }
    std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
}

Result<ChosenRules> choose_rules(
    store::Connection& connection, const config::Configuration& loaded
) {
    const std::optional<store::RulesVersion> accepted = store::RulesVersions{connection}.active();
    if (!accepted && loaded.rules == nullptr) {
        return fail(
            ErrorCode::bad_config,
            fmt::format(
                "no rules were published yet, and those in {} cannot be read; `reviewctl check` "
                "shows what is wrong with them",
                loaded.settings->rules.directory
            )
        );
    }
    const bool are_same =
        accepted && loaded.rules != nullptr && loaded.rules->content_hash == accepted->hash;
    if (!accepted || are_same) {
        return ChosenRules{loaded, {}};
    }
    config::Report report;
    std::optional<config::Configuration> chosen = config::with_rules(
        loaded, files_of(connection, accepted->id), config::AgendaFit::left_out, report
    );
    if (chosen) {
        return ChosenRules{std::move(*chosen), {}};
    }
    const std::string problem = fmt::format(
        "the rules in force (v{}) cannot be read with these settings:\n{}",
        accepted->id.value,
        render(report.diagnostics())
    );
    if (loaded.rules == nullptr) {
        return fail(ErrorCode::bad_config, problem);
    }
    return ChosenRules{loaded, problem};
}

} // namespace reviewd::service
