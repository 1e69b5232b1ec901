#pragma once

#include "scoring/base/period.hpp"
#include "scoring/base/source_position.hpp"
#include "scoring/cel/expression.hpp"
#include "scoring/rules/table.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace reviewd::rules {

enum class FactType { boolean, integer, number, money, text, date, list };

/// `from: accounts.budget`
struct ColumnFact {
    std::size_t column = 0; ///< of accounts
};

enum class Aggregate { count, count_distinct, distinct, sum, latest, earliest };

/// `sum: purchases.amount`, `count: tickets` … over the account's rows of one table.
struct AggregateFact {
    Aggregate aggregate = Aggregate::count;
    Table table = Table::purchases;
    std::optional<std::size_t> column;    ///< absent for count
    std::optional<cel::Expression> where; ///< over row_environment(table)
    std::optional<Period> within; ///< only rows that happened after as_of - within, up to as_of
};

/// `latest_answer: satisfaction`, from the outcomes of reviews.
struct AnswerFact {
    std::string question;
};

/// `expression: …` over the other facts.
struct ExpressionFact {
    cel::Expression expression;
};

/// Facts that need no definition.
enum class BuiltIn {
    today,        ///< date: the day asked for
    tenure_years, ///< whole years since accounts.since, else since the first purchase
    offers,       ///< how many products not owned could be offered now (their `offer_when` holds)
    months_to_replacement, ///< number: months until the first owned product reaches its lifetime;
                           ///< infinity: none ages
    last_review_days,      ///< days since the last review was held; missing: never
    last_contact_days,     ///< days since the last interaction or review; missing: never
};

using FactForm = std::variant<ColumnFact, AggregateFact, AnswerFact, ExpressionFact, BuiltIn>;

struct Fact {
    std::string name;
    FactType type = FactType::number;
    FactForm form = BuiltIn::today;
    std::optional<cel::Value> default_value; ///< stands in when the fact is missing
    std::optional<Period> expires;           ///< an answer older than this is missing
    SourcePosition position;                 ///< where it is defined; empty for built-in facts
};

/// All facts; a fact's index is its slot in every expression over facts. Built-in facts come first,
/// `today` is slot 0.
struct FactSchema {
    std::vector<Fact> facts;
    /// Slots in an order in which each expression fact, and `offers`, comes after the facts it
    /// reads.
    std::vector<std::uint32_t> evaluation_order;

    [[nodiscard]] std::optional<std::uint32_t> slot_of(std::string_view name) const;
};

[[nodiscard]] std::string_view name(FactType type);
[[nodiscard]] std::string_view name(BuiltIn fact);
[[nodiscard]] cel::Type cel_type(FactType type);
/// The built-in facts, in slot order.
[[nodiscard]] std::vector<Fact> built_in_facts();
/// What a rule may name: the facts of the schema, by slot.
[[nodiscard]] cel::Environment fact_environment(const FactSchema& facts);

} // namespace reviewd::rules
