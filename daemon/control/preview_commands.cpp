#include "daemon/control/preview_commands.hpp"

#include "config/loader/rules_places.hpp"
#include "daemon/control/arguments.hpp"
#include "daemon/control/handlers.hpp"
#include "daemon/control/shapes.hpp"

#include <boost/json/array.hpp>

namespace reviewd::control {

namespace {

namespace json = boost::json;

constexpr std::int64_t usual_moves = 20;
constexpr std::int64_t most_moves = 2'000'000;

/// The file in force whose place the draft takes; empty: it joins them.
std::string replaced_by(const Call& call, const config::RulesFile& draft) {
    const auto files = call.service.rules().find_files("current");
    if (!files) {
        return {};
    }
    const auto place = config::find_places(*files, {draft}).front();
    return place ? (*files)[*place].name : std::string{};
}

json::array texts_json(const std::vector<std::string>& texts) {
    json::array array;
    for (const std::string& text : texts) {
        array.emplace_back(text);
    }
    return array;
}

json::array counts_json(const std::vector<std::int64_t>& counts) {
    json::array array;
    for (const std::int64_t count : counts) {
        array.emplace_back(count);
    }
    return array;
}

json::array moves_json(const service::RulesPreview& preview) {
    json::array moves;
    for (const service::PreviewedMove& move : preview.moves) {
        moves.push_back(json::object{
            {"account", json::object{{"key", move.key}, {"name", move.name}}},
            {"owner", text_or_null(move.owner)},
            {"from", preview.levels_before[move.from]},
            {"to", preview.levels_after[move.to]},
            {"points_before", points_json(move.points_before)},
            {"points_after", points_json(move.points_after)},
        });
    }
    return moves;
}

json::array loads_json(const service::RulesPreview& preview) {
    json::array loads;
    for (const service::PreviewedLoad& load : preview.loads) {
        loads.push_back(json::object{
            {"owner", text_or_null(load.owner)},
            {"accounts", load.accounts},
            {"before", load.before},
            {"after", load.after},
            {"extra", load.after - load.before},
        });
    }
    return loads;
}

json::value change_json(service::PreviewedRule::Change change) {
    switch (change) {
    case service::PreviewedRule::Change::added:
        return "added";
    case service::PreviewedRule::Change::changed:
        return "changed";
    case service::PreviewedRule::Change::none:
        break;
    }
    return nullptr;
}

json::value remark_json(const service::PreviewedRule& rule, std::int64_t accounts) {
    switch (service::remark_on(rule, accounts)) {
    case service::RuleRemark::never_judged:
        return "cannot be judged for any account";
    case service::RuleRemark::never_fires:
        return "never fires";
    case service::RuleRemark::gives_nothing:
        return "gives no points";
    case service::RuleRemark::idle:
        return "idle: the cap of its group swallows its points";
    case service::RuleRemark::always_fires:
        return "fires for every account";
    case service::RuleRemark::none:
        break;
    }
    return nullptr;
}

json::array rules_json(const service::RulesPreview& preview) {
    json::array rules;
    for (const service::PreviewedRule& rule : preview.rules) {
        json::array missing;
        for (const service::PreviewedRule::Missing& one : rule.missing) {
            missing.push_back(json::object{{"fact", one.fact}, {"accounts", one.accounts}});
        }
        json::array failures;
        for (const service::PreviewedRule::Failure& one : rule.failures) {
            failures.push_back(json::object{
                {"account", json::object{{"key", one.key}, {"name", one.name}}},
                {"error", one.error},
            });
        }
        rules.push_back(json::object{
            {"id", rule.id},
            {"change", change_json(rule.change)},
            {"judged", rule.use.judged},
            {"fired", rule.use.fired},
            {"effective", rule.use.effective},
            {"missing", std::move(missing)},
            {"failed", rule.use.failed},
            {"failures", std::move(failures)},
            {"remark", remark_json(rule, preview.accounts)},
        });
    }
    return rules;
}

} // namespace

Result<PreviewWish> begin_preview(const Call& call) {
    Arguments arguments{call.arguments};
    const std::map<std::string, std::string> files = arguments.text_map("files");
    const std::int64_t moves = arguments.integer("moves", 0, most_moves).value_or(usual_moves);
    if (const std::optional<Error> problem = arguments.problem()) {
        return *problem;
    }
    if (files.size() != 1) {
        return fail(ErrorCode::usage, "a preview is of one file of rules");
    }
    const auto& [name, text] = *files.begin();
    Result<std::unique_ptr<service::RulesPreviewJob>> job = call.service.preview({name, text});
    if (!job) {
        return job.error();
    }
    return PreviewWish{
        *std::move(job), static_cast<std::size_t>(moves), name, replaced_by(call, {name, text})};
}

Result<json::value> preview_answer(const PreviewWish& wish) {
    const Result<service::RulesPreview> found = wish.job->result(wish.moves);
    if (!found) {
        return found.error();
    }
    const service::RulesPreview& preview = *found;
    json::array matrix;
    for (const std::vector<std::int64_t>& row : preview.matrix) {
        matrix.push_back(counts_json(row));
    }
    return json::value(json::object{
        {"file", wish.file},
        {"replaces", text_or_null(wish.replaced)},
        {"accounts", preview.accounts},
        {"moving", preview.moving},
        {"levels_before", texts_json(preview.levels_before)},
        {"levels_after", texts_json(preview.levels_after)},
        {"matrix", std::move(matrix)},
        {"moves", moves_json(preview)},
        {"histogram",
         json::object{
             {"from", points_json(preview.histogram_from)},
             {"width", points_json(preview.histogram_width)},
             {"before", counts_json(preview.histogram_before)},
             {"after", counts_json(preview.histogram_after)},
         }},
        {"loads", loads_json(preview)},
        {"rules", rules_json(preview)},
        {"removed_rules", texts_json(preview.removed_rules)},
        {"facts_changed", preview.are_facts_changed},
        {"one_rule_evaluated", preview.is_one_rule_only},
    });
}

Result<json::value> preview_rules(const Call& call) {
    const Result<PreviewWish> wish = begin_preview(call);
    if (!wish) {
        return wish.error();
    }
    while (!wish->job->step(call.now)) {
    }
    return preview_answer(*wish);
}

} // namespace reviewd::control
