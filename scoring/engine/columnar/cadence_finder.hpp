#pragma once

#include "scoring/engine/columnar/program.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace reviewd::engine::columnar {

/// Finds for whole chunks of accounts which of RuleSet::cadences holds first, as
/// engine::cadence_for does for one.
class CadenceFinder {
public:
    /// @pre as compile()
    CadenceFinder(const rules::RuleSet& rules, const FactColumns& columns);

    /// By row of the chunk: the number of the cadence rule, counted from 1; 0: none holds.
    /// @pre range is one chunk or a part of it; the columns have not changed their form
    void find(const FactColumns& columns, RowRange range, std::vector<std::uint32_t>& cadences)
        const;

private:
    std::size_t count_ = 0;
    std::optional<Program> program_; ///< a group for each cadence rule; absent: there are none
};

} // namespace reviewd::engine::columnar
