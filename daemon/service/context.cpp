#include "daemon/service/context.hpp"

#include "scoring/base/text.hpp"

namespace reviewd::service {

void Context::resolve_people() {
    people.emplace(database, rules().schema, settings());
}

void Context::read_templates() {
    if (settings().template_directory.empty()) {
        templates = std::make_shared<const message::Templates>();
        return;
    }
    std::vector<std::string> problems;
    templates = std::make_shared<const message::Templates>(
        message::Templates::load(settings().template_directory, problems)
    );
    for (const std::string& problem : problems) {
        note(Notice::Severity::warning, "message.template", escape_controls(problem));
    }
}

void Context::note(Notice::Severity severity, std::string name, std::string message) {
    notices.push_back({severity, std::move(name), std::move(message)});
}

} // namespace reviewd::service
