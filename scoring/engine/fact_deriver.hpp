#pragma once

#include "scoring/engine/catalogue.hpp"
#include "scoring/engine/facts.hpp"

namespace reviewd::engine {

/// Derives the facts of many accounts of one portfolio on one day; does once what is the same for
/// all of them. Safe to use from several threads at once.
class FactDeriver {
public:
    /// Both outlive this.
    FactDeriver(const rules::RuleSet& rules, const PortfolioContext& context);

    /// Computes every fact as of context.as_of from only what was known and had happened by then:
    /// rows recorded or happening later are not there, a later closing day is empty, a column has
    /// the value it had, and before the account was recorded only its `timeless` columns have one.
    ///
    /// A count or sum over a loaded table without rows is 0; over a table never loaded it is
    /// missing. latest, earliest of no row: missing. distinct of none: the empty list. A sum is
    /// missing when a row that counts has no amount. A row whose `where` cannot be judged
    /// (something it needs is missing, or it ends in an error) makes the fact missing where
    /// counting it could change the fact: taking it for "does not hold" would be reading what is
    /// missing as zero. An expression that ends unknown, null or in an error is missing. Last of
    /// all, `default_value` stands in for what is missing.
    ///
    /// @pre rules.facts.evaluation_order names every slot once; no `within` or `expires` in working
    /// days
    [[nodiscard]] FactRow derive(const AccountRecords& records) const;

private:
    [[nodiscard]] cel::Value value_of(
        std::uint32_t slot, const AccountRecords& records, const FactRow& so_far
    ) const;
    [[nodiscard]] std::optional<cel::Value> compute(
        const rules::Fact& fact, const AccountRecords& records, const FactRow& so_far
    ) const;
    [[nodiscard]] std::optional<cel::Value> built_in(
        rules::BuiltIn fact, const AccountRecords& records, const FactRow& so_far
    ) const;
    [[nodiscard]] std::optional<cel::Value> answer(
        const rules::Fact& fact, const std::string& question, const AccountRecords& records
    ) const;
    [[nodiscard]] std::optional<cel::Value> tenure_years(const AccountRecords& records) const;
    [[nodiscard]] std::optional<cel::Value> count_offers(
        const AccountRecords& records, const FactRow& so_far
    ) const;
    [[nodiscard]] std::optional<cel::Value> months_to_replacement(const AccountRecords& records
    ) const;
    [[nodiscard]] std::optional<Date> last_review(const AccountRecords& records) const;
    [[nodiscard]] std::optional<Date> last_contact(const AccountRecords& records) const;
    [[nodiscard]] std::optional<cel::Value> days_since(std::optional<Date> day) const;
    [[nodiscard]] bool is_loaded(rules::Table table) const;

    const rules::RuleSet& rules_;
    const PortfolioContext& context_;
    Catalogue catalogue_;
};

} // namespace reviewd::engine
