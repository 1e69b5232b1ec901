#pragma once

#include "scoring/engine/facts.hpp"

#include <random>
#include <string>

namespace reviewd::test {

/// Makes rule sets and accounts by chance, over facts of every type and every form that a column
/// takes. The same seed makes the same.
class RandomRules {
public:
    explicit RandomRules(unsigned seed);

    /// Facts, groups, levels and `rule_count` rules.
    [[nodiscard]] rules::RuleSet rule_set(std::size_t rule_count);
    [[nodiscard]] rules::Rule rule(const rules::RuleSet& rules);
    /// Values of all facts, extremes and missing ones among them.
    [[nodiscard]] engine::FactRow facts();

private:
    [[nodiscard]] int below(int bound);
    [[nodiscard]] bool chance(int percent) { return below(100) < percent; }
    [[nodiscard]] std::string pick(std::initializer_list<const char*> words);
    [[nodiscard]] std::string condition(int depth);
    [[nodiscard]] std::string leaf_condition(int depth);
    [[nodiscard]] std::string whole(int depth);
    [[nodiscard]] std::string real(int depth);
    [[nodiscard]] std::string number(int depth) { return chance(50) ? whole(depth) : real(depth); }
    [[nodiscard]] std::string date();
    [[nodiscard]] std::string text();
    [[nodiscard]] cel::Value value(std::size_t fact);

    std::mt19937 random_;
};

} // namespace reviewd::test
