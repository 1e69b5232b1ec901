#include "daemon/control/long_commands.hpp"

#include "daemon/control/arguments.hpp"
#include "daemon/control/shapes.hpp"

#include <boost/json/array.hpp>

#include <algorithm>

namespace reviewd::control {

namespace {

namespace json = boost::json;

using Decision = service::Importer::Decision;

bool is_wanted(const std::vector<std::string>& sources, const store::Import& held) {
    return sources.empty()
           || std::find(sources.begin(), sources.end(), held.source_name) != sources.end();
}

/// Decides about one held import, or else about held levels: what follows from the first decision
/// may change what the next one is about.
Result<void> decide(const Call& call, const std::vector<std::string>& sources, Decision decision) {
    for (const store::Import& held : call.service.views().imports_held()) {
        if (is_wanted(sources, held)) {
            return call.service.importer().decide(held.id, decision, call.actor, call.now);
        }
    }
    const bool may_confirm_levels =
        decision == Decision::confirm && sources.empty() && call.service.rescorer().held();
    if (may_confirm_levels) {
        return call.service.rescorer().confirm(call.actor, call.now);
    }
    return fail(
        ErrorCode::not_found,
        sources.empty() ? "no import is held, and no change of levels"
                        : "no import of these sources is held; `reviewctl status` shows what is"
    );
}

} // namespace

Result<void> begin_import(const Call& call) {
    Arguments arguments{call.arguments};
    const std::vector<std::string> sources = arguments.texts("sources");
    const bool is_dry = arguments.flag("dry_run");
    const bool is_confirmed = arguments.flag("confirm");
    const bool is_dropped = arguments.flag("drop");
    if (const std::optional<Error> problem = arguments.problem()) {
        return *problem;
    }
    if ((is_dry ? 1 : 0) + (is_confirmed ? 1 : 0) + (is_dropped ? 1 : 0) > 1) {
        return fail(ErrorCode::usage, "choose one of dry_run, confirm and drop");
    }
    if (is_confirmed || is_dropped) {
        return decide(call, sources, is_confirmed ? Decision::confirm : Decision::drop);
    }
    const auto mode = is_dry ? service::Importer::Mode::dry_run : service::Importer::Mode::always;
    return call.service.importer().request(sources, mode);
}

json::value import_progress(service::Service& service) {
    const auto progress = service.importer().progress();
    if (!progress) {
        return nullptr;
    }
    return json::object{
        {"source", progress->source}, {"rows", progress->rows}, {"share", progress->share}};
}

json::value import_answer(service::Service& service) {
    json::array imports;
    for (const service::ImportReport& report : service.importer().requested_reports()) {
        imports.push_back(import_json(report));
    }
    json::array held;
    for (const store::Import& import : service.views().imports_held()) {
        held.emplace_back(import.source_name);
    }
    return json::object{
        {"imports", std::move(imports)},
        {"still_held", std::move(held)},
        {"levels_held", levels_held_json(service.rescorer().held())},
    };
}

} // namespace reviewd::control
