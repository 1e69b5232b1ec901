#include "scoring/engine/missing_facts.hpp"

#include "scoring/rules/evaluation_order.hpp"

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
        std::vector<std::uint32_t> below = rules::slots_read_by(form, rules_.products);
        std::erase_if(below, [&](std::uint32_t slot) { return !facts_.at(slot).is_unknown(); });
        return below;
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
