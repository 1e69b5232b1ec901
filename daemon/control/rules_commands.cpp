#include "config/loader/rules_diff.hpp"
#include "config/loader/rules_places.hpp"
#include "daemon/control/arguments.hpp"
#include "daemon/control/handlers.hpp"
#include "daemon/control/limits.hpp"
#include "daemon/control/shapes.hpp"

#include <boost/json/array.hpp>
#include <fmt/format.h>

#include <filesystem>

namespace reviewd::control {

namespace {

namespace json = boost::json;

constexpr std::size_t longest_note = 1'000;
constexpr std::int64_t largest_bands = 100;

std::string version_name(store::RulesVersionId version) {
    return fmt::format("v{}", version.value);
}

/// Where the drafts of the call are among the files that wait or are in force.
json::array placed_json(const Call& call) {
    std::vector<config::RulesFile> drafts;
    for (const auto& [name, text] : Arguments{call.arguments}.text_map("files")) {
        drafts.push_back({name, text});
    }
    const service::RulesDesk& desk = call.service.rules();
    const auto files = desk.find_files(desk.waiting() ? "held" : "current");
    json::array placed;
    if (files && !drafts.empty()) {
        const auto places = config::find_places(*files, drafts);
        for (std::size_t i = 0; i < drafts.size(); ++i) {
            const std::string& place = places[i] ? (*files)[*places[i]].name : drafts[i].name;
            placed.push_back(json::object{{"file", drafts[i].name}, {"place", place}});
        }
    }
    return placed;
}

json::value state_of(const store::RulesVersion& version, const service::RulesDesk& desk) {
    const auto& waiting = desk.waiting();
    if (waiting && waiting->candidate.version == version.id) {
        return waiting->candidate.is_held ? "held" : "counting";
    }
    return version.is_active ? json::value("in_force") : json::value(nullptr);
}

json::object version_json(const store::RulesVersion& version, const Call& call) {
    service::RulesDesk& desk = call.service.rules();
    json::array files;
    for (const store::RulesVersionFile& file : desk.file_names(version.id)) {
        files.push_back(json::object{{"name", file.name}, {"hash", file.hash}});
    }
    json::array events;
    for (const store::RulesEvent& event : desk.events(version.id)) {
        events.push_back(json::object{
            {"at", to_string(event.at)},
            {"who", event.who},
            {"what", store::name(event.what)},
            {"note", text_or_null(event.note)},
        });
    }
    return json::object{
        {"version", version_name(version.id)},
        {"hash", version.hash},
        {"loaded_at", to_string(version.loaded_at)},
        {"who", version.who},
        {"note", text_or_null(version.note)},
        {"state", state_of(version, desk)},
        {"files", std::move(files)},
        {"events", std::move(events)},
    };
}

std::string checked_note(Arguments& arguments, std::optional<Error>& problem) {
    std::string note = arguments.text_or_empty("note");
    if (note.size() > longest_note && !problem) {
        problem = fail(ErrorCode::usage, "a note has at most 1,000 bytes");
    }
    return note;
}

} // namespace

json::value rules_waiting_json(const std::optional<service::WaitingRules>& waiting) {
    if (!waiting) {
        return nullptr;
    }
    json::array moves;
    for (const auto& [levels, accounts] : waiting->moves) {
        moves.push_back(json::object{
            {"from", levels.first}, {"to", levels.second}, {"accounts", accounts}});
    }
    const store::RulesCandidate& candidate = waiting->candidate;
    return json::object{
        {"version", version_name(candidate.version)},
        {"state", candidate.is_held ? "held" : "counting"},
        {"origin", store::name(candidate.origin)},
        {"who", candidate.who},
        {"note", text_or_null(candidate.note)},
        {"at", to_string(candidate.at)},
        {"accounts", waiting->accounts},
        {"moving", waiting->moving},
        {"moves", std::move(moves)},
        {"overrides_idle", idle_overrides_json(waiting->idle)},
    };
}

json::value rules_dropped_json(const std::optional<store::RulesVersionId>& version) {
    return version ? json::value(version_name(*version)) : json::value(nullptr);
}

Result<json::value> rules_outcome(const Call& call) {
    const service::RulesDesk& desk = call.service.rules();
    const Result<store::RulesVersion> current = desk.find_version("current");
    return json::value(json::object{
        {"in_force", current ? json::value(version_name(current->id)) : json::value(nullptr)},
        {"waiting", rules_waiting_json(desk.waiting())},
        {"placed", placed_json(call)},
        {"overrides_idle", idle_overrides_json(call.service.overrides().idle())},
    });
}

Result<json::value> rules_history(const Call& call) {
    Arguments arguments{call.arguments};
    const std::int64_t limit =
        arguments.integer("limit", 1, version_rows.largest).value_or(version_rows.usual);
    if (const std::optional<Error> problem = arguments.problem()) {
        return *problem;
    }
    json::array versions;
    auto found = call.service.rules().history(static_cast<int>(limit) + 1);
    const bool is_cut = cut_to(found, limit);
    for (const store::RulesVersion& version : found) {
        versions.push_back(version_json(version, call));
    }
    const config::RulesSettings& settings = call.service.configuration().settings->rules;
    return json::value(json::object{
        {"authority", config::name(settings.authority)},
        {"directory", settings.directory},
        {"versions", std::move(versions)},
        {"is_cut", is_cut},
    });
}

Result<json::value> rules_diff(const Call& call) {
    Arguments arguments{call.arguments};
    const std::string a = arguments.text("a");
    std::string b = arguments.text_or_empty("b");
    const bool is_text_wanted = arguments.flag("text");
    if (const std::optional<Error> problem = arguments.problem()) {
        return *problem;
    }
    b = b.empty() ? "current" : b;
    const auto before = call.service.rules().find_files(a);
    const auto after = call.service.rules().find_files(b);
    if (!before || !after) {
        return before ? after.error() : before.error();
    }
    json::value changes = nullptr;
    const auto compared = is_text_wanted ? std::nullopt : config::compare_rules(*before, *after);
    if (compared) {
        json::array list;
        for (const config::RulesChange& change : *compared) {
            list.push_back(json::object{
                {"place", change.place},
                {"before", change.before ? json::value(*change.before) : json::value(nullptr)},
                {"after", change.after ? json::value(*change.after) : json::value(nullptr)},
            });
        }
        changes = std::move(list);
    }
    const auto shown = [&](const std::string& name) {
        const Result<store::RulesVersion> version = call.service.rules().find_version(name);
        return version ? version_name(version->id) : name;
    };
    return json::value(json::object{
        {"a", shown(a)},
        {"b", shown(b)},
        {"changes", std::move(changes)},
        {"text", config::unified_diff(*before, *after)},
    });
}

Result<json::value> rules_export(const Call& call) {
    Arguments arguments{call.arguments};
    std::string version = arguments.text_or_empty("version");
    if (const std::optional<Error> problem = arguments.problem()) {
        return *problem;
    }
    version = version.empty() ? "current" : version;
    const auto files = call.service.rules().find_files(version);
    if (!files) {
        return files.error();
    }
    json::array list;
    for (const config::RulesFile& file : *files) {
        list.push_back(json::object{{"name", file.name}, {"text", file.text}});
    }
    const Result<store::RulesVersion> found = call.service.rules().find_version(version);
    return json::value(json::object{
        {"version", found ? version_name(found->id) : version},
        {"directory",
         std::filesystem::absolute(call.service.configuration().settings->rules.directory)
             .string()},
        {"files", std::move(list)},
    });
}

Result<json::value> publish_rules(const Call& call) {
    Arguments arguments{call.arguments};
    const auto texts = arguments.text_map("files");
    std::optional<Error> problem;
    const std::string note = checked_note(arguments, problem);
    if (const std::optional<Error> wrong = arguments.problem()) {
        return *wrong;
    }
    if (!problem && note.empty()) {
        problem = fail(ErrorCode::usage, "say with a note what the rules are to achieve");
    }
    if (!problem && texts.empty()) {
        problem = fail(ErrorCode::usage, "name the files to publish");
    }
    std::vector<config::RulesFile> files;
    for (const auto& [name, text] : texts) {
        if (!problem && (name.find('/') != std::string::npos || !name.ends_with(".yaml"))) {
            problem =
                fail(ErrorCode::usage, fmt::format("`{}`: a rules file is called NAME.yaml", name));
        }
        files.push_back({name, text});
    }
    if (problem) {
        return *problem;
    }
    const auto version = call.service.rules().publish(files, note, call.actor, call.now);
    return version ? rules_outcome(call) : version.error();
}

Result<json::value> roll_back_rules(const Call& call) {
    Arguments arguments{call.arguments};
    const std::string name = arguments.text("version");
    std::optional<Error> problem;
    const std::string note = checked_note(arguments, problem);
    if (const std::optional<Error> wrong = arguments.problem()) {
        return *wrong;
    }
    const auto found = call.service.rules().find_version(name);
    if (problem || !found) {
        return problem ? *problem : found.error();
    }
    const auto version = call.service.rules().roll_back(found->id, note, call.actor, call.now);
    return version ? rules_outcome(call) : version.error();
}

Result<json::value> begin_backtest(const Call& call) {
    Arguments arguments{call.arguments};
    service::BacktestWish wish;
    wish.as_of = arguments.required_date("as_of");
    const std::string horizon = arguments.text("horizon");
    for (const auto& [name, text] : arguments.text_map("files")) {
        wish.files.push_back({name, text});
    }
    const std::string outcome = arguments.text_or_empty("outcome");
    if (const auto bands = arguments.integer("bands", 1, largest_bands)) {
        wish.bands = static_cast<std::size_t>(*bands);
    }
    if (const std::optional<Error> problem = arguments.problem()) {
        return *problem;
    }
    const Result<Period> period = parse_period(horizon);
    if (!period) {
        return fail(ErrorCode::usage, fmt::format("the horizon: {}", period.error().message));
    }
    wish.horizon = *period;
    wish.outcome = outcome.empty() ? wish.outcome : outcome;
    const Result<void> begun = call.service.backtests().begin(std::move(wish), call.now);
    return begun ? Result<json::value>{json::value(nullptr)} : begun.error();
}

Result<json::value> backtest_result(const Call& call) {
    const auto& result = call.service.backtests().result();
    if (!result) {
        return fail(ErrorCode::internal, "the backtest left no result");
    }
    return json::value(backtest_json(*result));
}

Result<json::value> confirm_rules(const Call& call) {
    if (const std::optional<Error> problem = Arguments{call.arguments}.problem()) {
        return *problem;
    }
    const auto version = call.service.rules().confirm(call.actor, call.now);
    return version ? rules_outcome(call) : version.error();
}

Result<json::value> drop_rules(const Call& call) {
    if (const std::optional<Error> problem = Arguments{call.arguments}.problem()) {
        return *problem;
    }
    const auto version = call.service.rules().drop(call.actor, call.now);
    return version ? rules_outcome(call) : version.error();
}

} // namespace reviewd::control
