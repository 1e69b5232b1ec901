#include "scoring/rules/equal_facts.hpp"

#include <algorithm>
#include <type_traits>

namespace reviewd::rules {
namespace {

bool are_equal(const std::optional<cel::Expression>& a, const std::optional<cel::Expression>& b) {
    return a.has_value() == b.has_value() && (!a || a->source() == b->source());
}

bool are_equal(const std::optional<cel::Value>& a, const std::optional<cel::Value>& b) {
    if (!a || !b) {
        return a.has_value() == b.has_value();
    }
    return a->data().index() == b->data().index() && cel::equals(*a, *b);
}

bool are_equal(const FactForm& a, const FactForm& b) {
    if (a.index() != b.index()) {
        return false;
    }
    return std::visit(
        [&](const auto& one) {
            using Form = std::decay_t<decltype(one)>;
            const auto& other = std::get<Form>(b);
            if constexpr (std::is_same_v<Form, ColumnFact>) {
                return one.column == other.column;
            } else if constexpr (std::is_same_v<Form, AggregateFact>) {
                return one.aggregate == other.aggregate && one.table == other.table
                       && one.column == other.column && are_equal(one.where, other.where)
                       && one.within == other.within;
            } else if constexpr (std::is_same_v<Form, AnswerFact>) {
                return one.question == other.question;
            } else if constexpr (std::is_same_v<Form, ExpressionFact>) {
                return one.expression.source() == other.expression.source();
            } else {
                return one == other;
            }
        },
        a
    );
}

bool is_equal_fact(const Fact& a, const Fact& b) {
    return a.name == b.name && a.type == b.type && are_equal(a.form, b.form)
           && are_equal(a.default_value, b.default_value) && a.expires == b.expires;
}

bool is_equal_column(const Column& a, const Column& b) {
    return a.name == b.name && a.type == b.type && a.role == b.role && a.is_custom == b.is_custom
           && a.is_timeless == b.is_timeless;
}

bool is_equal_table(const TableSchema& a, const TableSchema& b) {
    return std::equal(
        a.columns.begin(), a.columns.end(), b.columns.begin(), b.columns.end(), &is_equal_column
    );
}

/// As far as offers and replacements depend on it.
bool is_equal_product(const Product& a, const Product& b) {
    return a.key == b.key && a.lifetime == b.lifetime && are_equal(a.offer_when, b.offer_when);
}

} // namespace

bool have_equal_facts(const RuleSet& a, const RuleSet& b) {
    const auto& one = a.facts;
    const auto& other = b.facts;
    return one.evaluation_order == other.evaluation_order
           && std::equal(
               one.facts.begin(),
               one.facts.end(),
               other.facts.begin(),
               other.facts.end(),
               &is_equal_fact
           )
           && std::equal(
               a.products.begin(),
               a.products.end(),
               b.products.begin(),
               b.products.end(),
               &is_equal_product
           )
           && std::equal(
               a.schema.tables.begin(),
               a.schema.tables.end(),
               b.schema.tables.begin(),
               b.schema.tables.end(),
               &is_equal_table
           );
}

} // namespace reviewd::rules
