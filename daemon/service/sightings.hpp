#pragma once

#include "daemon/store/occasions.hpp"
#include "scoring/engine/facts.hpp"
#include "scoring/rules/rule_set.hpp"

#include <bitset>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace reviewd::service {

/// Something that sets off a trigger, as the records show it on one day.
struct Sighting {
    std::size_t trigger = 0; ///< index in RuleSet::triggers
    std::string event;       ///< a row's key, a date; empty: a condition or score, which has none
    Date happened{};
    std::optional<Date> ahead; ///< `before:`: the date looked ahead to
    std::string detail;        ///< for people; may be empty
    bool is_ongoing = false;   ///< the row has an end, and it has not come: a ticket is open
};

/// Whether a trigger names facts.
[[nodiscard]] bool reads_facts(const rules::RuleSet& rules);

/// The tables whose rows set off triggers, and the interactions that answer them.
[[nodiscard]] std::bitset<rules::table_count> tables_of_triggers(const rules::RuleSet& rules);

/// All that sets off triggers by rows, dates and conditions. What has no judgement (a fact it needs
/// is missing) sets off nothing.
/// @param facts may be empty when no trigger reads facts
[[nodiscard]] std::vector<Sighting> find_sightings(
    const rules::RuleSet& rules,
    const engine::AccountRecords& records,
    const engine::FactRow& facts,
    Date as_of
);

/// The last day up to which the same sightings by rows follow from the same records, and the same
/// last contact. last_date: for ever.
[[nodiscard]] Date sightings_stand_until(
    const rules::RuleSet& rules, const engine::AccountRecords& records, Date as_of
);

/// A score trigger's sighting, when the score has moved from the mark far enough its way.
[[nodiscard]] std::optional<Sighting> find_score_move(
    const rules::Trigger& trigger,
    std::size_t index,
    rules::Points mark,
    rules::Points points,
    Date as_of
);

} // namespace reviewd::service
