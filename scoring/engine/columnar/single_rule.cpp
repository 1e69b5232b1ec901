#include "scoring/engine/columnar/single_rule.hpp"

#include <utility>

namespace reviewd::engine::columnar {

rules::RuleSet alone(const rules::RuleSet& rules, rules::Rule rule) {
    rules::RuleSet one;
    one.facts = rules.facts;
    one.groups = rules.groups;
    one.score = rules.score;
    one.levels = rules.levels;
    one.rules.push_back(std::move(rule));
    return one;
}

} // namespace reviewd::engine::columnar
