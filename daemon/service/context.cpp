#include "daemon/service/context.hpp"

#include "scoring/base/text.hpp"

#include <algorithm>
#include <utility>

namespace reviewd::service {

void Context::resolve_people() {
    const std::vector<std::string> before =
        people ? people->lost_zones() : std::vector<std::string>{};
    People resolved{database, rules().schema, settings()};
    if (!people || people_settings != configuration.settings || !people->are_same(resolved)) {
        ++people_revision;
    }
    people = std::move(resolved);
    people_settings = configuration.settings;
    for (const std::string& lost : people->lost_zones()) {
        if (std::find(before.begin(), before.end(), lost) == before.end()) {
            note(LogEvent::people_zone_lost, lost);
        }
    }
}

Result<std::shared_ptr<const message::Templates>> Context::read_templates(
    const config::Settings& settings
) {
    if (settings.template_directory.empty()) {
        return std::make_shared<const message::Templates>();
    }
    std::vector<std::string> problems;
    Result<message::Templates> read =
        message::Templates::load(settings.template_directory, problems);
    if (!read.has_value()) {
        return read.error();
    }
    for (const std::string& problem : problems) {
        note(LogEvent::message_template, escape_controls(problem));
    }
    return std::make_shared<const message::Templates>(*std::move(read));
}

void Context::note(LogEvent event, std::string message) {
    notices.push_back({event, std::move(message)});
}

} // namespace reviewd::service
