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

/// Decides about held imports, or else about held levels: what follows from the imports may change
/// what is to be decided about levels.
Result<void> decide(const Call& call, const std::vector<std::string>& sources, Decision decision) {
    std::vector<store::Import> wanted;
    for (store::Import& held : call.service.views().imports_held()) {
        if (is_wanted(sources, held)) {
            wanted.push_back(std::move(held));
        }
    }
    if (!wanted.empty()) {
        return call.service.importer().decide(wanted, decision, call.actor, call.now);
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
        imports.push_back(import_json(report, service.views().unknown_references(report.source)));
    }
    const std::vector<std::string>& decided = service.importer().decided_sources();
    json::array held;
    for (const store::Import& import : service.views().imports_held()) {
        held.emplace_back(import.source_name);
    }
    return json::object{
        {"imports", std::move(imports)},
        {"decided", json::array(decided.begin(), decided.end())},
        {"still_held", std::move(held)},
        {"levels_held", levels_held_json(service.rescorer().held())},
    };
}

} // namespace reviewd::control
