#include "daemon/message/reasons.hpp"

#include "daemon/message/mustache.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

namespace reviewd::message {
namespace {

using engine::LedgerLine;

/// The facts' values by name, of those that may stand in one of the texts; a missing one is absent,
/// so that `{{^budget}}` can speak of it.
Value values_of(
    const std::vector<std::string>& texts,
    const rules::FactSchema& schema,
    const engine::FactRow& facts,
    const Currency& currency,
    const Habits& habits
) {
    Value values;
    for (std::size_t slot = 0; slot < schema.facts.size() && slot < facts.size(); ++slot) {
        const rules::Fact& fact = schema.facts[slot];
        const bool* answer = facts[slot].get_if<bool>();
        if (facts[slot].is_unknown() || (answer != nullptr && !*answer)) {
            continue;
        }
        const bool is_named = std::any_of(texts.begin(), texts.end(), [&](const std::string& text) {
            return text.find(fact.name) != std::string::npos;
        });
        if (!is_named) {
            continue;
        }
        values.set(fact.name, shown(show_fact(fact, facts[slot], currency, habits)));
    }
    return values;
}

std::string without_words(
    const rules::RuleSet& rules,
    const LedgerLine& line,
    const engine::FactRow& facts,
    const Currency& currency,
    const Habits& habits
) {
    std::string text = rules.rules.at(line.index).id;
    std::replace(text.begin(), text.end(), '-', ' ');
    std::string separator = ": ";
    for (const std::uint32_t slot : line.facts) {
        const rules::Fact& fact = rules.facts.facts.at(slot);
        const std::string value = show_fact(fact, facts.at(slot), currency, habits);
        text += fmt::format("{}{} {}", separator, fact.name, value);
        separator = ", ";
    }
    return text;
}

std::vector<const LedgerLine*> heaviest(const engine::Ledger& ledger, std::size_t limit) {
    std::vector<const LedgerLine*> lines;
    for (const LedgerLine& line : ledger.lines) {
        if (line.kind == LedgerLine::Kind::rule && line.points != 0) {
            lines.push_back(&line);
        }
    }
    std::stable_sort(lines.begin(), lines.end(), [](const LedgerLine* a, const LedgerLine* b) {
        return std::abs(a->points) > std::abs(b->points);
    });
    lines.resize(std::min(lines.size(), limit));
    return lines;
}

} // namespace

Reasons reasons_of(
    const rules::RuleSet& rules,
    const engine::FactRow& facts,
    const engine::Ledger& ledger,
    const Currency& currency,
    const Habits& habits,
    std::size_t limit
) {
    Reasons reasons;
    const std::vector<const LedgerLine*> lines = heaviest(ledger, limit);
    std::vector<std::string> texts;
    for (const LedgerLine* line : lines) {
        texts.push_back(text_in(rules.rules.at(line->index).because, habits.language));
    }
    const Value values = values_of(texts, rules.facts, facts, currency, habits);
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const LedgerLine* const line = lines[i];
        const rules::Rule& rule = rules.rules.at(line->index);
        const Result<std::string> text = fill(texts[i], values, Escaping::text);
        if (!text) {
            reasons.problems.push_back(
                fmt::format("because of rule {}: {}", rule.id, text.error().message)
            );
        }
        if (text && !text->empty()) {
            reasons.lines.push_back({line->points, *text});
        } else {
            reasons.lines.push_back(
                {line->points, without_words(rules, *line, facts, currency, habits)}
            );
        }
    }
    return reasons;
}

} // namespace reviewd::message
