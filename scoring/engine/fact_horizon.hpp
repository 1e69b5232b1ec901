#pragma once

#include "scoring/engine/facts.hpp"

#include <cstdint>
#include <vector>

namespace reviewd::engine {

/// Slots of all facts that rules, cadences and triggers read, and of those that these are made of;
/// sorted, each once.
[[nodiscard]] std::vector<std::uint32_t> slots_in_use(const rules::RuleSet& rules);

/// Says how long facts stay as they are when nothing but the day changes. Safe to use from several
/// threads at once.
class FactHorizon {
public:
    /// @param slots of the facts that matter; with each the ones that it is made of
    /// @param as_of the day on which facts are derived
    FactHorizon(const rules::RuleSet& rules, std::vector<std::uint32_t> slots, Date as_of);

    /// The last day up to which these facts of an account keep the values they have on `as_of`, as
    /// long as its records do; `as_of` itself where a fact counts days. Never too late a day,
    /// perhaps too early a one. last_date: for ever.
    [[nodiscard]] Date stands_until(const AccountRecords& records) const;

private:
    void look_at(const rules::Fact& fact, const AccountRecords& records, Date& last) const;
    void look_at_column(const rules::ColumnFact& fact, const AccountRecords& records, Date& last)
        const;
    void look_at_answers(
        const rules::AnswerFact& fact,
        const std::optional<Period>& expires,
        const AccountRecords& records,
        Date& last
    ) const;
    void look_at_rows(const rules::AggregateFact& fact, const AccountRecords& records, Date& last)
        const;
    void look_at_built_in(rules::BuiltIn fact, const AccountRecords& records, Date& last) const;
    void changes_on(Date day, Date& last) const;
    void leaves(Date day, const Period& after, Date& last) const;

    const rules::RuleSet& rules_;
    std::vector<std::uint32_t> slots_;
    Date as_of_;
};

/// The last day up to which the same of these rows are there, and with the same end. last_date: for
/// ever.
[[nodiscard]] Date rows_stand_until(
    const rules::TableSchema& schema, const std::vector<Record>& rows, Date as_of
);

} // namespace reviewd::engine
