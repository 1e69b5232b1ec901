#include "daemon/service/score_cause.hpp"

#include "scoring/base/text.hpp"
#include "scoring/engine/ledger_text.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <set>

namespace reviewd::service {
namespace {

namespace json = boost::json;

constexpr std::size_t fact_columns = 60;

std::set<std::uint32_t> slots_of(const rules::Rule& rule) {
    std::set<std::uint32_t> slots;
    if (rule.when) {
        slots.insert(rule.when->slots().begin(), rule.when->slots().end());
    }
    if (const auto* points = std::get_if<cel::Expression>(&rule.points)) {
        slots.insert(points->slots().begin(), points->slots().end());
    }
    return slots;
}

json::object parsed(std::string_view text) {
    boost::system::error_code error;
    json::value value = json::parse(text, error);
    return error || !value.is_object() ? json::object{} : std::move(value.get_object());
}

json::object part(const json::object& object, std::string_view name) {
    const json::value* const value = object.if_contains(name);
    return value != nullptr && value->is_object() ? value->get_object() : json::object{};
}

json::value points_of(const json::object& rules, std::string_view id) {
    const json::value* const value = rules.if_contains(id);
    if (value == nullptr || !value->is_int64()) {
        return nullptr;
    }
    const std::int64_t points = value->get_int64();
    if (points % rules::points_scale == 0) {
        return points / rules::points_scale;
    }
    return static_cast<double>(points) / static_cast<double>(rules::points_scale);
}

json::value text_of(const json::object& facts, std::string_view name) {
    const json::value* const value = facts.if_contains(name);
    return value == nullptr ? json::value(nullptr) : *value;
}

/// Base, caps and limit. Scores of an earlier release do not say what these were.
json::array changed_others(const json::object& was, const json::object& is) {
    if (!was.contains("others") || !is.contains("others")) {
        return {};
    }
    const json::object before = part(was, "others");
    const json::object after = part(is, "others");
    std::set<std::string> names;
    for (const json::object* side : {&before, &after}) {
        for (const auto& [name, points] : *side) {
            names.insert(name);
        }
    }
    json::array changed;
    for (const std::string& name : names) {
        const json::value from = points_of(before, name);
        const json::value to = points_of(after, name);
        if (from != to) {
            changed.push_back(json::object{{"line", name}, {"from", from}, {"to", to}});
        }
    }
    return changed;
}

} // namespace

std::string made_of(
    const rules::RuleSet& rules, const engine::FactRow& facts, const Currency& currency
) {
    json::object fired;
    json::object others;
    std::set<std::uint32_t> slots;
    for (const engine::LedgerLine& line : engine::explain(rules, facts).lines) {
        if (line.kind != engine::LedgerLine::Kind::rule) {
            others[engine::name_of(rules, line)] = line.points;
            continue;
        }
        slots.insert(line.facts.begin(), line.facts.end());
        if (line.verdict == engine::LedgerLine::Verdict::fired) {
            fired[rules.rules.at(line.index).id] = line.points;
        }
    }
    json::object values;
    for (const std::uint32_t slot : slots) {
        const rules::Fact& fact = rules.facts.facts.at(slot);
        if (fact.name != "today") {
            // What cannot be computed is as little known; columns do not tell them apart.
            values[fact.name] =
                facts.at(slot).is_plain() ? cut_to_width(
                    engine::describe_fact(fact, facts.at(slot), currency), fact_columns
                )
                                          : "missing";
        }
    }
    return json::serialize(json::object{
        {"rules", std::move(fired)},
        {"others", std::move(others)},
        {"facts", std::move(values)},
    });
}

std::string describe_change(
    const rules::RuleSet& rules, std::string_view before, std::string_view after
) {
    if (before.empty()) {
        return {};
    }
    const json::object was = parsed(before);
    const json::object is = parsed(after);
    const json::object rules_before = part(was, "rules");
    const json::object rules_after = part(is, "rules");
    json::array changed_rules;
    std::set<std::uint32_t> slots;
    for (const rules::Rule& rule : rules.rules) {
        const json::value from = points_of(rules_before, rule.id);
        const json::value to = points_of(rules_after, rule.id);
        if (from != to) {
            changed_rules.push_back(json::object{{"rule", rule.id}, {"from", from}, {"to", to}});
            const std::set<std::uint32_t> read = slots_of(rule);
            slots.insert(read.begin(), read.end());
        }
    }
    for (const auto& [id, points] : rules_before) {
        const bool is_gone = std::none_of(
            rules.rules.begin(),
            rules.rules.end(),
            [&id = id](const rules::Rule& rule) { return rule.id == id; }
        );
        if (is_gone) {
            changed_rules.push_back(json::object{
                {"rule", id}, {"from", points_of(rules_before, id)}, {"to", nullptr}});
        }
    }
    const json::object facts_before = part(was, "facts");
    const json::object facts_after = part(is, "facts");
    json::array changed_facts;
    for (const std::uint32_t slot : slots) {
        const std::string& name = rules.facts.facts.at(slot).name;
        const json::value from = text_of(facts_before, name);
        const json::value to = text_of(facts_after, name);
        if (from != to && !from.is_null()) {
            changed_facts.push_back(json::object{{"fact", name}, {"from", from}, {"to", to}});
        }
    }
    return json::serialize(json::object{
        {"rules", std::move(changed_rules)},
        {"others", changed_others(was, is)},
        {"facts", std::move(changed_facts)},
    });
}

} // namespace reviewd::service
