#include "daemon/control/long_commands.hpp"

#include "daemon/control/arguments.hpp"
#include "daemon/control/shapes.hpp"
#include "scoring/base/text.hpp"

#include <boost/json/array.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace reviewd::control {

namespace {

namespace json = boost::json;

using Decision = service::Importer::Decision;

bool is_among(const std::vector<std::string>& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

std::string in_quotes(const std::vector<std::string>& names) {
    std::string text;
    for (const std::string& name : names) {
        text += fmt::format("{}`{}`", text.empty() ? "" : ", ", escape_controls(name));
    }
    return text;
}

std::vector<std::string> names_of(const std::vector<store::Import>& imports) {
    std::vector<std::string> names;
    for (const store::Import& import : imports) {
        names.push_back(import.source_name);
    }
    return names;
}

Error held_since(const std::vector<std::string>& names) {
    return fail(
        ErrorCode::not_found,
        fmt::format(
            "the import of {} is held only since you asked, so nothing was decided: see `reviewctl "
            "status`, then decide about it",
            in_quotes(names)
        )
    );
}

/// All that are named, or nothing: who mistypes one of several names must not learn of it from what
/// is still held.
Result<void> require_held(
    const std::vector<std::string>& sources,
    const std::vector<std::string>& known,
    const std::vector<std::string>& come
) {
    std::vector<std::string> missing;
    std::vector<std::string> late;
    for (const std::string& name : sources) {
        if (is_among(known, name) || is_among(missing, name)) {
            continue;
        }
        (is_among(come, name) ? late : missing).push_back(name);
    }
    if (!late.empty()) {
        return held_since(late);
    }
    if (missing.empty()) {
        return {};
    }
    return fail(
        ErrorCode::not_found,
        fmt::format(
            "no import of {} is held, so nothing was decided; {}",
            in_quotes(missing),
            known.empty() ? "none is" : fmt::format("held: {}", in_quotes(known))
        )
    );
}

Result<void> let_levels_move(const Call& call) {
    const Result<void> confirmed = call.service.rescorer().confirm(call.actor, call.now);
    if (confirmed) {
        call.service.importer().forget_requested();
    }
    return confirmed;
}

/// Decides about held imports, or else about held levels: what follows from the imports may change
/// what is to be decided about levels.
Result<void> decide(
    const Call& call,
    const std::vector<std::string>& sources,
    const HeldNow& seen,
    Decision decision
) {
    std::vector<store::Import> held = call.service.views().imports_held();
    const auto come = std::stable_partition(held.begin(), held.end(), [&](const auto& import) {
        return std::find(seen.imports.begin(), seen.imports.end(), import.id) != seen.imports.end();
    });
    const std::vector<std::string> late = names_of({come, held.end()});
    held.erase(come, held.end());
    if (const Result<void> all = require_held(sources, names_of(held), late); !all) {
        return all;
    }
    if (!sources.empty()) {
        std::erase_if(held, [&](const store::Import& import) {
            return !is_among(sources, import.source_name);
        });
    }
    if (!held.empty()) {
        return call.service.importer().decide(held, decision, call.actor, call.now);
    }
    if (decision == Decision::confirm && seen.has_levels && call.service.rescorer().held()) {
        return let_levels_move(call);
    }
    return late.empty() ? fail(ErrorCode::not_found, "no import is held, and no change of levels")
                        : held_since(late);
}

} // namespace

HeldNow held_now(service::Service& service) {
    HeldNow held;
    for (const store::Import& import : service.views().imports_held()) {
        held.imports.push_back(import.id);
    }
    held.has_levels = service.rescorer().held() || service.rescorer().held_before();
    return held;
}

Result<void> begin_import(const Call& call, const HeldNow& seen) {
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
        return decide(call, sources, seen, is_confirmed ? Decision::confirm : Decision::drop);
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
