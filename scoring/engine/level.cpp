#include "scoring/base/assert.hpp"
#include "scoring/engine/score.hpp"

#include <algorithm>

namespace reviewd::engine {
namespace {

std::size_t lowest_level(const rules::RuleSet& rules) {
    REVIEWD_ASSERT(!rules.levels.empty());
    return rules.levels.size() - 1;
}

rules::Points margin_of(const rules::RuleSet& rules) {
    return rules.keep_level ? rules.keep_level->margin : 0;
}

const Period& shorter(const Period& a, const Period& b) {
    return approximate_days(b) < approximate_days(a) ? b : a;
}

const Period& longer(const Period& a, const Period& b) {
    return approximate_days(b) > approximate_days(a) ? b : a;
}

CadenceInForce refine(CadenceInForce base, const rules::CadenceRule& by) {
    const rules::Cadence& given = by.cadence;
    CadenceInForce cadence = std::move(base);
    cadence.name = by.name;
    cadence.not_before = given.not_before.value_or(cadence.not_before);
    cadence.review_every = given.review_every.value_or(cadence.review_every);
    cadence.at_latest = given.at_latest.value_or(cadence.at_latest);
    if (!given.review_every) {
        if (given.not_before) {
            cadence.review_every = longer(cadence.review_every, cadence.not_before);
        }
        if (given.at_latest) {
            cadence.review_every = shorter(cadence.review_every, cadence.at_latest);
        }
    }
    if (!given.not_before) {
        cadence.not_before = shorter(cadence.not_before, cadence.review_every);
    }
    if (!given.at_latest) {
        cadence.at_latest = longer(cadence.at_latest, cadence.review_every);
    }
    return cadence;
}

} // namespace

std::size_t level_of(const rules::RuleSet& rules, rules::Points points) {
    const std::size_t lowest = lowest_level(rules);
    for (std::size_t i = 0; i < lowest; ++i) {
        if (points >= rules.levels[i].from) {
            return i;
        }
    }
    return lowest;
}

LevelEdges edges_of(const rules::RuleSet& rules, std::size_t level) {
    REVIEWD_ASSERT(level < rules.levels.size());
    LevelEdges edges;
    if (level != lowest_level(rules)) {
        // At the very bottom of the scale nothing is lower: points there have fallen.
        const rules::Points edge = rules.levels[level].from - margin_of(rules);
        edges.falls_below = std::max(edge, rules.score.smallest + 1);
    }
    if (level != 0) {
        const rules::Points edge = rules.levels[level - 1].from + margin_of(rules);
        edges.rises_from = std::min(edge, rules.score.largest);
    }
    return edges;
}

HeldLevel decide_level(
    const rules::RuleSet& rules,
    const Score& score,
    const std::optional<HeldLevel>& held,
    Date today
) {
    if (!held) {
        return {score.level, today};
    }
    if (score.level == held->level) {
        return *held;
    }
    if (rules.keep_level && today < add(held->since, rules.keep_level->at_least)) {
        return *held;
    }
    const LevelEdges edges = edges_of(rules, held->level);
    const bool has_fallen = edges.falls_below && score.points < *edges.falls_below;
    const bool has_risen = edges.rises_from && score.points >= *edges.rises_from;
    if (score.is_judged && !has_fallen && !has_risen) {
        return *held;
    }
    return {score.level, today};
}

std::optional<KeptLevel> kept_level(
    const rules::RuleSet& rules, const Score& score, const HeldLevel& held, Date today
) {
    if (!rules.keep_level || score.level == held.level) {
        return std::nullopt;
    }
    // Within the margin no day ends it, be it of a level that is new.
    const bool is_within =
        decide_level(rules, score, HeldLevel{held.level}, today).level == held.level;
    if (is_within) {
        return KeptLevel{score.level, std::nullopt};
    }
    const Date until = add(held.since, rules.keep_level->at_least);
    return today < until ? std::optional{KeptLevel{score.level, until}} : std::nullopt;
}

CadenceInForce refined_cadence(
    const rules::RuleSet& rules, std::size_t level, std::optional<std::size_t> cadence_rule
) {
    const rules::Level& held = rules.levels.at(level);
    const rules::Cadence& given = held.cadence;
    REVIEWD_ASSERT(given.not_before && given.review_every && given.at_latest);
    CadenceInForce cadence{*given.not_before, *given.review_every, *given.at_latest, held.name};
    return cadence_rule ? refine(std::move(cadence), rules.cadences.at(*cadence_rule)) : cadence;
}

CadenceInForce cadence_for(const rules::RuleSet& rules, std::size_t level, const FactRow& facts) {
    for (std::size_t i = 0; i < rules.cadences.size(); ++i) {
        const cel::Value answer = cel::evaluate(rules.cadences[i].when, facts);
        const bool* holds = answer.get_if<bool>();
        if (holds != nullptr && *holds) {
            return refined_cadence(rules, level, i);
        }
    }
    return refined_cadence(rules, level, std::nullopt);
}

} // namespace reviewd::engine
