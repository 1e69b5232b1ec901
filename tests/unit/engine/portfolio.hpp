#pragma once

#include "scoring/engine/score.hpp"

#include <string>
#include <utility>
#include <vector>

namespace reviewd::test {

/// A rule set and one account, built by hand: facts and rules from source text, rows from names of
/// columns.
class Portfolio {
public:
    using Cells = std::vector<std::pair<std::string, cel::Value>>;

    /// As of 20 Nov 2026, all tables loaded, levels high (60), medium (35) and low, base 20.
    Portfolio();

    /// Adds a fact and returns its slot. Expressions may name the facts before it.
    std::uint32_t fact(const std::string& name, rules::FactType type, rules::FactForm form);
    /// The expression over the facts that are there so far; over a row of the table.
    [[nodiscard]] cel::Expression on_facts(const std::string& source) const;
    [[nodiscard]] cel::Expression on_row(rules::Table table, const std::string& source) const;
    /// An aggregate over a column; "" for none.
    [[nodiscard]] rules::AggregateFact over(
        rules::Aggregate aggregate, rules::Table table, const std::string& column = ""
    ) const;

    /// Adds a rule with constant points; an empty condition is none.
    rules::Rule& rule(const std::string& id, const std::string& when, double points);
    /// Adds a rule whose points are an expression.
    rules::Rule& rule_of(const std::string& id, const std::string& points);

    /// Sets columns of the account.
    void account(const Cells& cells);
    /// Adds a row, recorded on the first day there is; columns not named are null.
    engine::Record& row(rules::Table table, const Cells& cells);
    engine::Record& product_row(const Cells& cells);

    [[nodiscard]] engine::FactRow facts();
    /// The value of one fact.
    [[nodiscard]] cel::Value value(const std::string& name);

    rules::RuleSet rules;
    engine::AccountRecords records;
    engine::PortfolioContext context;

private:
    [[nodiscard]] engine::Record make(rules::Table table, const Cells& cells) const;
};

[[nodiscard]] Date day(const char* text);
[[nodiscard]] cel::Value date(const char* text);
[[nodiscard]] cel::Value text(const char* value);
[[nodiscard]] cel::Value number(double value);
[[nodiscard]] cel::Value integer(int value);
[[nodiscard]] cel::Value yes();

} // namespace reviewd::test
