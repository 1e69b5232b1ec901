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

    /// See derive_facts.
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
