#pragma once

#include "daemon/service/context.hpp"
#include "daemon/store/overrides.hpp"
#include "daemon/store/scores.hpp"

#include <map>
#include <string>
#include <vector>

namespace reviewd::service {

/// A level that a person set and that rules do not have: the account goes by its score until rules
/// have the level again, or the day is over.
struct IdleOverride {
    store::Override override;
    std::string account_key, account_name;
};

/// Those of active accounts, not ended yet, whose level the rules do not have, in the order of the
/// accounts.
[[nodiscard]] std::vector<IdleOverride> find_idle_overrides(
    const Context& context, const rules::RuleSet& rules
);

/// Whether a person set the account's level to one that the rules have, so that its score moves
/// nothing.
[[nodiscard]] bool is_level_set(
    const std::map<AccountId, store::Override>& open, AccountId account, const rules::RuleSet& rules
);

/// Notes that the rules of the context came into force as that version, and whose level, set by a
/// person, they do not have.
void note_rules_in_force(Context& context, store::RulesVersionId version);

} // namespace reviewd::service
