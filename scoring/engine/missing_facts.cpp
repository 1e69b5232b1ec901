#include "scoring/engine/missing_facts.hpp"

#include <algorithm>

namespace reviewd::engine {
namespace {

/// Follows computed facts down to those that are not.
class RootFinder {
public:
    RootFinder(const rules::RuleSet& rules, const FactRow& facts)
        : rules_(rules), facts_(facts), is_seen_(facts.size(), false) {}

    void follow(std::uint32_t slot) {
        if (is_seen_.at(slot)) {
            return;
        }
        is_seen_[slot] = true;
        const std::vector<std::uint32_t> below = missing_below(rules_.facts.facts[slot].form);
        std::for_each(below.begin(), below.end(), [&](std::uint32_t each) { follow(each); });
        if (below.empty()) {
            roots.push_back(slot);
        }
    }

    std::vector<std::uint32_t> roots;

private:
    [[nodiscard]] std::vector<std::uint32_t> missing_below(const rules::FactForm& form) const {
        std::vector<std::uint32_t> below;
        if (const auto* expression = std::get_if<rules::ExpressionFact>(&form)) {
            add_missing(below, expression->expression);
        }
        const auto* built_in = std::get_if<rules::BuiltIn>(&form);
        if (built_in != nullptr && *built_in == rules::BuiltIn::offers) {
            for (const rules::Product& product : rules_.products) {
                if (product.offer_when) {
                    add_missing(below, *product.offer_when);
                }
            }
        }
        return below;
    }

    void add_missing(std::vector<std::uint32_t>& below, const cel::Expression& expression) const {
        const auto& slots = expression.slots();
        std::copy_if(
            slots.begin(),
            slots.end(),
            std::back_inserter(below),
            [&](std::uint32_t slot) { return facts_.at(slot).is_unknown(); }
        );
    }

    const rules::RuleSet& rules_;
    const FactRow& facts_;
    std::vector<bool> is_seen_;
};

} // namespace

std::vector<std::uint32_t> missing_roots(
    const rules::RuleSet& rules, const FactRow& facts, std::span<const std::uint32_t> missing
) {
    RootFinder finder{rules, facts};
    for (const std::uint32_t slot : missing) {
        finder.follow(slot);
    }
    return std::move(finder.roots);
}

bool would_change_level(const rules::RuleSet& rules, const Ledger& ledger, const LedgerLine& line) {
    const auto* points = std::get_if<rules::Points>(&rules.rules.at(line.index).points);
    return points == nullptr
           || level_of(rules, points_with(rules, ledger, line.index, *points))
                  != ledger.score.level;
}

} // namespace reviewd::engine
