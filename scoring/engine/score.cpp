// evaluate and explain share one walk over the rules, so that they cannot disagree; explain hands
// it an observer that writes the lines down.
#include "scoring/engine/score.hpp"

#include "scoring/base/assert.hpp"
#include "scoring/cel/lexer.hpp"
#include "scoring/engine/judge.hpp"

#include <boost/container/small_vector.hpp>

#include <algorithm>

namespace reviewd::engine {
namespace {

using Kind = LedgerLine::Kind;
using Verdict = LedgerLine::Verdict;

/// Group totals; most rule sets have a few groups, and those need no allocation.
using Totals = boost::container::small_vector<rules::Points, 16>;

/// What is too much, as the points that take it back.
rules::Points cap_correction(rules::Points total, rules::Points cap) {
    return std::clamp(total, -cap, cap) - total;
}

template <class Observer>
Score score(const rules::RuleSet& rules, const FactRow& facts, Observer&& observe) {
    REVIEWD_ASSERT(facts.size() >= rules.facts.facts.size() && !rules.levels.empty());
    rules::Points sum = rules.score.base;
    std::size_t judged = 0;
    Totals totals(rules.groups.size(), 0);
    for (std::size_t i = 0; i < rules.rules.size(); ++i) {
        const Judgement judgement = judge(rules.rules[i], facts);
        judged += judgement.verdict == Verdict::cannot_be_judged ? 0 : 1;
        sum += judgement.points;
        if (rules.rules[i].group) {
            totals[*rules.rules[i].group] += judgement.points;
        }
        observe.rule(i, judgement);
    }
    for (std::size_t i = 0; i < totals.size(); ++i) {
        const rules::Points correction = cap_correction(totals[i], rules.groups[i].cap);
        sum += correction;
        observe.correction(Kind::group_cap, i, correction);
    }
    const rules::Points points = std::clamp(sum, rules.score.smallest, rules.score.largest);
    observe.correction(Kind::clamp, 0, points - sum);
    Score result{points, level_of(rules, points), true};
    if (judged == 0 && !rules.rules.empty()) {
        result.is_judged = false;
        result.level = rules.levels.size() - 1;
    }
    return result;
}

struct Silent {
    void rule(std::size_t /*index*/, const Judgement& /*judgement*/) const {}
    void correction(Kind /*kind*/, std::size_t /*index*/, rules::Points /*points*/) const {}
};

/// Where the name stands as a word of its own in the source; the end of the source if nowhere.
std::size_t find_word(std::string_view source, std::string_view word) {
    for (std::size_t at = source.find(word); at != std::string_view::npos;
         at = source.find(word, at + 1)) {
        const std::size_t end = at + word.size();
        const bool begins = at == 0 || !cel::is_word_character(source[at - 1]);
        if (begins && (end == source.size() || !cel::is_word_character(source[end]))) {
            return at;
        }
    }
    return source.size();
}

void append_slots(
    std::vector<std::uint32_t>& slots,
    const cel::Expression& expression,
    const rules::RuleSet& rules
) {
    std::vector<std::pair<std::size_t, std::uint32_t>> places;
    for (const std::uint32_t slot : expression.slots()) {
        if (std::find(slots.begin(), slots.end(), slot) == slots.end()) {
            const std::string& name = rules.facts.facts[slot].name;
            places.emplace_back(find_word(expression.source(), name), slot);
        }
    }
    std::sort(places.begin(), places.end());
    for (const auto& place : places) {
        slots.push_back(place.second);
    }
}

class Writer {
public:
    Writer(const rules::RuleSet& rules, std::vector<LedgerLine>& lines)
        : rules_(rules), lines_(lines) {
        lines_.reserve(rules.rules.size() + rules.groups.size() + 2);
        LedgerLine base;
        base.kind = Kind::base;
        base.points = rules.score.base;
        lines_.push_back(std::move(base));
    }

    void rule(std::size_t index, const Judgement& judgement) {
        const rules::Rule& rule = rules_.rules[index];
        LedgerLine line;
        line.index = index;
        line.verdict = judgement.verdict;
        line.points = judgement.points;
        if (rule.when) {
            append_slots(line.facts, *rule.when, rules_);
        }
        if (const auto* points = std::get_if<cel::Expression>(&rule.points)) {
            append_slots(line.facts, *points, rules_);
        }
        if (const auto* unknown = judgement.obstacle.get_if<cel::Unknown>()) {
            line.missing = unknown->slots;
        } else if (const auto* error = judgement.obstacle.get_if<cel::EvaluationError>()) {
            line.error = error->message;
        }
        lines_.push_back(std::move(line));
    }

    void correction(Kind kind, std::size_t index, rules::Points points) {
        if (points != 0) {
            LedgerLine line;
            line.kind = kind;
            line.index = index;
            line.points = points;
            lines_.push_back(std::move(line));
        }
    }

private:
    const rules::RuleSet& rules_;
    std::vector<LedgerLine>& lines_;
};

} // namespace

Score evaluate(const rules::RuleSet& rules, const FactRow& facts) {
    return score(rules, facts, Silent{});
}

rules::Points points_with(
    const rules::RuleSet& rules, const Ledger& ledger, std::size_t rule, rules::Points points
) {
    rules::Points sum = rules.score.base + points;
    Totals totals(rules.groups.size(), 0);
    const auto add_to_group = [&](std::size_t index, rules::Points given) {
        if (const auto& group = rules.rules.at(index).group) {
            totals[*group] += given;
        }
    };
    add_to_group(rule, points);
    for (const LedgerLine& line : ledger.lines) {
        if (line.kind == Kind::rule) {
            sum += line.points;
            add_to_group(line.index, line.points);
        }
    }
    for (std::size_t i = 0; i < totals.size(); ++i) {
        sum += cap_correction(totals[i], rules.groups[i].cap);
    }
    return std::clamp(sum, rules.score.smallest, rules.score.largest);
}

Ledger explain(const rules::RuleSet& rules, const FactRow& facts) {
    Ledger ledger;
    ledger.score = score(rules, facts, Writer{rules, ledger.lines});
    return ledger;
}

} // namespace reviewd::engine
