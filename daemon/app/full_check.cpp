#include "daemon/app/full_check.hpp"

#include "daemon/app/people_check.hpp"
#include "daemon/app/source_check.hpp"
#include "daemon/app/start_check.hpp"
#include "daemon/message/sample.hpp"
#include "daemon/message/template_names.hpp"

#include <string>
#include <utility>
#include <vector>

namespace reviewd::app {

namespace {

/// Tries every template on sample data. One that fails is a warning: its reader would get a plain
/// text.
message::Templates try_templates(const std::string& directory, Diagnostics& findings) {
    if (directory.empty()) {
        return {};
    }
    std::vector<std::string> problems;
    Result<message::Templates> templates = message::Templates::load(directory, problems);
    if (!templates.has_value()) {
        problems.push_back(templates.error().message);
        templates = message::Templates{};
    }
    message::Templates whole = *templates;
    for (const std::string& name : message::broken_templates(whole)) {
        whole.set(name, "told below, at the tag");
    }
    for (std::string& problem : message::check_templates(whole)) {
        problems.push_back(std::move(problem));
    }
    for (Diagnostic& finding : message::check_template_names(*templates, directory)) {
        findings.push_back(std::move(finding));
    }
    for (std::string& problem : problems) {
        Diagnostic warning;
        warning.severity = Severity::warning;
        warning.message = std::move(problem);
        findings.push_back(std::move(warning));
    }
    return *std::move(templates);
}

void append(Diagnostics& findings, Diagnostics more) {
    for (Diagnostic& finding : more) {
        findings.push_back(std::move(finding));
    }
}

} // namespace

Diagnostics check_fully(const config::Configuration& configuration) {
    const config::Settings& settings = *configuration.settings;
    Diagnostics findings = check_start(settings);
    append(findings, check_sources(settings, configuration.schema));
    Diagnostics of_templates;
    const message::Templates templates = try_templates(settings.template_directory, of_templates);
    append(findings, check_people_of(settings, configuration.schema, templates));
    append(findings, std::move(of_templates));
    return findings;
}

} // namespace reviewd::app
