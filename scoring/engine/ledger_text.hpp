#pragma once

#include "scoring/base/diagnostic.hpp"
#include "scoring/engine/score.hpp"

#include <optional>
#include <string>
#include <vector>

namespace reviewd::engine {

/// What a ledger's text says beside the ledger itself.
struct LedgerHeading {
    std::string account;       ///< the account's name; any text, shown escaped
    std::size_t level = 0;     ///< the level in force, an index in RuleSet::levels
    std::optional<Date> since; ///< since when; absent: not shown
    std::string rules_version; ///< "v14"; empty: not shown
    Date as_of{};
    Currency currency;                ///< of money facts
    bool is_level_set = false;        ///< by a person: the edges of the level do not count
    std::vector<std::string> remarks; ///< lines below the heading; any text, shown escaped
    std::vector<std::string> asked;   ///< ids of the agenda's questions
    Colour colour = Colour::off;
};

/// The ledger as `reviewctl score --explain` prints it: heading, what adds up, the sum, what did
/// not fire or could not be judged, the edges of the level and the cadence. Columns are aligned by
/// their width on a terminal. Ends with a line feed.
[[nodiscard]] std::string render_ledger(
    const rules::RuleSet& rules,
    const FactRow& facts,
    const Ledger& ledger,
    const LedgerHeading& heading
);

/// What a line is called: a rule's id, "base", "relationship cap", "limit".
[[nodiscard]] std::string name_of(const rules::RuleSet& rules, const LedgerLine& line);

/// "+45", "-12.5", "+0".
[[nodiscard]] std::string signed_points(rules::Points points);
/// "73", "-2.25".
[[nodiscard]] std::string plain_points(rules::Points points);

/// "monthly", "weekly", "yearly", "every 6 weeks".
[[nodiscard]] std::string frequency(const Period& period);

/// "3 Oct 2026".
[[nodiscard]] std::string full_date(Date date);

/// "3 Oct", or "3 Oct 2025" when it is not the year of `today`.
[[nodiscard]] std::string short_date(Date date, Date today);

} // namespace reviewd::engine
