#include "daemon/message/reasons.hpp"

#include "daemon/message/mustache.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
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
        if (!facts[slot].is_plain() || (answer != nullptr && !*answer)) {
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

struct Lines {
    std::vector<const LedgerLine*> told; ///< the heaviest rules, most points first
    std::vector<const LedgerLine*> rest; ///< all else that moved the score
};

Lines lines_of(const engine::Ledger& ledger, std::size_t limit) {
    Lines lines;
    for (const LedgerLine& line : ledger.lines) {
        if (line.kind != LedgerLine::Kind::base && line.points != 0) {
            (line.kind == LedgerLine::Kind::rule ? lines.told : lines.rest).push_back(&line);
        }
    }
    std::stable_sort(
        lines.told.begin(),
        lines.told.end(),
        [](const LedgerLine* a, const LedgerLine* b) {
            return std::abs(a->points) > std::abs(b->points);
        }
    );
    // One more takes no more room than its sum would.
    const bool has_room = lines.rest.empty() && lines.told.size() == limit + 1;
    if (lines.told.size() > limit && !has_room) {
        const auto first = lines.told.begin() + static_cast<std::ptrdiff_t>(limit);
        lines.rest.insert(lines.rest.begin(), first, lines.told.end());
        lines.told.erase(first, lines.told.end());
    }
    return lines;
}

/// What is left out, in one line: readers are to see that the lines add up to the score.
Reason sum_of(const std::vector<const LedgerLine*>& rest, const Habits& habits) {
    Reason sum;
    for (const LedgerLine* line : rest) {
        sum.points += line->points;
    }
    const bool is_bengali = habits.language == "bn";
    if (std::none_of(rest.begin(), rest.end(), [](const LedgerLine* line) {
            return line->kind == LedgerLine::Kind::rule;
        })) {
        sum.text = is_bengali ? "সীমার মধ্যে রাখা হয়েছে" : "kept within the limits";
        return sum;
    }
    const std::string count = show_count(static_cast<std::int64_t>(rest.size()), habits);
    sum.text = fmt::format(fmt::runtime(is_bengali ? "আরও {}টি লাইনে" : "in {} more lines"), count);
    return sum;
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
    const auto [lines, rest] = lines_of(ledger, limit);
    std::vector<std::string> texts;
    texts.reserve(lines.size());
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
    if (!rest.empty()) {
        reasons.lines.push_back(sum_of(rest, habits));
    }
    return reasons;
}

} // namespace reviewd::message
