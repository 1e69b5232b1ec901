#pragma once

#include "daemon/store/connection.hpp"
#include "daemon/store/scores.hpp"

#include <cstdint>
#include <map>
#include <vector>

namespace reviewd::store {

struct OwnedLevelChange {
    ScoreChange change;
    PersonId owner; ///< of the account now
};

/// What managers ask about their people, counted.
class TeamNumbers {
public:
    explicit TeamNumbers(Connection& connection) : connection_(connection) {}

    /// Reviews held from `first` to `last`, by the owner they had; owners without any are absent.
    [[nodiscard]] std::map<PersonId, std::int64_t> held(Date first, Date last);
    /// Levels that changed from `first` to `last` (first scores do not count), newest first.
    [[nodiscard]] std::vector<OwnedLevelChange> level_changes(Date first, Date last, int limit);

private:
    Connection& connection_;
};

} // namespace reviewd::store
