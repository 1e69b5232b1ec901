#pragma once

#include "daemon/store/connection.hpp"
#include "scoring/base/id.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace reviewd::store {

/// Which owners' plans have to be looked at again. Touched in the same transaction as what gives
/// the reason, so that no crash forgets one. PersonId{} stands for accounts that nobody owns.
class OwnerPlans {
public:
    explicit OwnerPlans(Connection& connection) : connection_(connection) {}

    void touch(PersonId owner);
    void touch_owner_of(ReviewId review);
    /// Touches the owners of active accounts with an id above `after` that have no open review.
    /// @returns the last account looked at; none: all are done
    [[nodiscard]] AccountId touch_unplanned(AccountId after, int limit);
    /// Ascending.
    [[nodiscard]] std::vector<PersonId> touched(int limit);
    [[nodiscard]] bool has_touched();

    /// The plan of the owner is made, for these habits.
    void settle(PersonId owner, std::string_view habits);
    /// For which habits plans were made. Empty: never made.
    [[nodiscard]] std::map<PersonId, std::string> habits();
    [[nodiscard]] std::string habits_of(PersonId owner);

private:
    Connection& connection_;
};

} // namespace reviewd::store
